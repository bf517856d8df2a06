"""From an author's files to a checked pack: YAML with positions, conditions, types, strata. No matching here."""
