"""Packs that serve: loaded from disk, proven, kept as good versions, watched and swapped. It knows no HTTP."""
