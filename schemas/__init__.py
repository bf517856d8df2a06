"""The shapes of input and output: facts, incidents, answers, problems and the authors' files.

No module here imports Flask, the rule language or an engine.
"""
