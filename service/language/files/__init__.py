"""A pack's files as data in which each value has its place."""
