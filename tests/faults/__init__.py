"""Fault campaigns: what the service does with requests and packs that nobody would send on purpose."""
