"""The rules of a pack as one network. It is translated once, and then finds which rules fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from service.engine.expressions.budget import UNCOUNTED
from service.engine.expressions.closures import compile_condition
from service.engine.expressions.in_force import compile_effective, while_in_force
from service.engine.expressions.layout import STEPS_SLOT, Environment, Layout
from service.engine.rete.box_conditions import BoxCondition, Every, Test
from service.engine.rete.field_texts import FieldTexts
from service.engine.rete.matcher import ReteError, ReteMatcher
from service.engine.rete.translate import BoxFields
from service.language.conditions.cost import has_costly_atom
from service.language.model import Rule


class Network:
    """The rules in durable_rules, and the fields that they read."""

    def __init__(self, rules: Sequence[Rule], layout: Layout) -> None:
        """Raises ReteError."""
        conditions, fields = translate_rules(rules, layout)
        self.matcher = ReteMatcher(conditions)
        self._texts = FieldTexts.of(fields, self.matcher.definition)

    def fired(self, environment: Environment) -> int:
        """The rules that fire, as bits: bit n is rule n. Raises ReteError for every failure of the matcher.

        It counts no steps: it evaluates costly atoms only where the reference did, so whether an incident is within its
        budget does not depend on the matchers.
        """
        steps, environment[STEPS_SLOT] = environment[STEPS_SLOT], UNCOUNTED
        try:
            with _only_rete_errors():
                facts = self._texts.facts(environment)
        finally:
            environment[STEPS_SLOT] = steps
        with _only_rete_errors():
            return self.matcher.fired(facts)

    def rebuild(self) -> None:
        """Replaces the handles by new ones. Raises ReteError for every failure."""
        with _only_rete_errors():
            self.matcher.rebuild()

    def close(self) -> None:
        self.matcher.close()


def translate_rules(rules: Sequence[Rule], layout: Layout) -> tuple[list[BoxCondition], BoxFields]:
    """The rules' conditions as box conditions, by position, and the fields that they read."""
    fields = BoxFields(layout)
    return [_translate(rule, position, fields) for position, rule in enumerate(rules)], fields


def _translate(rule: Rule, position: int, fields: BoxFields) -> BoxCondition:
    """A condition with a costly atom is evaluated as a whole: so no atom is evaluated that the reference skips."""
    effective = compile_effective(rule)
    if has_costly_atom(rule.when, fields.layout.sizes):
        evaluate = while_in_force(compile_condition(rule.when, fields.layout), effective)
        return Test(fields.add_computed(f"rule {position}", evaluate), "==", True)
    condition = fields.box(rule.when)
    if effective is None:
        return condition
    name = fields.add_computed(f"effective {position}", effective)
    return Every((Test(name, "==", True), condition))


@contextmanager
def _only_rete_errors() -> Iterator[None]:
    """Turns every exception of the matcher into a ReteError."""
    try:
        yield
    except ReteError:
        raise
    except Exception as error:
        raise ReteError(f"durable_rules: {error}") from error
