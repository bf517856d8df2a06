"""Scenes: one kind of fault each, on a real server that answers requests all the time while a worker is killed."""
