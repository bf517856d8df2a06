"""Why a judgement came out so, and what could change it: unknown facts, near misses, the explanation."""
