"""An assessment as a report in Markdown that people read."""
