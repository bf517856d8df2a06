"""Judges an incident: runs the matchers, combines outputs, and decides which actions are allowed, blocked or held."""
