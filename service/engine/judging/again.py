"""What can ask for an action again: what is seen of it now, compared with what an earlier answer had seen. It must not read a clock.

What was seen is kept small, because callers send it back: texts as short digests, and of a list the newest members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import Any

import orjson

from schemas.types import Type
from service.engine.expressions.closures import compile_condition
from service.engine.expressions.layout import Environment, Evaluate, Layout
from service.engine.words.wording import plain
from service.language.declared.derived_facts import roots
from service.language.model import Action, Again, Pack
from service.language.syntax import facts_read

MOST_MEMBERS = 512
"""The most members of a list that are remembered. A member that is forgotten is new if it comes back."""
Seen = Mapping[str, Any]
"""By name of a fact or output, or by the digest of a condition."""


@dataclass(frozen=True, slots=True)
class ComparedChange:
    """One entry of `again_when`, ready to be compared. `key` is its name in what is remembered, `slot` that of its fact.

    `type` is that of the fact or output; `evaluate` is for a condition.
    """

    again: Again
    key: str = ""
    slot: int | None = None
    type: Type | None = None
    evaluate: Evaluate | None = None

    def now(self, environment: Environment, values: Mapping[str, Any]) -> Any:
        """What can be compared later; None if it is unknown. `values` are those of the outputs."""
        if self.evaluate is not None:
            return self.evaluate(environment)
        value = values[self.key] if self.slot is None else environment[self.slot]
        return None if value is None or self.type is None else _mark(value, self.type)

    def fires(self, now: Any, before: Any) -> bool:
        """Whether it changed. Nothing is a change from something unknown, but from a list or a condition that was."""
        match self.again.by:
            case "when":
                return now is True and before is False
            case "worse":
                ranks = self.type.ranks if self.type else {}
                return _is_code(before) and before in ranks and ranks[now] < ranks[before]
        if self.is_list:
            return now is not None and isinstance(before, list) and not _all_in(now, before)
        return None not in (now, before) and bool(now != before)

    def remembered(self, now: Any, before: Any, *, keep: bool) -> Any:
        """What the next answer compares with; None for nothing. `keep` says that the value at which it was done counts."""
        match self.again.by:
            case "when":
                return before is True if now is None else now
            case "worse":
                return before if keep and _is_code(before) else now
        if self.is_list:
            known = [one for one in before if _is_mark(one)] if isinstance(before, list) else []
            members = list(dict.fromkeys([*(now or ()), *known]))[:MOST_MEMBERS]
            return sorted(members, key=str)
        return before if now is None else now

    @property
    def is_list(self) -> bool:
        return self.type is not None and self.type.item is not None


@dataclass(frozen=True, slots=True)
class Completion:
    """When an action is done, and what asks for it again. `dated_by` are the posted facts that `done_when` reads.

    `after` is the entry for a time, `changes` are the others.
    """

    done_when: Evaluate | None
    dated_by: tuple[str, ...]
    changes: tuple[ComparedChange, ...]
    after: Again | None


def compile_completions(pack: Pack, layout: Layout) -> dict[str, Completion]:
    """By code; an action that declares neither has none."""
    computed_from = roots(pack.derived)
    return {
        code: _completion(action, pack, layout, computed_from)
        for code, action in pack.actions.items()
        if action.done_when is not None or action.again_when
    }


def _completion(
    action: Action, pack: Pack, layout: Layout, computed_from: Mapping[str, frozenset[str]]
) -> Completion:
    done = action.done_when
    read = facts_read(done.when) if done is not None else frozenset()
    posted = frozenset[str]().union(*(computed_from.get(name, {name}) for name in read))
    changes = (_change(one, pack, layout) for one in action.again_when if one.by != "after")
    return Completion(
        None if done is None else compile_condition(done.when, layout),
        tuple(name for name in pack.vocabulary.facts if name in posted),
        tuple(changes),
        next((one for one in action.again_when if one.by == "after"), None),
    )


def _change(again: Again, pack: Pack, layout: Layout) -> ComparedChange:
    if again.when is not None:
        return ComparedChange(
            again, _digest(again.written), evaluate=compile_condition(again.when, layout)
        )
    name = again.name
    if name in pack.outputs:
        return ComparedChange(again, name, type=pack.outputs[name].value_type)
    facts = {**pack.vocabulary.facts, **{one.fact.name: one.fact for one in pack.derived}}
    fact = facts.get(name) or pack.previous[name]
    return ComparedChange(again, name, layout.facts[name], fact.type)


def _digest(written: Any) -> str:
    return sha256(orjson.dumps(written)).hexdigest()[:12]


def _mark(value: Any, type_: Type) -> Any:
    """A posted text is remembered as its digest: that is short, and does not repeat the text."""
    if type_.item is not None:
        return [_mark(one, type_.item) for one in value]
    return _digest(value) if type_.name == "string" else plain(value, UTC)


def _is_mark(value: Any) -> bool:
    return isinstance(value, str | int | float)


def _is_code(value: Any) -> bool:
    return isinstance(value, str)


def _all_in(members: Iterable[Any], known: list[Any]) -> bool:
    return all(member in known for member in members)
