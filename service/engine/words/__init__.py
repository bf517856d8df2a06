"""A pack's texts in one language or in all of them, filled in. It judges nothing."""
