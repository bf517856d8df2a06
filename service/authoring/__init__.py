"""What rule authors run: checking a pack and testing its cases, and how problems are shown. No Flask."""
