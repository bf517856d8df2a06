"""Reads `done` of a request: the actions that were carried out, each with the moment when that was. Nothing in it is passed over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.closest import did_you_mean
from schemas.components import Components
from schemas.field_error import MAX_ERRORS, FieldError, shortened
from schemas.moment_hints import moment_hint
from schemas.scalars import MOMENT, parse_datetime
from schemas.strict_json import Json

CLOCKS_DIFFER = timedelta(minutes=1)
"""A moment of the past may be so much later than the present one: the clocks of two machines differ."""
KEYS = ("code", "at")
MOST = 1024
"""The most entries, unless the pack has nearly as many actions itself."""


@dataclass(frozen=True, slots=True)
class CarriedOutReader:
    """`codes` are the actions of the pack, `forbidden` those of them that must never be carried out."""

    codes: Collection[str]
    forbidden: Collection[str]

    @property
    def most(self) -> int:
        return max(MOST, 2 * len(self.codes))

    def load(
        self, raw: Any, as_of: datetime | None
    ) -> tuple[dict[str, datetime], list[FieldError]]:
        """The last moment for each code, in UTC, and all mistakes. `as_of` is the moment of the assessment, if that is known."""
        if raw is None:
            return {}, []
        if not isinstance(raw, list) or len(raw) > self.most:
            return {}, [_error("done", raw, f"a list of at most {self.most} entries")]
        reading = _DoneReading(self, as_of, {}, [])
        for position, entry in enumerate(raw):
            if len(reading.errors) < MAX_ERRORS:  # finding hints takes time
                reading.entry(entry, f"done[{position}]")
        return reading.found, reading.errors[:MAX_ERRORS]

    def json_schema(self, pack: str, components: Components) -> Json:
        """For the OpenAPI document. A forbidden action is not in it."""
        allowed = [one for one in self.codes if one not in self.forbidden]
        code = components.enum(pack, tuple(allowed), "done") if allowed else {"not": {}}
        return {
            "type": "array",
            "maxItems": self.most,
            "items": {
                "type": "object",
                "required": list(KEYS),
                "additionalProperties": False,
                "properties": {"code": code, "at": {"type": "string", "format": "date-time"}},
            },
        }


@dataclass(frozen=True, slots=True)
class _DoneReading:
    reader: CarriedOutReader
    as_of: datetime | None
    found: dict[str, datetime]
    errors: list[FieldError]

    def entry(self, raw: Any, where: str) -> None:
        if not isinstance(raw, Mapping):
            self.errors.append(_error(where, raw, "an object with code and at"))
            return
        before = len(self.errors)
        for key in raw:
            if key not in KEYS:
                self._unknown_key(key, raw[key], where)
        code = self._code(raw, where)
        moment = self._moment(raw, where)
        if code is not None and moment is not None and len(self.errors) == before:
            self.found[code] = max(moment, self.found.get(code, moment))

    def _unknown_key(self, key: str, value: Any, where: str) -> None:
        message, allowed = "is not a key of an entry of done", "one of " + ", ".join(KEYS)
        path, hint = f"{where}.{key}"[:120], did_you_mean(key, KEYS)
        self.errors.append(
            FieldError(path, "unknown-key", message, shortened(value), allowed, hint)
        )

    def _code(self, raw: Mapping[str, Any], where: str) -> str | None:
        if "code" not in raw:
            self._missing(f"{where}.code", "the code of an action")
            return None
        code, at = raw["code"], f"{where}.code"
        if not isinstance(code, str):
            self.errors.append(_error(at, code, "the code of an action"))
        elif code not in self.reader.codes:
            hint, allowed = did_you_mean(code, self.reader.codes), "the code of an action"
            message = "is not an action of this pack"
            self.errors.append(
                FieldError(at, "not-allowed", message, shortened(code), allowed, hint)
            )
        elif code in self.reader.forbidden:
            message = "is a forbidden action: it cannot be reported as done"
            allowed = "an action that is not forbidden"
            self.errors.append(FieldError(at, "not-allowed", message, shortened(code), allowed))
        else:
            return code
        return None

    def _moment(self, raw: Mapping[str, Any], where: str) -> datetime | None:
        """Not later than `as_of`: a moment a little ahead of it counts as that moment."""
        path = f"{where}.at"
        if "at" not in raw:
            self._missing(path, MOMENT)
            return None
        try:
            moment = parse_datetime(raw["at"]).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            hint = moment_hint(raw["at"])
            got = shortened(raw["at"])
            self.errors.append(
                FieldError(path, "bad-format", f"must be {MOMENT}", got, MOMENT, hint)
            )
            return None
        if self.as_of is None or moment <= self.as_of:
            return moment
        if moment - self.as_of > CLOCKS_DIFFER:
            message, allowed = "is later than as_of", "at most a minute after as_of"
            hint = "report an action when it has been carried out"
            got = shortened(raw["at"])
            self.errors.append(FieldError(path, "out-of-range", message, got, allowed, hint))
        return self.as_of.astimezone(UTC)

    def _missing(self, path: str, allowed: str) -> None:
        hint = (
            ""
            if path.endswith("code")
            else "without a moment name the action in previous.responses"
        )
        self.errors.append(FieldError(path, "missing", "is missing", None, allowed, hint))


def _error(path: str, got: Any, allowed: str) -> FieldError:
    return FieldError(path, "wrong-type", f"must be {allowed}", shortened(got), allowed)
