"""The plan in reserve: the smallest changes that make one output worse or better, and where growth leads."""
