"""An author's YAML file read into plain data plus the place of every value. Knows YAML and its traps, not packs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

import yaml

from service.language.files.compose import MAX_DEPTH, TAG, RefusedYaml, TooDeepError, compose
from service.language.problem import Problem

Path = tuple[str | int, ...]
MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """One file: `data` as plain dicts, lists and scalars, and where each of them stands.

    `unread` are the paths whose value is None because YAML there is refused, which is reported.
    """

    file: str
    text: str
    data: Any = None
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)
    keys: dict[Path, yaml.Node] = field(default_factory=dict)
    in_flow: frozenset[Path] = frozenset()
    unread: frozenset[Path] = frozenset()

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
        line, column = place_of(self.text, node.start_mark.index) if node else (0, 0)
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
            return self.keys[path], max(1, len(str(self.keys[path].value)))
        while path and path not in self.nodes:
            if path in self.keys:
                return self.keys[path], max(1, len(str(self.keys[path].value)))
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
        return place_of(self.text, raw)


def place_of(text: str, index: int) -> tuple[int, int]:
    """Line and column from 0. YAML's own count takes more characters than line feeds for line ends."""
    return text.count("\n", 0, index), index - text.rfind("\n", 0, index) - 1


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
        composed = compose(text)
    except yaml.MarkedYAMLError as error:
        return None, [_yaml_problem(error, text, shown_as)]
    except (yaml.YAMLError, ValueError) as error:
        reason = getattr(error, "reason", "") or "it has stray characters"
        return None, [Problem(shown_as, 1, 1, "yaml-syntax", f"this is not YAML: {reason}")]
    if composed.root is None:
        return Source(shown_as, text), []
    builder = _Builder(shown_as, text, {key: why for key, (_, why) in composed.refused.items()})
    data = builder.build(composed.root, (), in_flow=False)
    source = Source(
        shown_as,
        text,
        data,
        builder.nodes,
        builder.keys,
        frozenset(builder.in_flow),
        frozenset(builder.unread),
    )
    return source, builder.problems


def _yaml_problem(error: yaml.MarkedYAMLError, text: str, shown_as: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = place_of(text, mark.index) if mark else (0, 0)
    message = " ".join(part for part in (error.context, error.problem) if part)
    if isinstance(error, TooDeepError):
        message = f"more than {MAX_DEPTH} levels of nesting"
        return Problem(shown_as, line + 1, column + 1, "yaml-depth", message)
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
    text: str
    refused: dict[int, RefusedYaml]
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)
    keys: dict[Path, yaml.Node] = field(default_factory=dict)
    in_flow: set[Path] = field(default_factory=set)
    unread: set[Path] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def build(self, node: yaml.Node, path: Path, in_flow: bool) -> Any:
        self.nodes[path] = node
        if in_flow:
            self.in_flow.add(path)
        if (why := self.refused.get(id(node))) is not None:
            self._report(node, why.code, why.message, why.hint)
            self.unread.add(path)
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        assert isinstance(node, yaml.CollectionNode)
        inside = in_flow or bool(node.flow_style)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, n), inside) for n, item in enumerate(node.value)]
        return dict(self._entries(node, path, inside))

    def _entries(self, node: yaml.Node, path: Path, inside: bool) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(key_node, "yaml-key", "a key must be plain text")
                continue
            if (why := self.refused.get(id(key_node))) is not None:
                self._report(key_node, why.code, why.message, why.hint)
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

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text = node.value
        try:
            match node.tag.removeprefix(TAG):
                case "null":
                    return None
                case "bool":
                    return text.lower() == "true"
                case "int":
                    return int(text, 0 if text[:2] in ("0x", "0o") else 10)
                case "float":
                    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            self._report(node, "yaml-number", "this number has too many digits")
            self.unread.add(path)
            return None
        return text

    def _report(self, node: yaml.Node, code: str, message: str, hint: str = "") -> None:
        line, column = place_of(self.text, node.start_mark.index)
        self.problems.append(Problem(self.file, line + 1, column + 1, code, message, hint))
