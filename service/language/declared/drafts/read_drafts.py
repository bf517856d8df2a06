"""Reads a draft from its file, and from pack.yaml the outputs that say what may be said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from schemas.closest import did_you_mean
from service.language.collector import BoundValue
from service.language.conditions.scope import AS_OF, RULE_CLOSED, Scope
from service.language.conditions.when import read_condition
from service.language.files.look import DRAFTS_FOLDER
from service.language.files.read_file import LoadedFile
from service.language.model import Action, Draft, DraftOutputs, DraftSentence, Output
from service.language.texts.placeholders import NEXT_REVIEW, check_placeholders, names_in_drafts

ENUM = "enum"


@dataclass(frozen=True, slots=True)
class DraftContext:
    """What drafts may name. `output_names` are those of all outputs, also of those that have mistakes."""

    scope: Scope
    output_names: Collection[str]
    actions: Mapping[str, Action]
    outputs: DraftOutputs

    @property
    def codes(self) -> tuple[str, ...]:
        """What a sentence can say: the values of the outputs that allow and forbid it."""
        named = (self.outputs.may_say, self.outputs.may_not_say)
        found = (self.scope.outputs[name].type.values for name in named if name)
        return tuple(code for values in found for code in values)


def is_draft(name: str) -> bool:
    return name.startswith(f"{DRAFTS_FOLDER}/")


def read_draft_outputs(
    raw: Mapping[str, str], outputs: Mapping[str, Output], here: BoundValue
) -> DraftOutputs:
    """The outputs that `drafts` in pack.yaml names: lists of an enum's values."""
    good = {}
    for key, name in raw.items():
        output = outputs.get(name)
        if output is None:
            message = f"'{name}' is not an output of this pack"
            here.at(key).error("unknown-output", message, did_you_mean(name, outputs))
        elif output.type.name != ENUM or not output.policy.is_collected:
            message = f"'{name}' does not list what may be said: it collects no values of an enum"
            here.at(key).error("output-form", message, "type: enum, hit: collect")
        else:
            good[key] = name
    return DraftOutputs(**good)


def read_draft(name: str, file: LoadedFile, context: DraftContext) -> Draft | None:
    """The draft of the action after which the file is called; None if there is no such action."""
    action, here = PurePath(name.removeprefix(f"{DRAFTS_FOLDER}/")).stem, file.here
    if name != f"{DRAFTS_FOLDER}/{action}.yaml" or action not in context.actions:
        message = f"'{name}' is not called like an action of this pack"
        here.error("unknown-action", message, did_you_mean(action, context.actions))
        return None
    blanks = {key: entry["text"] for key, entry in file.data.get("blanks", {}).items()}
    _check_blanks(blanks, context, here.at("blanks"))
    named = names_in_drafts(context.scope.facts)
    names = frozenset([*named, *context.output_names, AS_OF, *blanks])
    scope = replace(context.scope, closed=RULE_CLOSED)
    sentences = (
        _sentence(entry, replace(context, scope=scope), names, here.at("sentences", number))
        for number, entry in enumerate(file.data["sentences"])
    )
    good = tuple(sentence for sentence in sentences if sentence is not None)
    return Draft(action, good, blanks, file.data.get("at_most", {}))


def _check_blanks(names: Collection[str], context: DraftContext, here: BoundValue) -> None:
    for name in names:
        if name in context.output_names or name in (AS_OF, NEXT_REVIEW):
            message = f"'{name}' is a name that a draft has already: a blank needs another one"
            here.at(name).key.error("name-conflict", message)


def _sentence(
    entry: Mapping[str, Any], context: DraftContext, names: Collection[str], here: BoundValue
) -> DraftSentence | None:
    check_placeholders(
        entry["text"], names, here.at("text"), "neither a fact nor an output, nor one of blanks"
    )
    for position, code in enumerate(entry.get("says", ())):
        if code not in context.codes:
            message = f"no output that pack.yaml names under drafts has the value '{code}'"
            hint = did_you_mean(code, context.codes)
            here.at("says", position).error("unknown-says", message, hint)
    done = entry.get("done")
    if done is not None and done not in context.actions:
        message = f"'{done}' is not an action of this pack"
        here.at("done").error("unknown-action", message, did_you_mean(done, context.actions))
    when = None
    if "when" in entry:
        when = read_condition(entry["when"], context.scope, here.at("when"))
        if when is None:
            return None
    return DraftSentence(entry["text"], when, entry.get("when"), tuple(entry.get("says", ())), done)
