"""What a pack says about its facts beyond their types: where they apply."""
