"""Packs generated from the schemas of pack files: whatever loads must answer every incident."""
