"""Makes the answer, which is JSON, from a judgement."""
