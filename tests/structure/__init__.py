"""Measures how the code is laid out: folders and their imports, functions, closed sets, the way of one value."""
