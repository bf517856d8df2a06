"""Bulk work without an engine: what makes its answers the same in every process."""
