"""The worker and the log that gunicorn uses."""
