"""Texts: their placeholders, their languages, and the texts of reports."""
