"""Conditions: grammar, syntax tree, names and types."""
