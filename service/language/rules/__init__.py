"""Rules and tables: conditions and what follows from them."""
