"""The reasons for a judgement, and the facts that could change it: unknown facts, near misses, the explanation."""
