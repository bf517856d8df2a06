"""What is done with a block, in processes that may die, and the order of what they give back."""
