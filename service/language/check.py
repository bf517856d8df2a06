"""Type check of one condition: names resolved, types known, literals checked. Collects findings, raises nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from schemas.scalars import INT64_MAX
from schemas.types import BOOLEAN, DATETIME, DURATION, INTEGER, NUMBER, STRING, Type, list_of
from service.language.condition import ConditionError, parse_condition
from service.language.functions import call_type
from service.language.problem import did_you_mean
from service.language.scope import Finding, Scope
from service.language.syntax import (
    UNTYPED,
    And,
    Binary,
    Call,
    Conditional,
    FactReference,
    Has,
    ListOf,
    Literal,
    Moment,
    Name,
    Negative,
    Node,
    Not,
    Or,
    OutputReference,
    Quantifier,
    ToNumber,
    Variable,
    walk,
)

ORDERED = ("<", "<=", ">", ">=")
EQUALITY = ("==", "!=")


def check_condition(text: str, scope: Scope) -> tuple[Node | None, list[Finding]]:
    """Parse and check a condition, which must be boolean and read something."""
    node, findings = check_expression(text, scope)
    if node is None:
        return None, findings
    checker = _Checker(scope, findings)
    checker.want_boolean(node)
    checker.find_constants(node)
    return (None, findings) if _has_error(findings) else (node, findings)


def check_expression(text: str, scope: Scope) -> tuple[Node | None, list[Finding]]:
    """Parse and check an expression of any type. No node when it has errors."""
    try:
        parsed = parse_condition(text)
    except ConditionError as error:
        return None, [Finding.of(error)]
    findings: list[Finding] = []
    node = _Checker(scope, findings).check(parsed)
    return (None, findings) if _has_error(findings) else (node, findings)


def _has_error(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def promote(node: Node) -> Node:
    """An integer expression as a double; a literal at once."""
    match node:
        case Literal(value=int() as value, type=kind) if kind == INTEGER:
            return replace(node, value=float(value), type=NUMBER)
        case ListOf(items=items):
            return replace(node, items=tuple(map(promote, items)), type=list_of(NUMBER))
    return node if node.type == NUMBER else ToNumber(node, span=node.span)


def unify(left: Node, right: Node) -> tuple[Node, Node]:
    """Promote the integer side when the other is a double (deviation (a) of the design)."""
    if left.type == NUMBER and right.type == INTEGER:
        return left, promote(right)
    if left.type == INTEGER and right.type == NUMBER:
        return promote(left), right
    return left, right


class _Checker:
    """Walks one tree bottom-up. A node that is wrong gets the type UNTYPED, so it is reported once."""

    def __init__(self, scope: Scope, findings: list[Finding]) -> None:
        self.scope = scope
        self.findings = findings

    def report(
        self, node: Node, code: str, message: str, hint: str = "", severity: str = "error"
    ) -> None:
        self.findings.append(Finding(code, message, *node.span, hint, severity))

    def check(self, node: Node) -> Node:
        match node:
            case Literal(value=int() as value, type=kind) if kind == INTEGER and value > INT64_MAX:
                self.report(node, "number-range", f"an integer may be at most {INT64_MAX}")
                return replace(node, type=UNTYPED)
            case Name():
                return self._name(node)
            case And(parts=parts) | Or(parts=parts):
                return replace(node, parts=tuple(map(self._boolean, parts)))
            case Not(operand=operand):
                return replace(node, operand=self._boolean(operand))
            case Negative(operand=operand):
                return self._negative(node, self.check(operand))
            case Binary(left=left, right=right):
                return self._binary(node, self.check(left), self.check(right))
            case Conditional():
                return self._conditional(node)
            case ListOf():
                return self._list(node)
            case Call():
                return self._call(node)
            case Has():
                return self._has(node)
            case Quantifier():
                return self._quantifier(node)
        return node

    def want_boolean(self, node: Node) -> None:
        if node.type not in (BOOLEAN, UNTYPED):
            hint = "compare it: harm.deaths >= 1" if node.type.is_numeric else ""
            self.report(node, "not-boolean", f"a condition is needed, this is {node.type.with_article}", hint)

    def find_constants(self, node: Node) -> None:
        """Report each boolean part that reads nothing, so is the same for every incident."""
        match node:
            case And(parts=parts) | Or(parts=parts):
                for part in parts:
                    self.find_constants(part)
            case Not(operand=operand):
                self.find_constants(operand)
            case _ if not any(map(_reads, walk(node))):
                self.report(
                    node,
                    "constant-condition",
                    "this reads no fact, so it is the same for every incident",
                    "a rule that always fires says so: when: always",
                )

    def _boolean(self, node: Node) -> Node:
        checked = self.check(node)
        self.want_boolean(checked)
        return checked

    def _name(self, node: Name) -> Node:
        found = self.scope.resolve(node)
        if isinstance(found, Finding):
            self.findings.append(found)
            return replace(node, type=UNTYPED)
        return found

    def _negative(self, node: Negative, operand: Node) -> Node:
        if operand.type != UNTYPED and not operand.type.is_numeric:
            self.report(node, "type-mismatch", f"'-' needs a number, this is {operand.type.with_article}")
        return replace(node, operand=operand, type=operand.type)

    def _conditional(self, node: Conditional) -> Node:
        test = self._boolean(node.test)
        then, otherwise = unify(self.check(node.then), self.check(node.otherwise))
        kind = then.type
        if UNTYPED not in (then.type, otherwise.type) and not _comparable(then, otherwise):
            self.report(
                node,
                "type-mismatch",
                f"both results of ? : must be alike, these are {then.type} and {otherwise.type}",
            )
            kind = UNTYPED
        if then.type.is_textual and then.type != otherwise.type:
            kind = STRING
        return replace(node, test=test, then=then, otherwise=otherwise, type=kind)

    def _list(self, node: ListOf) -> Node:
        items = [self.check(item) for item in node.items]
        if not items:
            self.report(node, "empty-list", "an empty list holds nothing to compare with")
            return replace(node, type=UNTYPED)
        if any(item.type == UNTYPED for item in items):
            return replace(node, items=tuple(items), type=UNTYPED)
        if any(item.type == NUMBER for item in items) and all(i.type.is_numeric for i in items):
            items = [promote(item) for item in items]
        first = items[0]
        if any(not _comparable(first, item) for item in items):
            self.report(node, "type-mismatch", "all elements of a list must have one type")
            return replace(node, items=tuple(items), type=UNTYPED)
        kind = STRING if first.type.is_textual else first.type
        return replace(node, items=tuple(items), type=list_of(kind))

    def _has(self, node: Has) -> Node:
        operand = self.check(node.operand)
        if operand.type != UNTYPED and not isinstance(operand, FactReference):
            self.report(node, "type-mismatch", "has() asks whether one fact is known", "has(harm.deaths)")
        return replace(node, operand=operand)

    def _quantifier(self, node: Quantifier) -> Node:
        source = self.check(node.source)
        item = source.type.item
        if source.type != UNTYPED and (source.type.kind != "list" or item is None):
            self.report(node, "type-mismatch", f"{node.kind} needs a list, this is {source.type.with_article}")
        name = node.variable
        if name in self.scope.outputs or name in self.scope.variables or name == "as_of":
            self.report(node, "variable-name", f"'{name}' already names something else", "choose another variable")
        inner = _Checker(self.scope.with_variable(name, item or UNTYPED), self.findings)
        body = inner._boolean(node.body)
        return replace(node, source=source, body=body)

    def _call(self, node: Call) -> Node:
        arguments = tuple(map(self.check, node.arguments))
        if any(argument.type == UNTYPED for argument in arguments):
            return replace(node, arguments=arguments, type=UNTYPED)
        result = call_type(replace(node, arguments=arguments))
        if isinstance(result, Finding):
            self.findings.append(result)
            return replace(node, arguments=arguments, type=UNTYPED)
        return result

    def _binary(self, node: Binary, left: Node, right: Node) -> Node:
        if UNTYPED in (left.type, right.type):
            kind = BOOLEAN if node.operator in (*EQUALITY, *ORDERED, "in") else UNTYPED
            return replace(node, left=left, right=right, type=kind)
        if node.operator == "in":
            return self._membership(node, left, right)
        left, right = unify(left, right)
        if node.operator in EQUALITY or node.operator in ORDERED:
            return self._comparison(node, left, right)
        return self._arithmetic(node, left, right)

    def _membership(self, node: Binary, left: Node, right: Node) -> Node:
        node = replace(node, left=left, right=right, type=BOOLEAN)
        item = right.type.item
        if item is None:
            hint = f'a text is searched with contains: {"x"}.contains("…")' if right.type.is_textual else ""
            self.report(node, "type-mismatch", f"'in' needs a list, this is {right.type.with_article}", hint)
            return node
        if left.type.is_numeric and item.is_numeric and left.type != item:
            if isinstance(right, ListOf):
                right = promote(right)
            if right.type.item == NUMBER:
                left = promote(left)
            node = replace(node, left=left, right=right)
            item = right.type.item or item
        if left.type != item and not (left.type.is_textual and item.is_textual):
            self.report(node, "type-mismatch", f"{left.type.with_article} is never in {right.type.with_article}")
            return node
        for literal in right.items if isinstance(right, ListOf) else ():
            self._enum_literal(left.type, literal)
        self._enum_literal(item, left)
        return node

    def _comparison(self, node: Binary, left: Node, right: Node) -> Node:
        node = replace(node, left=left, right=right, type=BOOLEAN)
        if not _comparable(left, right):
            self.report(
                node, "type-mismatch", f"{left.type.with_article} cannot be compared with {right.type.with_article}",
                _comparison_hint(left, right),
            )
            return node
        ordered = left.type.is_numeric or left.type.kind in ("string", "datetime", "duration")
        if node.operator in ORDERED and not (ordered and right.type.kind != "enum"):
            hint = 'use at_least(x, "orange"): no lower in the declared order' if "enum" in (left.type.kind, right.type.kind) else ""
            self.report(node, "type-mismatch", f"{left.type.with_article} has no order for '{node.operator}'", hint)
            return node
        self._enum_literal(left.type, right)
        self._enum_literal(right.type, left)
        self._bounds(node)
        self._prefer_at_least(node)
        return node

    def _enum_literal(self, kind: Type, node: Node) -> None:
        if kind.kind != "enum" or not isinstance(node, Literal) or node.type != STRING:
            return
        value = str(node.value)
        if value not in kind.values:
            hint = did_you_mean(value, kind.values)
            allowed = ", ".join(kind.values[:20])
            self.report(node, "unknown-value", f"'{value}' is not one of its values", f"{hint} allowed: {allowed}".strip())

    def _bounds(self, node: Binary) -> None:
        """Warn of a comparison that the fact's own bounds decide."""
        match node:
            case Binary(left=FactReference(name=name), right=Literal(value=int() | float() as value)):
                fact = self.scope.facts[name]
            case _:
                return
        low, high = fact.minimum, fact.maximum
        if (high is not None and value > high) or (low is not None and value < low):
            self.report(
                node, "outside-bounds", f"{name} is declared from {low} to {high}: this never varies",
                "correct the number or the fact's min and max", "warning",
            )

    def _prefer_at_least(self, node: Binary) -> None:
        """Hint where == on an ordered output would go unknown though worse would do as well."""
        match node:
            case Binary(operator="==", left=OutputReference(name=name), right=Literal(value=value)):
                output = self.scope.outputs[name]
            case _:
                return
        values = output.type.values
        if output.value_levels and value in values[1:-1]:
            self.report(
                node, "prefer-at-least", f"'{name}' may turn out worse than '{value}'; == then is unknown",
                f'where worse would do as well: at_least({name}, "{value}")', "warning",
            )

    def _arithmetic(self, node: Binary, left: Node, right: Node) -> Node:
        result = _ARITHMETIC.get(node.operator, lambda a, b: None)(left.type, right.type)
        if result is None:
            hint = "write a decimal point: hours(d), days(d) and 2.0 are doubles" if DURATION in (left.type, right.type) else ""
            self.report(
                node, "type-mismatch",
                f"'{node.operator}' does not work on {left.type.with_article} and {right.type.with_article}", hint,
            )
            result = UNTYPED
        elif node.operator in "/%" and isinstance(right, Literal) and right.value == 0:
            self.report(node, "division-by-zero", "dividing by zero is always unknown")
        elif node.operator == "/" and result == INTEGER:
            self.report(
                node, "integer-division", "integer by integer drops the fraction: 7 / 2 is 3",
                "if that is not meant, make one side a double: x / 2.0", "warning",
            )
        return replace(node, left=left, right=right, type=result)


