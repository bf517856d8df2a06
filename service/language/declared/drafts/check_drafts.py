"""Finds drafts that no rule can ask for, and sentences that can never come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from service.language.collector import BoundValue
from service.language.model import ASKED, Action, Draft, DraftOutputs, DraftSentence, Output, Rule
from service.language.texts.placeholders import PLACEHOLDER

ALWAYS = "always"


def check_draft(
    draft: Draft,
    rules: Sequence[Rule],
    outputs: tuple[DraftOutputs, Mapping[str, Output]],
    actions: Mapping[str, Action],
    here: BoundValue,
) -> None:
    """To be called when the rules have no error. `here` is bound to the draft's file."""
    asked = {given.value for rule in rules for given in rule.then if given.output == ASKED}
    if draft.action not in asked:
        message = f"no rule asks for '{draft.action}', so no answer ever has this draft"
        here.error("unasked-draft", message)
    for number, sentence in enumerate(draft.sentences):
        at = here.at("sentences", number)
        if sentence.done and actions[sentence.done].forbidden:
            message = f"'{sentence.done}' is forbidden: what waits for it is never said"
            at.at("done").error("unsaid-sentence", message)
        _check_says(sentence, rules, outputs, at)
        for language, most in draft.at_most.items():
            if (least := _least(sentence, language)) > most:
                message = f"this sentence has at least {least} characters, of {most} at most"
                at.at("text", language).error("unsaid-sentence", message)


def _check_says(
    sentence: DraftSentence,
    rules: Sequence[Rule],
    outputs: tuple[DraftOutputs, Mapping[str, Output]],
    here: BoundValue,
) -> None:
    named, declared = outputs
    for position, code in enumerate(sentence.says):
        at = here.at("says", position)
        if _has(named.may_say, code, declared) and not [*_givers(named.may_say, code, rules)]:
            message = f"no rule ever allows '{code}'"
            at.error("unsaid-sentence", message, f"a rule must give {named.may_say}: {code}")
        givers = _givers(named.may_not_say, code, rules)
        for rule in givers if _has(named.may_not_say, code, declared) else ():
            if rule.written == ALWAYS and not (rule.effective_from or rule.effective_until):
                at.error("unsaid-sentence", f"'{rule.id}' always forbids '{code}'")


def _has(name: str | None, code: str, outputs: Mapping[str, Output]) -> bool:
    return name is not None and code in outputs[name].type.values


def _givers(name: str | None, code: str, rules: Sequence[Rule]) -> Iterator[Rule]:
    for rule in rules:
        if any(given.output == name and given.value == code for given in rule.then):
            yield rule


def _least(sentence: DraftSentence, language: str) -> int:
    """The number of its characters without the values of its placeholders."""
    return len(PLACEHOLDER.sub("", sentence.text.get(language, "")))
