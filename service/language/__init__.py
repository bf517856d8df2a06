"""Reads an author's files into a checked pack: YAML with places, conditions, types, strata. It must not evaluate rules."""
