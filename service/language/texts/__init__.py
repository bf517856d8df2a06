"""Texts: what they fill in, the languages they are written in, the words of reports."""
