"""A judgement as the JSON of the contract."""
