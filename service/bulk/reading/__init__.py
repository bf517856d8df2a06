"""The inputs of a run: files found, decompressed, and cut into blocks of lines."""
