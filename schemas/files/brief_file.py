"""The form of `brief` in pack.yaml, as a marshmallow schema: keys and types. `service.language` checks the meaning."""

from __future__ import annotations

from marshmallow import fields

from schemas.files.form import FileSchema


class BriefEntry(FileSchema):
    """`calm` lists facts that must be known and conditions that must be true, before a value below the scale is taken."""

    calm = fields.List(fields.Raw())
