"""The form of a calendar, `calendars/<name>.yaml`, as a marshmallow schema. `service.language` checks the meaning."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length

from schemas.file_fields import PlainText, Whole
from schemas.files.form import FileSchema, names_of

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarFile(FileSchema):
    """`years` is written `2026..2027`. All days are dates such as 2026-10-01."""

    calendar = PlainText(required=True)
    source = PlainText()
    zone = PlainText(required=True)
    years = PlainText(required=True)
    tentative = fields.List(Whole())
    weekend = names_of(required=True, validate=Length(max=6, error="leaves no day for work"))
    holidays = names_of(required=True)
    working = names_of()
    no_trading = names_of()
    trading = names_of()
