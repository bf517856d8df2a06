"""The names that a condition may use. The checker's modules share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schemas.closest import did_you_mean
from schemas.types import Type
from schemas.vocabulary import Fact
from service.language.conditions.nodes import ConditionError
from service.language.model import ASKED, BLOCKED, CONSTANT_NAME, HELD, Constants, Output
from service.language.syntax import (
    AsOf,
    FactReference,
    ListOf,
    Literal,
    Node,
    OutputReference,
    Span,
    UnresolvedName,
    Variable,
)

AS_OF = "as_of"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a condition may use. `closed` has the outputs that it must not read, each with the reason."""

    facts: Mapping[str, Fact]
    outputs: Mapping[str, Output] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)
    facts_file: str = "facts.yaml"
    constants: Constants = field(default_factory=Constants)

    def with_variable(self, name: str, type_: Type) -> Scope:
        return replace(self, variables={**self.variables, name: type_})

    def resolve(self, node: UnresolvedName) -> Node:
        """The node for a name. Raises ConditionError for an unknown name or a closed output."""
        name, span = node.name, node.span
        if name in self.variables:
            return Variable(name, type=self.variables[name], span=span)
        if name in self.facts:
            return FactReference(name, type=self.facts[name].type, span=span)
        if name == AS_OF:
            return AsOf(span=span)
        if CONSTANT_NAME.fullmatch(name):
            return self._constant(name, span)
        if name in self.closed:
            message = f"'{name}' cannot be read here"
            raise ConditionError("closed-output", message, span, self.closed[name])
        if name in self.outputs:
            return OutputReference(name, type=self.outputs[name].value_type, span=span)
        raise self._unknown(name, span)

    def _constant(self, name: str, span: Span) -> Node:
        """The literal that stands for a constant; a list of literals for a list. Raises ConditionError."""
        found = self.constants.used(name, span.text.inside(span.start, span.end))
        if found is None:
            message = f"'{name}' is not in the pack's constants.yaml"
            hint = did_you_mean(name, self.constants.by_name)
            raise ConditionError("unknown-constant", message, span, hint)
        if found.type.item is None:
            return Literal(value=found.value, type=found.type, span=span)
        item = found.type.item
        items = (Literal(value=value, type=item, span=span) for value in found.value)
        return ListOf(tuple(items), span=span)

    def _unknown(self, name: str, span: Span) -> ConditionError:
        members = [fact for fact in self.facts if fact.startswith(name + ".")]
        if members:
            hint = f"'{name}' is a group of facts; name one of them, such as '{members[0]}'"
            message = f"'{name}' is not a fact of this pack"
            return ConditionError("unknown-fact", message, span, hint)
        allowed = [*self.facts, *self.outputs, *self.variables, AS_OF]
        close = did_you_mean(name, allowed)
        if "." in name:
            hint = f"{close} All facts: {self.facts_file}".strip()
            message = f"'{name}' is not a fact of this pack"
            return ConditionError("unknown-fact", message, span, hint)
        hint = close or 'the name of a fact has a dot; put a text in quotes: "' + name + '"'
        message = f"'{name}' is neither an output nor a variable"
        return ConditionError("unknown-name", message, span, hint)


GUARD_CLOSED = {
    ASKED: "a rule that blocks or holds cannot read which actions rules ask for",
    BLOCKED: "actions are blocked once, after all rules: no rule can read this",
    HELD: "actions are held once, after all rules: no rule can read this",
}
RULE_CLOSED = {name: GUARD_CLOSED[name] for name in (BLOCKED, HELD)}
