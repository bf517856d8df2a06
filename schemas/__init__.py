"""The shapes of what goes in and out: facts, incidents, answers, problems and the authors' files.

Nothing here knows Flask, the rule language or an engine.
"""
