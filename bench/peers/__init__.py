"""Other engines, each with a translator from plain conditions to its own language. Only these modules import the peers."""