def _reads(node: Node) -> bool:
    return isinstance(node, FactReference | OutputReference | Moment | Variable | Name)


def _comparable(left: Node, right: Node) -> bool:
    if left.type.is_textual and right.type.is_textual:
        enums = left.type.kind == right.type.kind == "enum"
        return not enums or bool(set(left.type.values) & set(right.type.values))
    return left.type == right.type


def _comparison_hint(left: Node, right: Node) -> str:
    kinds = {left.type.kind, right.type.kind}
    if kinds == {"datetime", "string"}:
        return 'write the moment as timestamp("2026-01-01T00:00:00+08:00")'
    if kinds == {"duration", "string"}:
        return 'write the duration as duration("4h")'
    if "duration" in kinds and kinds & {"integer", "number"}:
        return "hours(d) and days(d) turn a duration into a number"
    if "list" in kinds:
        return 'ask about a list with "x" in xs, xs.exists(x, …), size(xs)'
    return ""


def _plus(left: Type, right: Type) -> Type | None:
    if left.is_numeric and left == right:
        return left
    if left.is_textual and right.is_textual:
        return STRING
    if left.kind == "list" and left == right:
        return left
    return {(DATETIME, DURATION): DATETIME, (DURATION, DATETIME): DATETIME, (DURATION, DURATION): DURATION}.get((left, right))


def _minus(left: Type, right: Type) -> Type | None:
    if left.is_numeric and left == right:
        return left
    return {(DATETIME, DATETIME): DURATION, (DATETIME, DURATION): DATETIME, (DURATION, DURATION): DURATION}.get((left, right))


def _times(left: Type, right: Type) -> Type | None:
    return left if left.is_numeric and left == right else None


def _remainder(left: Type, right: Type) -> Type | None:
    return INTEGER if left == right == INTEGER else None


_ARITHMETIC: dict[str, Callable[[Type, Type], Type | None]] = {
    "+": _plus,
    "-": _minus,
    "*": _times,
    "/": _times,
    "%": _remainder,
}
