"""From a checked pack and an incident's facts to an assessment. No Flask, no files, no clock."""
