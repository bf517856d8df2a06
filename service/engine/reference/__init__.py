"""The reference matcher: three-valued, in Python. It must not import rete."""
