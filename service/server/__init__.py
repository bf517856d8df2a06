"""What gunicorn is given: its sockets, worker, log and heartbeat. It imports no other part of Tocsin."""
