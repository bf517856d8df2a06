"""Many incidents in one request: the view, and the limit of lines."""
