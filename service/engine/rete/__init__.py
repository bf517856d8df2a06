"""The rete matcher: durable_rules in its safe box. It must not import the reference."""
