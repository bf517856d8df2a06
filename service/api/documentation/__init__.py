"""The OpenAPI document, and the page to read and try the API."""
