"""What a condition may name. Shared by the checker's modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from schemas.closest import did_you_mean
from schemas.types import Type
from schemas.vocabulary import Fact
from service.language.conditions.nodes import ConditionError
from service.language.model import ASKED, BLOCKED, HELD, Output
from service.language.syntax import (
    AsOf,
    FactReference,
    Node,
    OutputReference,
    Span,
    UnresolvedName,
    Variable,
)

AS_OF = "as_of"


@dataclass(frozen=True, slots=True)
class Scope:
    """The names a condition may use. `closed` names an output that must not be read, and why."""

    facts: Mapping[str, Fact]
    outputs: Mapping[str, Output] = field(default_factory=dict)
    closed: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)
    facts_file: str = "facts.yaml"

    def with_variable(self, name: str, kind: Type) -> Scope:
        return replace(self, variables={**self.variables, name: kind})

    def resolve(self, node: UnresolvedName) -> Node:
        """What a name names. Raises ConditionError for a name that names nothing."""
        name, span = node.name, node.span
        if name in self.variables:
            return Variable(name, type=self.variables[name], span=span)
        if name in self.facts:
            return FactReference(name, type=self.facts[name].type, span=span)
        if name == AS_OF:
            return AsOf(span=span)
        if name in self.closed:
            message = f"'{name}' cannot be read here"
            raise ConditionError("closed-output", message, span, self.closed[name])
        if name in self.outputs:
            return OutputReference(name, type=self.outputs[name].value_type, span=span)
        raise self._unknown(name, span)

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
        hint = close or 'a fact has a dotted name; a text stands in quotes: "' + name + '"'
        message = f"'{name}' is neither an output nor a variable"
        return ConditionError("unknown-name", message, span, hint)


GUARD_CLOSED = {
    ASKED: "guards are judged by facts and other outputs, never by what was asked for",
    BLOCKED: "blocking is done once, after all rules: no rule can read it",
    HELD: "holding is done once, after all rules: no rule can read it",
}
RULE_CLOSED = {name: GUARD_CLOSED[name] for name in (BLOCKED, HELD)}
