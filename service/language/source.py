"""An author's YAML file read into plain data plus the place of every value. Knows YAML and its traps, not packs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from service.language.problem import Problem

Path = tuple[str | int, ...]
MAX_DEPTH = 40
MAX_BYTES = 4 * 1024 * 1024

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
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
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$", re.ASCII), _first)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: `data` as plain dicts, lists and scalars, and where each of them stands."""

    file: str
    text: str
    data: Any = None
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)
    keys: dict[Path, yaml.Node] = field(default_factory=dict)
    in_flow: frozenset[Path] = frozenset()

    def problem(
        self,
        path: Path,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        severity: Any = "error",
    ) -> Problem:
        """A problem at the value (or, with `key`, the key) at `path`, or at its nearest parent."""
        node, width = self._nearest(path, key)
        line, column = (node.start_mark.line, node.start_mark.column) if node else (0, 0)
        return Problem(
            self.file, line + 1, column + 1, code, message, hint, width, severity=severity
        )

    def problem_inside(
        self,
        path: Path,
        start: int,
        end: int,
        code: str,
        message: str,
        hint: str = "",
        severity: Any = "error",
    ) -> Problem:
        """A problem at characters `start` to `end` of the string value at `path`."""
        line, column = self._place_inside(path, start)
        end_line, end_column = self._place_inside(path, max(start, end - 1))
        width = end_column - column + 1 if end_line == line else 1
        return Problem(
            self.file, line + 1, column + 1, code, message, hint, width, severity=severity
        )

    def _nearest(self, path: Path, key: bool) -> tuple[yaml.Node | None, int]:
        if key and path in self.keys:
            return self.keys[path], len(str(self.keys[path].value))
        while path and path not in self.nodes:
            if path in self.keys:
                return self.keys[path], len(str(self.keys[path].value))
            path = path[:-1]
        node = self.nodes.get(path)
        one_line = isinstance(node, yaml.ScalarNode) and node.start_mark.line == node.end_mark.line
        width = node.end_mark.column - node.start_mark.column if node and one_line else 1
        return node, max(1, width)

    def _place_inside(self, path: Path, offset: int) -> tuple[int, int]:
        """Walk value and raw text side by side: folding, quoting and indentation only add to the raw."""
        node = self.nodes[path]
        assert isinstance(node, yaml.ScalarNode)
        raw = node.start_mark.index
        if node.style in ("|", ">"):
            raw = self.text.find("\n", raw) + 1
        elif node.style in ("'", '"'):
            raw += 1
        for position, character in enumerate(node.value):
            if character.isspace():
                if position == offset:
                    break
                continue
            found = self.text.find(character, raw)
            if found < 0 or found >= node.end_mark.index:
                break
            raw = found
            if position == offset:
                break
            raw += 1
        line_start = self.text.rfind("\n", 0, raw) + 1
        return self.text.count("\n", 0, raw), raw - line_start


def read_source(path: FilePath, shown_as: str) -> tuple[Source | None, list[Problem]]:
    """Read and parse one file. Returns no source when its YAML cannot be read at all."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [
            Problem(shown_as, 1, 1, "unreadable-file", f"the file cannot be read: {error.strerror}")
        ]
    if len(raw) > MAX_BYTES:
        return None, [Problem(shown_as, 1, 1, "file-too-large", "a pack file may have 4 MiB")]
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = "the file is not UTF-8 text"
        return None, [
            Problem(shown_as, line, column, "not-utf8", message, "save the file as UTF-8")
        ]
    return parse_source(text, shown_as)


def parse_source(text: str, shown_as: str) -> tuple[Source | None, list[Problem]]:
    """Parse YAML text into a Source. All problems of its form are collected."""
    text = text.replace("\r\n", "\n")
    try:
        root = _compose(text)
    except yaml.MarkedYAMLError as error:
        return None, [_yaml_problem(error, text, shown_as)]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = getattr(error, "reason", "") or "it is nested too deeply or has stray characters"
        return None, [Problem(shown_as, 1, 1, "yaml-syntax", f"this is not YAML: {reason}")]
    if root is None:
        return Source(shown_as, text), []
    builder = _Builder(shown_as)
    data = builder.build(root, (), in_flow=False)
    source = Source(shown_as, text, data, builder.nodes, builder.keys, frozenset(builder.in_flow))
    return source, builder.problems


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _yaml_problem(error: yaml.MarkedYAMLError, text: str, shown_as: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    message = " ".join(part for part in (error.context, error.problem) if part)
    hint = ""
    lines = text.split("\n")
    shown = lines[line] if line < len(lines) else ""
    if "\t" in shown:
        hint = "indent with spaces, not tabs"
    elif (
        "mapping values" in message or "expected ',' or" in message or "found character" in message
    ):
        hint = "put a condition or text that holds ': ', '[', '#', '@' or '`' in quotes"
    return Problem(
        shown_as, line + 1, column + 1, "yaml-syntax", f"this is not YAML: {message}", hint
    )


@dataclass(slots=True)
class _Builder:
    """Turns composed nodes into data, noting places and collecting problems."""

    file: str
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)
    keys: dict[Path, yaml.Node] = field(default_factory=dict)
    in_flow: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)

    def build(self, node: yaml.Node, path: Path, in_flow: bool) -> Any:
        if id(node) in self._seen:
            self._report(
                node,
                "yaml-alias",
                "an alias (*name) repeats a value by reference",
                "write the value out",
            )
            return None
        self._seen.add(id(node))
        self.nodes[path] = node
        if in_flow:
            self.in_flow.add(path)
        if len(path) > MAX_DEPTH:
            self._report(node, "yaml-depth", f"more than {MAX_DEPTH} levels of nesting")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        assert isinstance(node, yaml.CollectionNode)
        inside = in_flow or bool(node.flow_style)
        if not self._is_plain_collection(node):
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, n), inside) for n, item in enumerate(node.value)]
        return dict(self._entries(node, path, inside))

    def _entries(self, node: yaml.Node, path: Path, inside: bool) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(key_node, "yaml-key", "a key must be plain text")
                continue
            key = key_node.value
            if key in seen:
                self._report(
                    key_node, "duplicate-key", f"'{key}' stands here twice", "keep one of them"
                )
                continue
            seen.add(key)
            self.keys[(*path, key)] = key_node
            yield key, self.build(value_node, (*path, key), inside)

    def _is_plain_collection(self, node: yaml.Node) -> bool:
        if node.tag in (_TAG + "map", _TAG + "seq"):
            return True
        self._report_tag(node)
        return False

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        kind = node.tag.removeprefix(_TAG)
        try:
            match kind:
                case "str":
                    return node.value
                case "null":
                    return None
                case "bool":
                    return node.value.lower() == "true"
                case "int":
                    return int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10)
                case "float":
                    return float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            self._report(node, "yaml-number", "this number has too many digits")
            return None
        self._report_tag(node)
        return None

    def _report_tag(self, node: yaml.Node) -> None:
        self._report(
            node,
            "yaml-tag",
            f"YAML reads '{node.tag.removeprefix(_TAG)}' as a tag, not as text",
            "a text that starts with '!' must stand in quotes: when: '!group.fact'",
        )

    def _report(self, node: yaml.Node, code: str, message: str, hint: str = "") -> None:
        mark = node.start_mark
        self.problems.append(
            Problem(self.file, mark.line + 1, mark.column + 1, code, message, hint)
        )
