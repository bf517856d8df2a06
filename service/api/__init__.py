"""The HTTP interface: one blueprint per resource. Errors, ids, the clock and logs are handled here, not in lower layers."""
