"""The shape of an author's files. `schemas.file_fields` has the fields."""
