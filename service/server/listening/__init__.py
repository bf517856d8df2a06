"""Where the server listens: the addresses of TOCSIN_BIND, and their sockets."""
