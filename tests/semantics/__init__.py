"""The promises of the semantics, checked by enumeration, brute force and random packs."""
