"""Fault campaigns: the service gets random broken requests and packs, and its behaviour is checked."""
