"""Lists of alternatives with `when`: the first whose condition is true holds."""
