"""Millions of random packs and incidents: rete, the reference evaluator and the oracles must agree."""
