"""The parts of a request that arrives: where its head ends, what its head must say, and where its body ends."""
