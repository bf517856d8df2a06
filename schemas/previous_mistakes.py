"""Collects what is wrong with a previous answer that is read, and what of it is ignored. Nothing may be left out in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from schemas.closest import did_you_mean
from schemas.field_error import MAX_ERRORS, FieldError, shortened, worded
from schemas.moment_hints import moment_hint
from schemas.previous import IgnoredReason, PassedOver
from schemas.scalars import MOMENT, parse_datetime


@dataclass(slots=True)
class PreviousMistakes:
    """`most` is the most entries that a part may have.

    Mistakes and ignored parts are limited apart, so that many of the one never hide the other. `same_version` says that
    the answer is of this very version of the pack. It cannot have what the pack does not have: that is a mistake then.
    `other_version` says that it is of another one. Neither is said without a digest.
    """

    most: int
    same_version: bool = False
    other_version: bool = False
    errors: list[FieldError] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    left_off: int = 0

    def wrong(
        self, where: str, code: str, message: str, got: Any, allowed: str = "", hint: str = ""
    ) -> None:
        if self._lists_more_errors():
            self.errors.append(
                FieldError(where[:120], code, message, shortened(got), allowed, hint)
            )

    def ignore(
        self, reason: IgnoredReason, mistake: FieldError, word: str, known: Collection[str]
    ) -> None:
        """Passes over what this pack does not have. The hint is the closest of what is `known` to the `word`."""
        if self._is_mistake(reason):
            if self._lists_more_errors():
                self.errors.append(replace(mistake, hint=did_you_mean(word, known)))
        elif self._lists_more_passed_over():
            hint = did_you_mean(word, known)
            self.passed_over.append(PassedOver(reason, replace(mistake, hint=hint)))

    def ignore_value(self, where: str, found: Mapping[str, Any]) -> None:
        """Passes over a value that its output does not have in this pack. `found` is the entry of the mistake."""
        if self._is_mistake("unknown-value"):
            if self._lists_more_errors():
                self.errors.append(worded(where, found))
        elif self._lists_more_passed_over():
            self.passed_over.append(PassedOver("unknown-value", worded(where, found)))

    def take_as_errors(self, start: int) -> None:
        """What was ignored since `start` is wrong after all."""
        self.errors += [one.mistake for one in self.passed_over[start:]][
            : MAX_ERRORS - len(self.errors)
        ]
        del self.passed_over[start:]

    def all_passed_over(self) -> Iterator[PassedOver]:
        """The ignored parts that are listed, and how many more there are."""
        yield from self.passed_over
        if self.left_off:
            message = f"has {self.left_off} more parts that are ignored"
            yield PassedOver("more", FieldError("previous", "more-errors", message, self.left_off))

    def is_a(self, python_type: type[Any], raw: Any, where: str, allowed: str) -> bool:
        if isinstance(raw, python_type) and len(raw) <= self.most:
            return True
        self.wrong(
            where, "wrong-type", f"must be {allowed}, as in the previous answer", raw, allowed
        )
        return False

    def text(self, given: Any, where: str) -> str | None:
        if given is None or isinstance(given, str):
            return given
        self.wrong(where, "wrong-type", "must be a text, as in the previous answer", given)
        return None

    def moment(self, raw: Any, where: str) -> datetime | None:
        try:
            return parse_datetime(raw).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            self.wrong(where, "bad-format", f"must be {MOMENT}", raw, MOMENT, moment_hint(raw))
            return None

    def moment_or_none(self, raw: Any, where: str) -> datetime | None:
        return None if raw is None else self.moment(raw, where)

    def _is_mistake(self, reason: IgnoredReason) -> bool:
        """An unknown key never refuses an answer: other versions of Tocsin may write it."""
        return self.same_version and reason != "unknown-key"

    def _lists_more_errors(self) -> bool:
        """Later ones are not worded: finding hints takes time."""
        return len(self.errors) < MAX_ERRORS

    def _lists_more_passed_over(self) -> bool:
        """Later ones are only counted."""
        if len(self.passed_over) < MAX_ERRORS:
            return True
        self.left_off += 1
        return False
