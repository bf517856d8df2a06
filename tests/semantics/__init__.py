"""What the semantics promise, held by enumeration, brute force and random packs."""
