"""Random packs and incidents by the million: rete, the reference evaluator and the oracles must say the same."""
