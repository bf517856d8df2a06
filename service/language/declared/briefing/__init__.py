"""The brief: how it is read from pack.yaml, and how long its page can become."""
