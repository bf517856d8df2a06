"""The facts `previous.*`: the values in the previous answer. They come from the request's `previous`, not from its facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.types import BOOLEAN, DATETIME, enum_of, list_of
from schemas.vocabulary import Fact
from service.language.collector import BoundValue, Collector
from service.language.declared.derived_facts import depending_on
from service.language.model import ACTION_OUTPUTS, GROUPS, Action, Derived, Output, Rule
from service.language.syntax import And, FactReference, Node, Not, Or, children, facts_read

GROUP = "previous."
GIVEN = "previous.given"
AS_OF = "previous.as_of"
ACTIONS = "previous.actions"
RESPONSES = "previous.responses"
SINCE = "_since"


def previous_facts(
    outputs: Mapping[str, Output], answer: Iterable[str], actions: Mapping[str, Action]
) -> dict[str, Fact]:
    """The facts by dotted name. Without a previous answer only `previous.given` is known: it is false."""
    codes = list_of(enum_of(tuple(actions)))
    texts = {code: action.text for code, action in actions.items()}
    facts = [
        Fact(GIVEN, BOOLEAN, {}),
        Fact(AS_OF, DATETIME, {}),
        Fact(ACTIONS, codes, {}, value_texts=texts),
        Fact(RESPONSES, codes, {}, value_texts=texts),
    ]
    for output in outputs.values():
        if not is_told(output):
            continue
        name = f"{GROUP}{output.name}"
        facts.append(Fact(name, output.value_type, output.text, value_texts=output.value_texts))
        if output.name in answer:
            facts.append(Fact(name + SINCE, DATETIME, output.text))
    return {fact.name: fact for fact in facts}


def is_told(output: Output) -> bool:
    """Whether rules can read its value in the previous answer. The output must have one value."""
    return output.name not in ACTION_OUTPUTS and not output.policy.is_collected


def check_group(names: Iterable[str], here: BoundValue) -> None:
    """Report each declared fact that is in the group `previous`, or in one of those of constants."""
    for name in names:
        group = name.partition(".")[0]
        if name.startswith(GROUP):
            message = f"'{name}': the group 'previous' is filled from the previous answer"
            here.at(name).key.error("name-conflict", message, "choose another group")
        elif group in GROUPS:
            message = f"'{name}': the group '{group}' is that of constants.yaml"
            here.at(name).key.error("name-conflict", message, "choose another group")


def check_guards(
    rules: Iterable[Rule],
    derived: Iterable[Derived],
    previous: Iterable[str],
    collector: Collector,
) -> None:
    """Warns of each rule that reads the previous answer but does not test whether there is one."""
    told = frozenset(previous) - {GIVEN}
    told |= depending_on(told, derived)
    for rule in rules:
        if _is_unguarded(rule.when, told):
            message = "without a previous answer this rule stays unknown"
            hint = f"write {GIVEN} && …"
            collector.at(rule.place).warning("previous-unguarded", message, hint)


def _is_unguarded(node: Node, told: frozenset[str]) -> bool:
    """`told` are the facts that are unknown without a previous answer."""
    match node:
        case And(parts=parts) if any(_is_given(part) for part in parts):
            return False
        case Or(parts=parts) if any(isinstance(p, Not) and _is_given(p.operand) for p in parts):
            return False
        case And() | Or() | Not():
            return any(_is_unguarded(part, told) for part in children(node))
    return not told.isdisjoint(facts_read(node))


def _is_given(node: Node) -> bool:
    return (isinstance(node, FactReference) and node.name == GIVEN) or (
        isinstance(node, And) and any(map(_is_given, node.parts))
    )
