"""The view of a pack's brief: all that its author wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from schemas.strict_json import Json
from schemas.vocabulary import Text
from service.language.model import Pack, Sentence
from service.language.model.brief import Brief, BriefDecision, BriefRow, RowAction

Say = Callable[[Text], Any]


def describe_brief(pack: Pack, say: Say) -> Json:
    page = {} if pack.brief is None else _page(pack.brief, say)
    return _some(calm=list(pack.calm), **page)


def _page(brief: Brief, say: Say) -> Json:
    return _some(
        title=_sentences(brief.title, say),
        do_not_forward=brief.do_not_forward.written if brief.do_not_forward else None,
        quiet_when=brief.quiet_when.written if brief.quiet_when else None,
        how_bad=list(brief.how_bad),
        warning=_sentences(brief.warning, say),
        changes=list(brief.changes),
        now=[_row(row, say) for row in brief.now],
        say=brief.say,
        never_say=brief.never_say,
        decision=[_decision(one, say) for one in brief.decision],
        ask=[_some(fact=one.fact, when=one.when.written) for one in brief.ask],
        gives_way=list(brief.gives_way),
        annex=[{"text": say(one.text), "kinds": list(one.kinds)} for one in brief.annex],
    )


def _some(**entries: Any) -> Json:
    return {key: value for key, value in entries.items() if value not in (None, [], False)}


def _sentences(sentences: tuple[Sentence, ...], say: Say) -> Any:
    """A text if it is one sentence without a condition, otherwise the sentences."""
    match sentences:
        case (Sentence(text=text, when=None),):
            return say(text)
    return [_some(when=one.written, text=say(one.text)) for one in sentences]


def _row(row: BriefRow, say: Say) -> Json:
    return _some(
        row=row.name,
        when=row.when.written,
        protects=row.protects,
        actions=[_action(one, say) for one in row.actions],
    )


def _action(action: RowAction, say: Say) -> Any:
    if not action.text:
        return action.code
    return {"action": action.code, "text": _sentences(action.text, say)}


def _decision(one: BriefDecision, say: Say) -> Json:
    return _some(
        action=one.action,
        when=one.when.written,
        question=say(one.question),
        options=[
            _some(when=option.when.written, text=say(option.text), cost=say(option.cost))
            for option in one.options
        ],
        delay=say(one.delay),
    )
