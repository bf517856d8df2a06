"""Reads `brief` of pack.yaml: which outputs, actions, decisions and questions stand on the page, and what gives way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.conditions.scope import AS_OF, RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.declared.verdict import read_verdict
from service.language.model import Action, Output, Sentence
from service.language.model.brief import (
    ROW_NAMES,
    AnnexGroup,
    Brief,
    BriefDecision,
    BriefOption,
    BriefQuestion,
    BriefRow,
    RowAction,
    When,
)
from service.language.texts.placeholders import check_placeholders, names_with_unit

ALWAYS = When()


def read_brief(
    raw: Mapping[str, Any] | None,
    scope: Scope,
    posted: Mapping[str, Fact],
    actions: Mapping[str, Action],
    kinds: Collection[str],
    here: BoundValue,
) -> Brief | None:
    """The brief; None if pack.yaml declares no page."""
    if raw is None or raw.keys() <= {"calm"}:
        return None
    if "title" not in raw:
        here.key.error("missing-key", "'title' is missing", "a page needs a title: add it")
        return None
    reader = _BriefReader(replace(scope, closed=RULE_CLOSED), posted, actions, kinds, here)
    return reader.read(raw)


@dataclass(frozen=True, slots=True)
class _BriefReader:
    scope: Scope
    posted: Mapping[str, Fact]
    actions: Mapping[str, Action]
    kinds: Collection[str]
    here: BoundValue

    def read(self, raw: Mapping[str, Any]) -> Brief:
        here = self.here
        now = [self._row(entry, here.at("now", n)) for n, entry in enumerate(raw.get("now", ()))]
        decisions = [
            self._decision(entry, here.at("decision", n))
            for n, entry in enumerate(raw.get("decision", ()))
        ]
        ask = [
            self._question(entry, here.at("ask", n)) for n, entry in enumerate(raw.get("ask", ()))
        ]
        gives_way = raw.get("gives_way", ())
        self._check_rows(now)
        self._check_way(now, gives_way)
        return Brief(
            title=self._sentences(raw["title"], here.at("title")),
            do_not_forward=self._while(raw, "do_not_forward"),
            quiet_when=self._while(raw, "quiet_when"),
            how_bad=self._outputs(raw, "how_bad"),
            warning=self._sentences(raw.get("warning", ()), here.at("warning")),
            changes=self._outputs(raw, "changes"),
            now=tuple(now),
            say=self._collected(raw, "say"),
            never_say=self._collected(raw, "never_say"),
            decision=tuple(decisions),
            ask=tuple(ask),
            gives_way=tuple(gives_way),
            annex=self._annex(raw.get("annex", ())),
        )

    def _sentences(self, raw: Any, here: BoundValue) -> tuple[Sentence, ...]:
        return read_verdict(raw, self.scope, self.scope.outputs, here)

    def _when(self, entry: Mapping[str, Any], here: BoundValue, key: str = "when") -> When:
        if key not in entry:
            return ALWAYS
        node = read_condition(entry[key], self.scope, here.at(key))
        return When(node, entry[key])

    def _while(self, raw: Mapping[str, Any], key: str) -> When | None:
        return self._when(raw, self.here, key) if key in raw else None

    def _row(self, entry: Mapping[str, Any], here: BoundValue) -> BriefRow:
        actions = tuple(
            self._action(one, here.at("actions", n)) for n, one in enumerate(entry["actions"])
        )
        when, protects = self._when(entry, here), entry.get("protects", False)
        if protects and "when" in entry:
            message = "a row that protects people cannot have a condition"
            hint = "the rules that ask for its actions have the conditions"
            here.at("when").key.error("brief-duty", message, hint)
        return BriefRow(entry["row"], actions, when, protects)

    def _action(self, entry: Any, here: BoundValue) -> RowAction:
        if isinstance(entry, str):
            self._check_action(entry, here)
            return RowAction(entry)
        self._check_action(entry["action"], here.at("action"))
        return RowAction(entry["action"], self._sentences(entry["text"], here.at("text")))

    def _check_action(self, code: str, here: BoundValue) -> None:
        if code not in self.actions:
            message = f"'{code}' is not an action of this pack"
            here.error("unknown-action", message, did_you_mean(code, self.actions))
        elif self.actions[code].forbidden:
            here.error("forbidden-action", f"'{code}' is a forbidden action")

    def _decision(self, entry: Mapping[str, Any], here: BoundValue) -> BriefDecision:
        self._check_action(entry["action"], here.at("action"))
        options = []
        for n, option in enumerate(entry["options"]):
            at = here.at("options", n)
            for key in ("text", "cost"):
                self._check_text(option, key, at)
            options.append(BriefOption(option["text"], option["cost"], self._when(option, at)))
        for key in ("question", "delay"):
            self._check_text(entry, key, here)
        return BriefDecision(
            entry["action"],
            entry["question"],
            tuple(options),
            entry["delay"],
            self._when(entry, here),
        )

    def _check_text(self, entry: Mapping[str, Any], key: str, here: BoundValue) -> None:
        facts, outputs = self.scope.facts, self.scope.outputs
        names = frozenset([*facts, *names_with_unit(facts), *outputs, AS_OF])
        check_placeholders(entry[key], names, here.at(key))

    def _question(self, entry: Mapping[str, Any], here: BoundValue) -> BriefQuestion:
        name = entry["fact"]
        if name not in self.posted:
            message = f"'{name}' is not a fact that a caller can post"
            here.at("fact").error("unknown-fact", message, did_you_mean(name, self.posted))
        return BriefQuestion(name, self._when(entry, here))

    def _outputs(self, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
        outputs = self.scope.outputs
        for position, name in enumerate(raw.get(key, ())):
            self._check_output(name, self.here.at(key, position))
        return tuple(name for name in raw.get(key, ()) if name in outputs)

    def _collected(self, raw: Mapping[str, Any], key: str) -> str | None:
        name: str | None = raw.get(key)
        if name is None or not self._check_output(name, self.here.at(key)):
            return None
        if not _collects_values(self.scope.outputs[name]):
            message = f"'{name}' is not an enum output with hit: collect"
            self.here.at(key).error("output-form", message)
            return None
        return name

    def _check_output(self, name: str, here: BoundValue) -> bool:
        outputs = self.scope.outputs
        if name in outputs:
            return True
        message = f"'{name}' is not an output of this pack"
        here.error("unknown-output", message, did_you_mean(name, outputs))
        return False

    def _annex(self, groups: Sequence[Mapping[str, Any]]) -> tuple[AnnexGroup, ...]:
        for position, group in enumerate(groups):
            for number, kind in enumerate(group["kinds"]):
                if kind not in self.kinds:
                    message = f"'{kind}' is not a kind of action of this pack"
                    at = self.here.at("annex", position, "kinds", number)
                    at.error("unknown-kind", message, did_you_mean(kind, self.kinds))
        return tuple(AnnexGroup(group["text"], tuple(group["kinds"])) for group in groups)

    def _check_rows(self, rows: Collection[BriefRow]) -> None:
        seen: set[str] = set(ROW_NAMES)
        for position, row in enumerate(rows):
            if row.name in seen:
                message = f"another row of the page is called '{row.name}'"
                self.here.at("now", position, "row").error("brief-row", message)
            seen.add(row.name)
        for code in self._duties() - set(_always_named(rows)):
            message = f"no row of `now` without a condition names the statutory action '{code}'"
            hint = "a legal duty that is due always stands on the page: name it in a row without `when`"
            self.here.key.error("brief-duty", message, hint)

    def _duties(self) -> set[str]:
        return {code for code, action in self.actions.items() if action.statutory}

    def _check_way(self, rows: Collection[BriefRow], gives_way: Collection[str]) -> None:
        named = {row.name: row for row in rows}
        duties = self._duties()
        for position, name in enumerate(gives_way):
            at = self.here.at("gives_way", position)
            if name not in named and name not in ROW_NAMES:
                hint = did_you_mean(name, [*named, *ROW_NAMES])
                at.error("brief-row", f"the page has no row '{name}'", hint)
            elif name in named and (
                named[name].protects or duties & {one.code for one in named[name].actions}
            ):
                message = (
                    f"the row '{name}' protects people or has a legal duty: it never gives way"
                )
                at.error("brief-duty", message)


def _always_named(rows: Collection[BriefRow]) -> Iterator[str]:
    for row in rows:
        if row.when.node is None:
            yield from (one.code for one in row.actions)


def _collects_values(output: Output) -> bool:
    return output.type.name == "enum" and output.policy.is_collected
