"""All that a caller asks as one value, and the id of an answer, which is computed from it. It must not read or check what is asked."""
