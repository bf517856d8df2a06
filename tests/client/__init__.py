"""The Python client of `client/` against the real server."""
