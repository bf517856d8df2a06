"""Reads the previous answer, which a caller sends back whole or in part, by the outputs and actions of the pack that assesses.

Nothing in it may be dropped in silence: what cannot be used is a mistake, or it is among `passed_over`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schemas.assessment import AssessmentSchema
from schemas.carried_out import CLOCKS_DIFFER
from schemas.closest import did_you_mean
from schemas.field_error import FieldError, shortened
from schemas.former_names import NO_FORMER_NAMES, FormerNames, Renamed
from schemas.incident import Incident
from schemas.key_order import in_one_order
from schemas.output_fields import OutputField
from schemas.previous import Previous
from schemas.previous_actions import DONE_EARLIER, ActionsReader, PreviousAction
from schemas.previous_figures import FiguresReader
from schemas.previous_mistakes import PreviousMistakes
from schemas.previous_outputs import OutputsReader
from schemas.vocabulary import ABSENT, Absent, Fact

KEYS = (
    *("as_of", "outputs", "actions", "since", "responses"),
    *("blocked", "held", DONE_EARLIER, "next_review", "figures"),
    *("pack", "incident_id", "assessment_id"),
)
"""The keys that are read. The short form, which has no `assessment_id`, has no others."""
ANSWER_KEYS = frozenset([*AssessmentSchema().fields, "line", "request_id"])
MOST = 1024
"""The most entries in each part of a previous answer, unless the pack has nearly as many outputs or actions itself."""
NOTHING_ASKED = Incident()


@dataclass(frozen=True, slots=True)
class PreviousReader:
    """`outputs` are the outputs that are read, `not_read` the others, `lifted` those that answers have in `since`.

    `codes` are the actions of the pack, `digest` is its version, `figures` are the facts of its trend.
    """

    outputs: Mapping[str, OutputField]
    not_read: Collection[str]
    lifted: Collection[str]
    codes: Collection[str]
    digest: str
    figures: Mapping[str, OutputField]
    former: FormerNames = NO_FORMER_NAMES

    @classmethod
    def of(
        cls,
        outputs: Mapping[str, Fact],
        not_read: Collection[str],
        lifted: Collection[str],
        codes: Collection[str],
        digest: str,
        figures: Mapping[str, Fact],
        former: FormerNames = NO_FORMER_NAMES,
    ) -> PreviousReader:
        """`outputs` are given as facts: a value is read like that of a fact."""
        fields = {name: OutputField(output) for name, output in outputs.items()}
        numbers = {name: OutputField(fact) for name, fact in figures.items()}
        return cls(fields, not_read, lifted, codes, digest, numbers, former)

    @property
    def most(self) -> int:
        """The most entries of each part: never fewer than an answer of this pack has."""
        return max(MOST, 2 * len(self.outputs), 2 * len(self.codes), 2 * len(self.figures))

    def load(
        self, raw: Any, asked: Incident = NOTHING_ASKED
    ) -> tuple[Previous | None, list[FieldError]]:
        """The previous answer and all mistakes. It is None if none was sent or if there is a mistake.

        `asked` is the incident of the request, which it must not contradict.
        """
        if raw is None:
            return None, []
        renamed = self.former.in_previous(raw) if self.former else Renamed(raw)
        raw = renamed.raw
        found, mistakes = self._read(raw, asked)
        if mistakes.passed_over:  # listed in one order, whatever that of the posted keys
            found, mistakes = self._read(in_one_order(raw), asked)
        if mistakes.errors or found is None:
            return None, mistakes.errors
        return replace(found, deprecated=tuple(renamed.deprecated)), []

    def _read(self, raw: Any, asked: Incident) -> tuple[Previous | None, PreviousMistakes]:
        mistakes = PreviousMistakes(self.most)
        found = None
        if mistakes.is_a(dict, raw, "previous", "an object"):
            found = _Reading(self, asked, raw, mistakes).answer()
        return found, mistakes


@dataclass(frozen=True, slots=True)
class _Reading:
    reader: PreviousReader
    asked: Incident
    raw: Mapping[str, Any]
    mistakes: PreviousMistakes

    @property
    def is_whole(self) -> bool:
        return self.raw.get("assessment_id") is not None

    def answer(self) -> Previous | None:
        reader, raw = self.reader, self.raw
        self._check_names()
        self._check_lean()
        as_of = self._as_of()
        outputs = OutputsReader(reader.outputs, reader.not_read, reader.lifted, self.mistakes)
        outputs.read(self._outputs())
        since = outputs.since(raw.get("since", {}))
        actions = ActionsReader(reader.codes, self.mistakes, as_of)
        plan = list(actions.plan(raw["actions"])) if "actions" in raw else None
        earlier = list(actions.plan(raw.get(DONE_EARLIER, []), DONE_EARLIER))
        responses = actions.codes_in(raw, "responses") or ()
        blocked, held = actions.codes_in(raw, "blocked"), actions.codes_in(raw, "held")
        next_review = self._next_review()
        figures = FiguresReader(reader.figures, self.mistakes).read(raw.get("figures", {}))
        self._check_keys()
        if as_of is None:
            return None
        return Previous(
            as_of=as_of,
            outputs=outputs.found,
            actions=None if plan is None else {one.code: one.due_at for one in plan},
            since=since,
            responses=self._carried_out(plan or (), responses),
            undated=frozenset(one.code for one in plan or () if not one.dated),
            unsure=frozenset(one.code for one in plan or () if one.condition is not None),
            conditional=frozenset(
                one.code
                for one in plan or ()
                if one.condition is not None and one.condition.get("asked") is not True
            ),
            unread=frozenset(outputs.unread),
            approvals={one.code: one.approve_by for one in plan or () if one.approval_dated},
            blocked=blocked,
            held=held,
            next_review=next_review,
            passed_over=tuple(self.mistakes.all_passed_over()),
            progress={one.code: one.progress for one in (*earlier, *(plan or ()))},
            figures=figures,
        )

    def _check_names(self) -> None:
        """A name that the request says too must be the same."""
        text = self.mistakes.text
        text(self.raw.get("assessment_id"), "previous.assessment_id")
        incident_id = text(self.raw.get("incident_id"), "previous.incident_id")
        self._must_be(incident_id, self.asked.incident_id, "incident_id", "another incident")
        pack = self.raw.get("pack")
        if pack is not None and self.mistakes.is_a(dict, pack, "previous.pack", "an object"):
            name = text(pack.get("name"), "previous.pack.name")
            self._must_be(name, self.asked.pack, "pack.name", "another pack")
            digest = text(pack.get("digest"), "previous.pack.digest")
            self.mistakes.same_version = digest == self.reader.digest
            self.mistakes.other_version = digest not in (None, self.reader.digest)

    def _check_lean(self) -> None:
        """An answer that was cut must still say what its outputs were: at its top, if it has no `outputs`."""
        has_some = "outputs" in self.raw or any(name in self.raw for name in self.reader.lifted)
        if self.is_whole and not has_some and not self.mistakes.other_version:
            named = " or ".join(self.reader.lifted)
            message = f"is missing, and the answer has no {named} at its top either"
            hint = 'send the whole answer, or one that was asked for with "fields": "previous"'
            allowed = "the outputs of the answer"
            self.mistakes.wrong("previous.outputs", "missing", message, None, allowed, hint)

    def _must_be(self, told: str | None, asked: str | None, key: str, other: str) -> None:
        if told is not None and asked is not None and told != asked:
            message = f"is not that of the request: this is an answer about {other}"
            hint = "send the previous answer about this incident"
            allowed = f"'{asked}'"
            self.mistakes.wrong(f"previous.{key}", "not-allowed", message, told, allowed, hint)

    def _as_of(self) -> datetime | None:
        as_of = self.mistakes.moment(self.raw.get("as_of"), "previous.as_of")
        asked = self.asked.as_of
        if as_of is not None and asked is not None and as_of - asked > CLOCKS_DIFFER:
            message = "is more than a minute later than the as_of of the request"
            allowed = "at most a minute after as_of"
            hint = "send an answer from before as_of, or a later as_of"
            got = self.raw["as_of"]
            self.mistakes.wrong("previous.as_of", "out-of-range", message, got, allowed, hint)
        return as_of

    def _outputs(self) -> Iterator[tuple[str, str, Any]]:
        """Each output with its path. In a whole answer those at its top count too, if `outputs` does not have them."""
        named = self.raw.get("outputs", {})
        if not self.mistakes.is_a(dict, named, "previous.outputs", "an object"):
            return
        for name, value in named.items():
            yield name, f"previous.outputs.{name}"[:120], value
        for name in self.reader.outputs if self.is_whole else ():
            if name in self.raw and name not in named and name not in ANSWER_KEYS:
                yield name, f"previous.{name}", self.raw[name]

    def _carried_out(
        self, plan: Collection[PreviousAction], responses: Collection[str]
    ) -> tuple[str, ...]:
        codes = [*(action.code for action in plan if action.done), *responses]
        return tuple(dict.fromkeys([code for code in codes if code in self.reader.codes]))

    def _next_review(self) -> datetime | Absent | None:
        if "next_review" not in self.raw:
            return ABSENT
        return self.mistakes.moment_or_none(self.raw["next_review"], "previous.next_review")

    def _check_keys(self) -> None:
        """A whole answer has keys that are not read, and may have some that only other versions of Tocsin write."""
        passed_over = (*ANSWER_KEYS, *self.reader.outputs) if self.is_whole else ()
        known = {*KEYS, *passed_over}
        for key in [key for key in self.raw if key not in known]:
            path, message = f"previous.{key}"[:120], "is not a key of previous"
            value, allowed = self.raw[key], "one of " + ", ".join(KEYS)
            if self.is_whole:
                mistake = FieldError(path, "unknown-key", message, shortened(value), allowed)
                self.mistakes.ignore("unknown-key", mistake, key, KEYS)
            else:
                hint = did_you_mean(key, KEYS) or "send only these parts of the previous answer"
                self.mistakes.wrong(path, "unknown-key", message, value, allowed, hint)
