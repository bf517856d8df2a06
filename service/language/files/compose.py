"""Turns YAML text into nodes, without recursion in C or Python: deep nesting in an author's file must not crash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from service.language.problem_codes import ProblemCode

MAX_DEPTH = 40
MAX_NODES = 500_000
"""The most keys, values, lists and mappings of one file. Each takes about a kilobyte of memory."""
TAG = "tag:yaml.org,2002:"


class _YamlLoader(yaml.CSafeLoader):
    """YAML 1.2 core scalars only, so `no`, `on` and `12:30` stay the strings their author typed."""

    yaml_implicit_resolvers: dict[str, Any] = {}


_SCALARS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
)
for _name, _pattern, _first in _SCALARS:
    _YamlLoader.add_implicit_resolver(
        TAG + _name, re.compile(f"^(?:{_pattern})$", re.ASCII), _first
    )


@dataclass(frozen=True, slots=True)
class RefusedYaml:
    """The problem to report for a node whose YAML packs do not accept."""

    code: ProblemCode
    message: str
    hint: str


ANCHOR = RefusedYaml("yaml-alias", "anchors (&name) are not accepted", "leave it out")
ALIAS = RefusedYaml("yaml-alias", "aliases (*name) are not accepted", "write the value out")


def _tagged(tag: str) -> RefusedYaml:
    return RefusedYaml(
        "yaml-tag",
        f"YAML reads '{tag.removeprefix(TAG)}' as a tag, not as text",
        "a text that starts with '!' must be in quotes: when: '!group.fact'",
    )


class TooDeepError(yaml.MarkedYAMLError):
    """The nesting is deeper than MAX_DEPTH levels."""


class TooManyNodesError(yaml.MarkedYAMLError):
    """More than MAX_NODES nodes."""


@dataclass(slots=True)
class Composed:
    """The root node (None for an empty file), and the refused nodes, keyed by identity."""

    root: yaml.Node | None
    refused: dict[int, tuple[yaml.Node, RefusedYaml]]


def compose(text: str) -> Composed:
    """Raises TooDeepError, TooManyNodesError, and yaml.YAMLError if the text is not one YAML document."""
    loader = _YamlLoader(text)
    try:
        return _compose(loader, text)
    finally:
        loader.dispose()


def _events(loader: _YamlLoader) -> Iterator[Any]:
    while loader.check_event():
        yield loader.get_event()


def _compose(loader: _YamlLoader, text: str) -> Composed:
    composed = Composed(None, {})
    open_nodes: list[Any] = []
    keys: list[yaml.Node | None] = []
    documents = nodes = 0
    for event in _events(loader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                message = "a second document begins"
                raise yaml.MarkedYAMLError(problem=message, problem_mark=event.start_mark)  # type: ignore[arg-type]
        elif isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop().end_mark = event.end_mark
            keys.pop()
        elif isinstance(event, yaml.NodeEvent):
            if (
                len(open_nodes) > MAX_DEPTH
            ):  # stop here: parsing takes time in the square of the depth
                raise TooDeepError(problem_mark=event.start_mark)  # type: ignore[arg-type]
            nodes += 1
            if nodes > MAX_NODES:
                raise TooManyNodesError(problem_mark=event.start_mark)  # type: ignore[arg-type]
            node = _node(loader, event, composed)
            _attach(composed, node, open_nodes, keys)
            if isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append(node)
                keys.append(None)
    return composed


def _refuse(composed: Composed, node: yaml.Node, why: RefusedYaml) -> None:
    composed.refused.setdefault(id(node), (node, why))


def _node(loader: _YamlLoader, event: Any, composed: Composed) -> Any:
    marks = (event.start_mark, event.end_mark)
    if isinstance(event, yaml.AliasEvent):
        node: Any = yaml.ScalarNode(TAG + "null", "", *marks)
        _refuse(composed, node, ALIAS)
        return node
    if isinstance(event, yaml.ScalarEvent):
        tag: str = loader.resolve(  # type: ignore[no-untyped-call]
            yaml.ScalarNode, event.value, event.implicit
        )
        node = yaml.ScalarNode(tag, event.value, *marks, style=event.style)
    elif isinstance(event, yaml.SequenceStartEvent):
        node = yaml.SequenceNode(TAG + "seq", [], *marks, flow_style=event.flow_style)
    else:
        node = yaml.MappingNode(TAG + "map", [], *marks, flow_style=event.flow_style)
    if event.tag is not None:
        _refuse(composed, node, _tagged(event.tag))
    elif event.anchor is not None:
        _refuse(composed, node, ANCHOR)
    return node


def _attach(
    composed: Composed, node: yaml.Node, open_nodes: list[Any], keys: list[yaml.Node | None]
) -> None:
    if not open_nodes:
        composed.root = node
    elif isinstance(open_nodes[-1], yaml.SequenceNode):
        open_nodes[-1].value.append(node)
    elif keys[-1] is None:
        keys[-1] = node
    else:
        open_nodes[-1].value.append((keys[-1], node))
        keys[-1] = None
