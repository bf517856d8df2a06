"""A pack as JSON for people and tools."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from schemas.file_fields import ANY_LANGUAGE
from schemas.files.calendar_file import WEEKDAYS
from schemas.scalars import format_datetime
from schemas.strict_json import Json
from schemas.vocabulary import ABSENT, Fact, Text
from service.authoring.description_of_brief import Say, describe_brief
from service.authoring.description_of_grounds import describe_grounds
from service.engine.judging.dates.spans import written
from service.engine.words.joined_words import wording_of
from service.engine.words.wording import plain
from service.language.declared.vocabulary.calm import POSTED
from service.language.files.active_parts import PARTS_FOLDER
from service.language.model import (
    ACTION_OUTPUTS,
    Action,
    Alternative,
    Brand,
    Calendar,
    Constant,
    Contingency,
    Contribution,
    Draft,
    Due,
    Output,
    Pack,
    Review,
    Rule,
    Sentence,
    Table,
    TableRow,
    TimeSpan,
)
from service.language.place import Place

PartName = Literal["facts", "actions", "outputs", "rules", "brands"]
PARTS: Mapping[PartName, tuple[str, ...]] = {
    "facts": ("facts",),
    "actions": ("actions", "kinds", "roles"),
    "outputs": ("answer", "notices", "outputs"),
    "rules": ("derived", "rules", "tables", "constants", "lists", "grounds"),
    "brands": ("brands",),
}
"""The keys of the whole view that each of its parts has."""


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
    say = _all_languages if locale is None else wording_of(pack, locale).say
    return {
        **summarise(pack),
        "title": say(pack.title),
        **_some(help=say(pack.help), verdict=_verdict(pack.verdict, say), places=pack.places),
        "timezone": pack.timezone.key,
        "parts": list(pack.parts),
        "answer": list(pack.lifted),
        "notices": list(pack.notices),
        "facts": [_fact(fact, pack, say) for fact in pack.vocabulary.facts.values()],
        "derived": [
            {**_fact(item.fact, pack, say), "value": item.written}
            for item in pack.derived
            if not item.fact.name.startswith(POSTED)
        ],
        "outputs": [_output(output, pack, say) for output in pack.outputs.values()],
        "actions": [_action(action, pack, say) for action in pack.actions.values()],
        "rules": [_rule(rule, pack, say) for rule in pack.rules],
        "tables": [_table(table, say) for table in pack.tables],
        "roles": [
            _some(code=role.code, text=say(role.text), deputy=role.deputy)
            for role in pack.roles.values()
        ],
        "kinds": [
            _some(
                code=kind.code,
                text=say(kind.text),
                help=say(kind.help),
                due=_some(**{"from": list(kind.start)}),
                source=say(kind.source),
                approval=list(kind.approval),
            )
            for kind in pack.kinds.values()
        ],
        "constants": [_constant(one, pack, say) for one in pack.constants if not one.is_list],
        "lists": [_constant(one, pack, say) for one in pack.constants if one.is_list],
        "grounds": describe_grounds(pack, say),
        "brands": [_brand(brand, say) for brand in pack.brands.values()],
        "words": {key: say(text) for key, text in pack.words.items()},
        "clock": list(pack.clock),
        "trend": list(pack.trend),
        "calendars": [_calendar(one) for one in pack.calendars.values()],
        "report": {"headings": {key: say(text) for key, text in pack.own_report.items()}},
        **_some(review=_review(pack.review), contingency=_contingency(pack.contingency)),
        **_some(brief=describe_brief(pack, say), drafts=_drafts(pack, say)),
    }


def describe_brand(pack: Pack, locale: str, brand: Brand) -> Json:
    return {**_version(pack, locale), "brand": _brand(brand, wording_of(pack, locale).say)}


def describe_part(pack: Pack, locale: str, part: PartName) -> Json:
    """Some keys of the whole view, in one language, and the version of the pack that they are from."""
    whole = describe(pack, locale)
    return {**_version(pack, locale), **{key: whole[key] for key in PARTS[part]}}


def _version(pack: Pack, locale: str) -> Json:
    version = {"name": pack.name, "version": pack.version, "digest": pack.digest}
    return {"pack": version, "locale": locale}


def _brand(brand: Brand, say: Say) -> Json:
    """The facts as their author wrote them: as a caller would post them."""
    view = _some(
        name=brand.name,
        text=say(brand.text),
        timezone=brand.timezone and brand.timezone.key,
        locale=brand.locale,
    )
    return {**view, "facts": dict(brand.written)}


def _all_languages(text: Text) -> Any:
    return text[ANY_LANGUAGE] if ANY_LANGUAGE in text else dict(text)


def _some(**entries: Any) -> Json:
    """The entries that were declared: those that are not empty."""
    return {key: value for key, value in entries.items() if value not in (None, {}, [], (), "")}


def _verdict(sentences: tuple[Sentence, ...], say: Say) -> Any:
    """A text if it is one sentence without a condition, otherwise the sentences."""
    match sentences:
        case (Sentence(text=text, when=None),):
            return say(text)
    return [_some(when=one.written, text=say(one.text)) for one in sentences]


def _formerly(name: str, former: Mapping[str, str]) -> list[str]:
    return [was for was, now in former.items() if now == name]


def _drafts(pack: Pack, say: Say) -> Json:
    """The outputs that pack.yaml names, and under `texts` the drafts."""
    named = pack.draft_outputs
    return _some(
        may_say=named.may_say,
        may_not_say=named.may_not_say,
        texts=[_draft(draft, say) for draft in pack.drafts.values()],
    )


def _draft(draft: Draft, say: Say) -> Json:
    return _some(
        code=draft.action,
        sentences=[
            _some(when=one.written, text=say(one.text), says=list(one.says), done=one.done)
            for one in draft.sentences
        ],
        blanks=[{"name": name, "text": say(text)} for name, text in draft.blanks.items()],
        at_most=dict(draft.at_most),
    )


def _values(
    codes: tuple[str, ...], declared: Fact | Output, former: Mapping[str, str], say: Say
) -> list[Json]:
    return [
        _some(
            code=code,
            formerly=_formerly(code, former),
            text=say(declared.value_texts.get(code, {})),
            level=declared.value_levels.get(code),
            help=say(declared.value_helps.get(code, {})),
            **_scale(code, declared),
        )
        for code in codes
    ]


def _scale(code: str, declared: Fact | Output) -> Json:
    if isinstance(declared, Fact):
        return {}
    marks = {"below_scale": declared.below_scale, "closed": declared.closed}
    return {mark: True for mark, codes in marks.items() if code in codes}


def _fact(fact: Fact, pack: Pack, say: Say) -> Json:
    codes = fact.type.values or (fact.type.item.values if fact.type.item else ())
    view = _some(
        name=fact.name,
        type=fact.type.name,
        of=fact.type.item.name if fact.type.item else None,
        text=say(fact.text),
        help=say(fact.help),
        unit=say(fact.unit),
        min=fact.minimum if fact.earliest is None else plain(fact.earliest, pack.timezone),
        max=fact.maximum if fact.latest is None else plain(fact.latest, pack.timezone),
        formerly=_formerly(fact.name, pack.vocabulary.former.facts),
        values=_values(codes, fact, pack.vocabulary.former.values.get(fact.name, {}), say),
        values_by=say(fact.values_by),
        stale_after=_span(fact.stale_after),
        unknown_if=list(fact.unknown_if),
        calm=fact.calm,
        watch=fact.watch or None,
        question=say(fact.question),
        ask=fact.ask,
        source=say(fact.source),
        assume_because=say(fact.assume_because),
    )
    if fact.lever != "both":
        view["lever"] = fact.lever != "none" and fact.lever
    if fact.assume is not ABSENT:
        view["assume"] = plain(fact.assume, pack.timezone)
    for one in pack.applicabilities:
        if one.fact is fact:
            view["applies_when"] = one.written
            view["otherwise"] = plain(fact.otherwise, pack.timezone)
    return view


def _constant(constant: Constant, pack: Pack, say: Say) -> Json:
    """A constant or a list, with the places at which the pack's files use it."""
    of = constant.of or (constant.type.item.name if constant.type.item else None)
    return _some(
        name=constant.name.partition(".")[2],
        **({"of": of} if constant.is_list else {"type": constant.type.name}),
        **{"values" if constant.is_list else "value": plain(constant.value, pack.timezone)},
        unit=say(constant.unit),
        text=say(constant.text),
        help=say(constant.help),
        source=say(constant.source),
        used_at=[_place(place) for place in constant.used_at],
    )


