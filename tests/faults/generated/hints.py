"""Values for the keys of pack files whose fields say too little: texts that are names, moments or conditions, and untyped ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.files.constants_file import CONSTANT_TYPES
from service.language.texts.report_texts import default_texts
from tests.faults.generated.declared_names import Declared, codes
from tests.faults.generated.odd_values import (
    DAYS,
    INTEGERS,
    LANGUAGES,
    MOMENTS,
    NAMES,
    SPANS,
    TEXTS,
    ZONES,
    Draw,
    atom,
    condition,
    fitting,
    some,
    text,
)
from tests.faults.generated.slots import THEN

Parent = Mapping[str, Any]
"""The mapping that has the key."""
Hint = Callable[[Draw, Parent, Declared], Any]


def fact_start(draw: Draw, declared: Declared) -> dict[str, Any]:
    """The keys of a new fact that must fit one another."""
    kind = draw.choice([*SCALARS, "list"])
    made: dict[str, Any] = {"type": kind}
    item = draw.choice(["string", "enum", "integer", "number"])
    if kind == "list":
        made["of"] = item
    if "enum" in (kind, made.get("of")):
        made["values"] = draw.choice([["A"], ["A", "B"], [f"v{n}" for n in range(300)]])
    return made


def derived_start(draw: Draw, declared: Declared) -> dict[str, Any]:
    """The same of a derived fact, which is computed from a fact of its type."""
    if not declared.all_facts:
        return fact_start(draw, declared)
    name, entry = draw.choice(list(declared.all_facts.items()))
    made = {key: entry[key] for key in ("type", "of", "values") if key in entry}
    return {**made, "value": draw.choice([name, _expression(draw, made, declared)])}


def output_start(draw: Draw, declared: Declared) -> dict[str, Any]:
    """The same of an output."""
    kind = draw.choice(["integer", "number", "boolean", "string", "enum"])
    hits = [*ANY_TYPE, *(NUMERIC if kind in ("integer", "number") else ())]
    hits += ["priority"] if kind == "enum" else []
    made: dict[str, Any] = {"type": kind, "hit": draw.choice(hits)}
    if kind == "enum":
        made["values"] = draw.choice([["A"], ["A", "B"], [f"v{n}" for n in range(300)]])
    if made["hit"] != "collect":
        made["default"] = fitting(draw, made)
    return made


SCALARS = ["integer", "number", "boolean", "string", "enum", "datetime", "duration"]
ANY_TYPE, NUMERIC = ("unique", "any", "first", "collect"), ("sum", "min", "max")
STARTS: dict[str, Callable[[Draw, Declared], dict[str, Any]]] = {
    "PostedFactEntry": fact_start,
    "DerivedEntry": derived_start,
    "OutputEntry": output_start,
}
"""By schema, how an entry begins whose keys must fit one another."""


def _due(draw: Draw, parent: Parent, declared: Declared) -> Any:
    """A deadline in one of its forms."""
    moments = declared.of_type("datetime")
    named = draw.choice([some(draw, moments), draw.choice(moments or ["x"])])
    start: dict[str, Any] = {} if draw.random() < 0.4 else {"from": named}
    enums = declared.enums()
    if enums and draw.random() < 0.5:
        by = draw.choice(enums)
        spans = {code: draw.choice(SPANS) for code in codes(declared.outputs[by])}
        return {**start, "by": by, **spans}
    return {**start, "within": draw.choice(SPANS)} if start else draw.choice(SPANS)


def _review(draw: Draw, parent: Parent, declared: Declared) -> Any:
    due = _due(draw, parent, declared)
    action = draw.choice([*declared.actions] or ["X"])
    return {**due, "action": action} if isinstance(due, dict) and draw.random() < 0.5 else due


def _then(draw: Draw, parent: Parent, declared: Declared) -> Any:
    """Values for some outputs, each of its type."""
    outputs = [*declared.outputs]
    chosen = draw.sample(outputs, min(len(outputs), draw.choice([0, 1, 1, 1, 2, 3])))
    return {name: given(draw, name, declared) for name in chosen}


def given(draw: Draw, name: str, declared: Declared) -> Any:
    output, actions = declared.outputs.get(name, {}), [*declared.actions] or ["X"]
    if output.get("type") == "actions":
        one = _action(draw, name, draw.choice(actions), declared)
        return draw.choice([one, [one], [one, one], [one, draw.choice(actions)], some(draw, actions)])  # fmt: skip
    if output.get("hit") == "count":
        return True
    if output.get("hit") == "collect":
        return draw.choice([some(draw, [fitting(draw, output)]), fitting(draw, output)])
    return fitting(draw, output)


def _action(draw: Draw, output: str, code: str, declared: Declared) -> Any:
    if draw.random() < 0.3:
        return code
    kinds, facts = [*declared.kinds], [*declared.facts]
    entry: dict[str, Any] = {"action": code}
    if output == "actions":
        return {**entry, "due": _due(draw, {}, declared)}
    if kinds and draw.random() < 0.5:
        entry = {"kind": draw.choice([some(draw, kinds), draw.choice(kinds)])}
    if draw.random() < 0.5:
        entry["ground"] = draw.choice([text(draw, declared), {}])
    if output == "blocked" and draw.random() < 0.5:
        entry["instead"] = draw.choice([some(draw, [*declared.actions]), code])
    if output == "held" and draw.random() < 0.5:
        entry["until"] = draw.choice([some(draw, facts), *facts[:1]])
    return entry


def _expression(draw: Draw, parent: Parent, declared: Declared) -> str:
    """An expression of the type that a derived fact declares."""
    kind = str(parent.get("type"))
    names = declared.of_type(kind) or ["x.y"]
    name = draw.choice(names)
    if kind == "boolean":
        return atom(draw, declared)
    forms = {
        "number": [f"{name} * 2.0", f"{name} / {name}", f"-{name}", f"math.sqrt({name})"],
        "integer": [f"{name} + 1", f"{name} / {name}", f"{name} * {name}", f"{name} % 2"],
        "datetime": ["as_of", f'{name} + duration("87600000h")'],
        "duration": [f"{name} + {name}"],
    }
    return draw.choice([name, *forms.get(kind, [])])


def _thresholds(draw: Draw, parent: Parent, declared: Declared) -> dict[str, Any]:
    graded = draw.choice(declared.enums() or ["x"])
    known = codes(declared.outputs.get(graded, {}))
    numbers = sorted(draw.sample(INTEGERS, min(len(known), len(INTEGERS))), reverse=draw.random() < 0.5)  # fmt: skip
    every = dict(zip(known, numbers, strict=False))
    return {code: every[code] for code in some(draw, [*every])}


def _each_value(make: Callable[[Draw, Declared], Any]) -> Hint:
    def cells(draw: Draw, parent: Parent, declared: Declared) -> dict[str, Any]:
        graded = draw.choice(declared.enums() or ["x"])
        known = codes(declared.outputs.get(graded, {}))
        return {code: make(draw, declared) for code in some(draw, known)}

    return cells


def _codes(draw: Draw, declared: Declared) -> list[str]:
    return some(draw, [code for fact in declared.all_facts.values() for code in codes(fact)])


def _facts(draw: Draw, parent: Parent, declared: Declared) -> dict[str, Any]:
    posted: dict[str, Any] = {}
    for name in some(draw, [*declared.facts]):
        *groups, last = name.split(".")
        group = posted
        for part in groups:
            group = group.setdefault(part, {})
        group[last] = draw.choice([None, fitting(draw, declared.facts[name])])
    return posted


def _expect(draw: Draw, parent: Parent, declared: Declared) -> dict[str, Any]:
    outputs = {n: fitting(draw, declared.outputs[n]) for n in some(draw, declared.enums())}
    actions = some(draw, [*declared.actions])
    forms = [{}, outputs, {"provisional": True}, {"at_worst": outputs}, {"fired": some(draw, declared.rules)},
             {"actions": {draw.choice(["exactly", "include", "exclude"]): actions}}, {"held": actions}]  # fmt: skip
    return draw.choice(forms)


def _calm(draw: Draw, parent: Parent, declared: Declared) -> list[Any]:
    """A fact that must be known, and a condition."""
    firm = [name for name, entry in declared.facts.items() if "assume" not in entry]
    return [*some(draw, firm[:3], empty=False), condition(draw, declared)]


def _headings(draw: Draw, parent: Parent, declared: Declared) -> dict[str, Any]:
    return {name: text(draw, declared) for name in some(draw, [*default_texts()])}


def _previous(draw: Draw, parent: Parent, declared: Declared) -> dict[str, Any]:
    enums = some(draw, declared.enums())
    outputs = {n: fitting(draw, declared.outputs[n]) for n in enums}
    since = {name: draw.choice(MOMENTS) for name in enums}
    actions = some(draw, [*declared.actions])
    whole = {"as_of": draw.choice(MOMENTS), "outputs": outputs, "since": since, "actions": actions}
    return {key: whole[key] for key in ("as_of", *draw.sample([*whole][1:], draw.randint(0, 3)))}


def _one(pool: Callable[[Declared], Any]) -> Hint:
    return lambda draw, parent, declared: draw.choice([*pool(declared)] or ["x"])


def _some(pool: Callable[[Declared], Any]) -> Hint:
    return lambda draw, parent, declared: some(draw, [*pool(declared)])


def _output_codes(declared: Declared) -> list[str]:
    return [code for output in declared.outputs.values() for code in codes(output)]


def _roles(declared: Declared) -> Any:
    return declared.roles or TEXTS


def _actions(declared: Declared) -> Any:
    return declared.actions


def constant_start(draw: Draw, declared: Declared) -> dict[str, Any]:
    """The keys of a new constant that must fit one another."""
    made: dict[str, Any] = {"type": draw.choice([*CONSTANT_TYPES])}
    return {**made, "value": fitting(draw, made)}


def list_start(draw: Draw, declared: Declared) -> dict[str, Any]:
    """The same of a list."""
    made = {"of": draw.choice([*_with_values(declared), "string"])}
    return {**made, "values": _members(draw, made, declared)}


def _with_values(declared: Declared) -> list[str]:
    return [name for name, entry in declared.all_facts.items() if entry.get("values")]


def _members(draw: Draw, parent: Parent, declared: Declared) -> list[Any]:
    entry = declared.all_facts.get(str(parent.get("of")), {})
    return some(draw, [*codes(entry)] if entry.get("values") else [*NAMES, *TEXTS])


def _condition(draw: Draw, parent: Parent, declared: Declared) -> Any:
    return condition(draw, declared)


def _grounds(draw: Draw, parent: Parent, declared: Declared) -> list[dict[str, Any]]:
    return [{"when": condition(draw, declared), "ground": text(draw, declared)}]


STARTS |= {"ConstantEntry": constant_start, "ListEntry": list_start}
HINTS: dict[str, Hint] = {
    "GroundEntry.place": _one(lambda declared: declared.places),
    "GroundEntry.in_force": _one(lambda _: DAYS),
    "GroundEntry.checked": _one(lambda _: DAYS),
    "PackFile.places": _one(lambda declared: [*_with_values(declared), "x.y"]),
    "ConstantEntry.value": lambda draw, parent, _: fitting(draw, parent),
    "ListEntry.of": _one(lambda declared: [*_with_values(declared), "string"]),
    "ListEntry.values": lambda draw, parent, declared: _members(draw, parent, declared),
    "StartEntry.from": _some(lambda declared: declared.of_type("datetime")),
    "PackFile.pack": _one(lambda _: NAMES),
    "PackFile.locale": _one(lambda declared: declared.languages),
    "PackFile.timezone": _one(lambda _: ZONES),
    "PackFile.answer": _some(lambda declared: declared.single()),
    "PackFile.notices": _some(lambda declared: declared.single()),
    "SentenceEntry.when": lambda draw, _, declared: condition(draw, declared),
    "DraftSentenceEntry.when": lambda draw, _, declared: condition(draw, declared),
    "DraftSentenceEntry.says": _some(lambda declared: _output_codes(declared)),
    "DraftSentenceEntry.done": _one(_actions),
    "DraftFile.at_most": lambda draw, _, declared: {
        one: draw.choice([1, 40, 100_000]) for one in some(draw, LANGUAGES, empty=False)
    },
    "DraftsEntry.may_say": _one(lambda declared: declared.outputs),
    "DraftsEntry.may_not_say": _one(lambda declared: declared.outputs),
    "PackFile.review": _review,
    "PackFile.clock": _some(lambda declared: declared.of_type("datetime")),
    "PackFile.trend": _some(lambda declared: declared.of_type("integer", "number")),
    "ReportEntry.headings": _headings,
    "ContingencyEntry.output": _one(lambda declared: declared.enums()),
    "GrowthEntry.rate": _one(lambda declared: declared.of_type("number", "integer")),
    "GrowthEntry.of": _some(lambda declared: declared.of_type("number", "integer")),
    "GrowthEntry.hours": _some(lambda _: [1, 2, 8760, 100]),
    "OutputEntry.default": lambda draw, parent, _: fitting(draw, parent),
    "assume": lambda draw, parent, _: fitting(draw, parent),
    "applies_when": lambda draw, _, declared: atom(draw, declared),
    "calm": lambda draw, _, declared: draw.choice(["always", atom(draw, declared)]),
    "otherwise": lambda draw, parent, _: fitting(draw, parent),
    "lever": lambda draw, parent, _: (
        parent.get("type") != "string" and draw.choice(["up", "down", False])
    ),
    "below_scale": _one(lambda _: [False, False, False, True]),
    "BriefEntry.calm": _calm,
    "AskEntry.fact": _one(lambda declared: declared.facts),
    "AskEntry.when": _condition,
    "stale_after": _one(lambda _: SPANS),
    "ask": _one(_roles),
    "DerivedEntry.value": _expression,
    "deputy": _one(_roles),
    "owner": _one(_roles),
    "approval": _some(_roles),
    "inform": _some(_roles),
    "channels": _some(lambda _: TEXTS),
    "kind": _one(lambda declared: declared.kinds),
    "due": _due,
    "every": _due,
    "approve_before": _one(lambda _: SPANS),
    "after": _some(_actions),
    "instead": _some(_actions),
    "contradicts": _some(_actions),
    f"{THEN}.actions.over": lambda draw, _, declared: draw.choice(
        [[], some(draw, [*declared.actions]), draw.choice([*declared.actions] or ["X"])]
    ),
    "RuleEntry.id": _one(lambda _: NAMES),
    "RuleEntry.when": lambda draw, _, declared: condition(draw, declared),
    "then": _then,
    "from": _one(lambda _: [*DAYS, *MOMENTS]),
    "EffectiveEntry.until": _one(lambda _: [*DAYS, *MOMENTS]),
    "TableEntry.id": _one(lambda _: NAMES),
    "TableEntry.output": _one(lambda declared: declared.enums()),
    "RowEntry.id": _one(lambda _: NAMES),
    "RowEntry.fact": _one(lambda declared: declared.all_facts),
    "at_least": _thresholds,
    "at_most": _thresholds,
    "one_of": _each_value(_codes),
    "RowEntry.when": _each_value(condition),
    "RowEntry.one_of.*": lambda draw, _, declared: _codes(draw, declared),
    "RowEntry.when.*": lambda draw, _, declared: condition(draw, declared),
    "ReportEntry.headings.*": lambda draw, _, declared: text(draw, declared),
    f"{THEN}.actions.action": _one(_actions),
    f"{THEN}.blocked.action": _one(_actions),
    f"{THEN}.held.action": _one(_actions),
    f"{THEN}.blocked.kind": _some(lambda declared: declared.kinds),
    f"{THEN}.held.kind": _some(lambda declared: declared.kinds),
    f"{THEN}.blocked.ground": lambda draw, _, declared: text(draw, declared),
    f"{THEN}.held.ground": lambda draw, _, declared: text(draw, declared),
    f"{THEN}.held.until": _some(lambda declared: declared.facts),
    f"{THEN}.blocked.by_case": _grounds,
    f"{THEN}.held.by_case": _grounds,
    "done_when": _condition,
    "AgainEntry.when": _condition,
    "AgainEntry.worse": _one(lambda declared: declared.enums()),
    "AgainEntry.changed": _one(lambda declared: declared.facts),
    "AgainEntry.after": _one(lambda _: SPANS),
    "AlternativeEntry.when": _condition,
    "AlternativeEntry.approval": lambda draw, _, declared: (
        [] if draw.random() < 0.5 else some(draw, [*_roles(declared)])
    ),
    "BriefActionEntry.action": _one(_actions),
    "BriefEntry.do_not_forward": _condition,
    "BriefEntry.quiet_when": _condition,
    "BriefEntry.say": _one(lambda declared: declared.outputs),
    "BriefEntry.never_say": _one(lambda declared: declared.outputs),
    "DecisionEntry.action": _one(_actions),
    "DecisionEntry.when": _condition,
    "NowEntry.when": _condition,
    "CalendarFile.calendar": _one(lambda _: ["tides"]),
    "CalendarFile.years": _one(lambda _: ["2030..2031", "2029..2040", "1..9999"]),
    "CalendarFile.zone": _one(lambda _: ZONES),
    "CaseEntry.brand": _one(lambda _: ["gull"]),
    "only_if": lambda draw, _, declared: condition(draw, declared),
    "CaseEntry.facts": _facts,
    "StepEntry.facts": _facts,
    "expect": _expect,
    "previous": _previous,
    "responses": _some(_actions),
    "as_of": _one(lambda _: [*DAYS, *MOMENTS]),
}
"""By a key, or by its schema and the key."""
