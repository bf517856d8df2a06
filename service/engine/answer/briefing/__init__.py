"""The brief of an answer: its lines, each with the facts, rules and actions it comes from, and what gives way."""
