"""The forms of the output: JSON lines, CSV and Parquet; and the columns of a table, made from the packs."""
