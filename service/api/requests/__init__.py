"""What a request says beside its body: which form of the answer it accepts, and how its incidents are to be assessed."""
