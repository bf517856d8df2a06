"""Bulk work on more than one machine: a pure function over incidents, and thin adapters for the engines that call it.

Only `record_batches` imports pyarrow, only `on_dask` Dask, only `on_spark` Spark. No module here may read the clock.
"""
