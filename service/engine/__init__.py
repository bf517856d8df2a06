"""Computes an assessment from a checked pack and an incident's facts.

It must not import Flask, read files or read the clock.
"""
