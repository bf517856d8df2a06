"""The condition language against two CEL implementations that know nothing of ours."""
