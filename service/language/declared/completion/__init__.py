"""Reads `done_when` and `again_when` of actions. They name outputs, so they are read after the outputs."""
