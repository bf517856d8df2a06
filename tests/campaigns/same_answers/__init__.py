"""The answers of this working tree compared, byte for byte, with those of an earlier commit."""