def _output(output: Output, pack: Pack, say: Say) -> Json:
    former = pack.vocabulary.former.outputs
    view = _some(
        name=output.name,
        type=output.type.name,
        hit=output.hit,
        text=say(output.text),
        help=say(output.help),
        min=output.minimum,
        max=output.maximum,
        values=_values(output.type.values, output, former.get(output.name, {}), say),
    )
    return {**view, "default": plain(output.default, pack.timezone)}


def _action(action: Action, pack: Pack, say: Say) -> Json:
    return _some(
        code=action.code,
        formerly=_formerly(action.code, pack.vocabulary.former.actions),
        text=say(action.text),
        help=say(action.help),
        kind=action.kind,
        owner=action.owner,
        channels=list(action.channels),
        approval=list(action.approval),
        inform=list(action.inform),
        due=_due(action.due),
        approve_before=_span(action.approve_before),
        every=_due(action.every),
        until=say(action.until),
        done_when=action.done_when and action.done_when.written,
        again_when=[
            _some(**{one.by: one.written}, text=say(one.text)) for one in action.again_when
        ],
        after=list(action.after),
        reversible=action.reversible,
        statutory=action.statutory or None,
        forbidden=action.forbidden or None,
        instead=list(action.instead),
        contradicts=list(action.contradicts),
        ground=say(action.ground),
        source=say(action.source),
        together=action.together or None,
        by_case=[_alternative(one, pack, say) for one in action.by_case],
    )


