"""The texts of a pack, in one language or in all of them, with the values of an incident filled in."""
