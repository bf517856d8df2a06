"""The plan: which actions, by when, and what is unsure about it."""
