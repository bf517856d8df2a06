"""What gunicorn is given: the worker and its log."""
