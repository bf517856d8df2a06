"""Parquet as its readers find it. `make parquet` makes their environment; the other tests do not run these."""
