"""Checks the condition language against two independent CEL implementations."""
