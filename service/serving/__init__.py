"""Loads packs from disk, proves them, keeps their good versions, and swaps them while they serve.

It must not import Flask.
"""
