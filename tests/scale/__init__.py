"""Bulk work on the real engines, in the environment of `make scale`: a Dask cluster of two processes, and a local Spark."""