def _alternative(one: Alternative, pack: Pack, say: Say) -> Json:
    """Only what differs from the action."""
    case = _action(one.action, pack, say)
    given = {key: case.get(key, _EMPTY.get(key)) for key in one.given}
    return {"when": one.written, **given}


_EMPTY: Json = {"statutory": False, "approval": [], "inform": []}


def _due(due: Due | None) -> Json | None:
    if due is None:
        return None
    return _some(
        **{"from": {"only": list(due.start)} if due.only else list(due.start)},
        within=_span(due.within),
        by=due.by,
        within_by={value: written(span) for value, span in due.within_by.items()},
        calendar=due.calendar,
    )


def _span(span: TimeSpan | None) -> str | None:
    return None if span is None else written(span)


def _calendar(calendar: Calendar) -> Json:
    days = {
        "holidays": calendar.holidays,
        "working": calendar.working,
        "no_trading": calendar.no_trading,
        "trading": calendar.trading,
    }
    return {
        "name": calendar.name,
        **_some(source=calendar.source, tentative=sorted(calendar.tentative)),
        "zone": str(calendar.zone),
        "years": "..".join(f"{year:04}" for year in calendar.years),
        "weekend": [WEEKDAYS[day] for day in sorted(calendar.weekend)],
        **{key: [day.isoformat() for day in sorted(found)] for key, found in days.items()},
    }


def _review(review: Review | None) -> Json | None:
    return None if review is None else {**(_due(review.due) or {}), **_some(action=review.action)}


def _contingency(contingency: Contingency | None) -> Json | None:
    if contingency is None:
        return None
    growth = contingency.growth
    return _some(
        output=contingency.output,
        growth=growth and {"rate": growth.rate, "of": list(growth.of), "hours": list(growth.hours)},
    )


def _rule(rule: Rule, pack: Pack, say: Say) -> Json:
    then: Json = {}
    for given in rule.then:
        value: Any = given.value
        if given.instead or given.ground:
            value = _some(action=value, instead=list(given.instead), ground=say(given.ground))
        then.setdefault(given.output, []).append(value)
    return _some(
        id=rule.id,
        when=rule.written,
        then={name: given[0] if len(given) == 1 else given for name, given in then.items()},
        consequences=[_consequence(given, pack, say) for given in rule.then],
        because=say(rule.because),
        source=say(rule.source),
        effective=_effective(rule.effective_from, rule.effective_until),
        place=_place(rule.place),
    )


def _consequence(given: Contribution, pack: Pack, say: Say) -> Json:
    """All that a rule gives one output. `then` lacks its deadline, its opposites, its kinds and the facts for which held actions wait."""
    name = "action" if given.output in ACTION_OUTPUTS else "value"
    return {
        "output": given.output,
        name: plain(given.value, pack.timezone),
        **_some(
            kind=list(given.kinds),
            due=_due(given.due),
            over=list(given.over),
            instead=list(given.instead),
            until=list(given.until),
            ground=say(given.ground),
            by_case=[{"when": one.written, "ground": say(one.ground)} for one in given.by_case],
        ),
    }


def _table(table: Table, say: Say) -> Json:
    """The table as it was written. Its cells are also among the rules."""
    return {
        "id": table.id,
        "output": table.output,
        "rows": [_row(row, say) for row in table.rows],
        "place": _place(table.place),
    }


def _row(row: TableRow, say: Say) -> Json:
    return _some(
        id=row.id,
        fact=row.fact,
        **{row.way: dict(row.cells)},
        named=dict(row.named),
        only_if=row.only_if,
        because=say(row.because),
        source=say(row.source),
        effective=_effective(row.effective_from, row.effective_until),
        place=_place(row.place),
    )


def _effective(start: datetime | None, end: datetime | None) -> Json:
    return _some(**{"from": start and format_datetime(start)}, until=end and format_datetime(end))


def _place(place: Place) -> str:
    """The file's name, in the folder of its part if it belongs to one, and the line."""
    *above, folder, part, name = ["", "", "", *place.file.split("/")]
    named = f"{folder}/{part}/{name}" if folder == PARTS_FOLDER and above else name
    return f"{named}:{place.line}"
