"""An assessment as a report in Markdown for people."""
