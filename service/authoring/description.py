"""A pack as JSON for people and tools: what it knows, asks for and says. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from schemas.pack_files import ANY_LANGUAGE
from schemas.scalars import format_datetime, format_duration
from schemas.strict_json import Json
from schemas.vocabulary import ABSENT, Fact, Text
from service.engine.words.joined_words import wording_of
from service.engine.words.wording import Wording, plain
from service.language.model import Action, Due, Output, Pack, Rule

Say = Callable[[Text], Any]


def summarise(pack: Pack) -> Json:
    return {
        "name": pack.name,
        "version": pack.version,
        "digest": pack.digest,
        "title": dict(pack.title),
        "languages": list(pack.languages),
        "locale": pack.locale,
    }


def describe(pack: Pack, locale: str | None) -> Json:
    """Everything an author wrote except the cases; texts in `locale`, or as {language: text} without one."""
    say = _all_languages if locale is None else _in(wording_of(pack, locale))
    return {
        **summarise(pack),
        "title": say(pack.title),
        "timezone": pack.timezone.key,
        "answer": list(pack.lifted),
        "facts": [_fact(fact, pack, say) for fact in pack.vocabulary.facts.values()],
        "derived": [
            {**_fact(item.fact, pack, say), "value": item.written} for item in pack.derived
        ],
        "outputs": [_output(output, pack, say) for output in pack.outputs.values()],
        "actions": [_action(action, say) for action in pack.actions.values()],
        "rules": [_rule(rule, say) for rule in pack.rules],
    }


def _all_languages(text: Text) -> Any:
    return text[ANY_LANGUAGE] if ANY_LANGUAGE in text else dict(text)


def _in(wording: Wording) -> Say:
    return wording.say


def _some(**entries: Any) -> Json:
    """Without what was not declared."""
    return {key: value for key, value in entries.items() if value not in (None, {}, [], (), "")}


def _values(codes: tuple[str, ...], texts: Mapping[str, Text], say: Say) -> list[Json]:
    return [_some(code=code, text=say(texts.get(code, {}))) for code in codes]


def _fact(fact: Fact, pack: Pack, say: Say) -> Json:
    codes = fact.type.values or (fact.type.item.values if fact.type.item else ())
    view = _some(
        name=fact.name,
        type=fact.type.kind,
        of=fact.type.item.kind if fact.type.item else None,
        text=say(fact.text),
        help=say(fact.help),
        unit=say(fact.unit),
        min=fact.minimum,
        max=fact.maximum,
        values=_values(codes, fact.value_texts, say),
        stale_after=fact.stale_after and format_duration(fact.stale_after),
    )
    if fact.assume is not ABSENT:
        view["assume"] = plain(fact.assume, pack.timezone)
    return view


def _output(output: Output, pack: Pack, say: Say) -> Json:
    values = [
        {**value, **_some(level=output.value_levels.get(value["code"]))}
        for value in _values(output.type.values, output.value_texts, say)
    ]
    view = _some(
        name=output.name,
        type=output.type.kind,
        hit=output.hit,
        text=say(output.text),
        min=output.minimum,
        max=output.maximum,
        values=values,
    )
    return {**view, "default": plain(output.default, pack.timezone)}


def _action(action: Action, say: Say) -> Json:
    return _some(
        code=action.code,
        text=say(action.text),
        help=say(action.help),
        owner=action.owner,
        channels=list(action.channels),
        approval=list(action.approval),
        inform=list(action.inform),
        due=_due(action.due),
        after=list(action.after),
        reversible=action.reversible,
        statutory=action.statutory or None,
        forbidden=action.forbidden or None,
        instead=list(action.instead),
        ground=say(action.ground),
    )


def _due(due: Due | None) -> Json | None:
    if due is None:
        return None
    within: timedelta | None = due.within
    return _some(
        **{"from": list(due.start)},
        within=None if within is None else format_duration(within),
        by=due.by,
        within_by={value: format_duration(time) for value, time in due.within_by.items()},
    )


def _rule(rule: Rule, say: Say) -> Json:
    then: Json = {}
    for given in rule.then:
        value: Any = given.value
        if given.instead or given.ground:
            value = _some(action=value, instead=list(given.instead), ground=say(given.ground))
        then.setdefault(given.output, []).append(value)
    effective = _some(
        **{"from": rule.effective_from and format_datetime(rule.effective_from)},
        until=rule.effective_until and format_datetime(rule.effective_until),
    )
    return _some(
        id=rule.id,
        when=rule.written,
        then={name: given[0] if len(given) == 1 else given for name, given in then.items()},
        because=say(rule.because),
        source=say(rule.source),
        effective=effective,
        place=f"{rule.file.rpartition('/')[2]}:{rule.line}",
    )
