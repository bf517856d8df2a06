"""Reads an author's files into a checked pack.

It reads YAML and keeps the line and column of each value, parses conditions, checks types, and orders rules in strata.
It must not evaluate rules.
"""
