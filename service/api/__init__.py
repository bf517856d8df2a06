"""The HTTP edge: one blueprint per resource. Errors, ids, the clock and logs are here and nowhere below."""
