"""Clients of the API as others make them: generated from the OpenAPI document, compiled, and used with the real server."""
