"""Reads an author's YAML file into plain data and the place of every value. It must not know the shape of a pack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from schemas.scalars import becomes_zero
from service.language.collector import BoundPlace, Collector
from service.language.files.compose import (
    MAX_DEPTH,
    MAX_NODES,
    TAG,
    RefusedYaml,
    TooDeepError,
    TooManyNodesError,
    compose,
)
from service.language.files.text_place import line_starts, place_at, scalar_place
from service.language.place import Path, Place


@dataclass(frozen=True, slots=True)
class Source:
    """One file: `data` as plain dicts, lists and scalars, and the place of each of them.

    `unread` has the paths whose value is None because their YAML is refused. That is reported.
    """

    file: str
    text: str
    data: Any = None
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)
    keys: dict[Path, yaml.ScalarNode] = field(default_factory=dict)
    in_flow: frozenset[Path] = frozenset()
    unread: frozenset[Path] = frozenset()
    line_starts: Sequence[int] = (0,)

    def place(self, path: Path) -> Place:
        """The place of the value at `path`; if there is none, of the nearest value around it."""
        while path and path not in self.nodes:
            path = path[:-1]
        node = self.nodes.get(path)
        if isinstance(node, yaml.ScalarNode):
            return scalar_place(self.file, self.text, self.line_starts, node)
        return place_at(self.file, self.line_starts, node.start_mark.index if node else 0)

    def key_place(self, path: Path) -> Place:
        """The place of the key at `path`; if there is none, of the value."""
        node = self.keys.get(path)
        if node is None:
            return self.place(path)
        length = max(1, len(node.value))
        return place_at(self.file, self.line_starts, node.start_mark.index, length)

    def written(self, path: Path) -> Any:
        """The value at `path` as its author wrote it, also where a constant's value took its place. None if there is none."""
        found = self.data
        for part in path:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def keys_written(self, path: Path) -> list[str] | None:
        """The keys of the mapping at `path`; None if there is no mapping."""
        node = self.nodes.get(path)
        if node is None or node.tag != f"{TAG}map":
            return None
        return [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]


def read_source(raw: bytes, name: str, collector: Collector) -> Source | None:
    """Parse the bytes of one file. None if they cannot be read as YAML at all."""
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = "the file is not UTF-8 text"
        at = Place(name, line, column)
        collector.at(at).error("not-utf8", message, "save the file as UTF-8")
        return None
    return parse_source(text, name, collector)


def parse_source(text: str, name: str, collector: Collector) -> Source | None:
    """Parse YAML text into a Source. All problems of its form are reported."""
    text = text.replace("\r\n", "\n")
    starts = line_starts(text)
    try:
        composed = compose(text)
    except yaml.MarkedYAMLError as error:
        _refuse_yaml(error, text, name, starts, collector)
        return None
    except (yaml.YAMLError, ValueError) as error:
        reason = getattr(error, "reason", "") or "it has characters that YAML does not allow"
        collector.at(Place(name)).error("yaml-syntax", f"this is not YAML: {reason}")
        return None
    if composed.root is None:
        return Source(name, text)
    refused = {key: why for key, (_, why) in composed.refused.items()}
    builder = _Builder(name, starts, refused, collector)
    data = builder.build(composed.root, (), in_flow=False)
    return Source(
        name,
        text,
        data,
        builder.nodes,
        builder.keys,
        frozenset(builder.in_flow),
        frozenset(builder.unread),
        starts,
    )


MAX_DIGITS = 1_000
"""The most digits of an integer. Python refuses to write one of more than 4,300 decimal digits."""


def _integer(text: str) -> int:
    """Raises ValueError, whose message says why."""
    if len(text) > MAX_DIGITS:
        raise ValueError("this number has too many digits")
    return int(text, 0 if text[:2] in ("0x", "0o") else 10)


def _double(text: str) -> float:
    """Raises ValueError, whose message says why."""
    value = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if becomes_zero(text, value):
        raise ValueError("this number is too small: it would become 0")
    return value


TO_BE_QUOTED = ("mapping values", "expected ',' or", "found character")
"""Parts of libyaml's messages for an unquoted text with a character that has a meaning in YAML. libyaml gives no codes."""


def _refuse_yaml(
    error: yaml.MarkedYAMLError,
    text: str,
    file: str,
    starts: Sequence[int],
    collector: Collector,
) -> None:
    mark = error.problem_mark or error.context_mark
    place = place_at(file, starts, mark.index if mark else 0)
    if isinstance(error, TooDeepError):
        collector.at(place).error("yaml-depth", f"more than {MAX_DEPTH} levels of nesting")
        return
    if isinstance(error, TooManyNodesError):
        message = f"a pack file may have at most {MAX_NODES:,} keys and values"
        collector.at(place).error("file-too-large", message)
        return
    message = " ".join(part for part in (error.context, error.problem) if part)
    hint = ""
    if "\t" in text.split("\n")[place.line - 1]:
        hint = "indent with spaces, not tabs"
    elif any(words in message for words in TO_BE_QUOTED):
        hint = "put a condition or text that contains ': ', '[', '#', '@' or '`' in quotes"
    collector.at(place).error("yaml-syntax", f"this is not YAML: {message}", hint)


@dataclass(slots=True)
class _Builder:
    """Turns composed nodes into data, keeps their places and reports the refused ones."""

    file: str
    line_starts: Sequence[int]
    refused: dict[int, RefusedYaml]
    collector: Collector
    nodes: dict[Path, yaml.Node] = field(default_factory=dict)
    keys: dict[Path, yaml.ScalarNode] = field(default_factory=dict)
    in_flow: set[Path] = field(default_factory=set)
    unread: set[Path] = field(default_factory=set)

    def build(self, node: yaml.Node, path: Path, in_flow: bool) -> Any:
        self.nodes[path] = node
        if in_flow:
            self.in_flow.add(path)
        if (why := self.refused.get(id(node))) is not None:
            self._at(node).error(why.code, why.message, why.hint)
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
                self._at(key_node).error("yaml-key", "a key must be plain text")
                continue
            if (why := self.refused.get(id(key_node))) is not None:
                self._at(key_node).error(why.code, why.message, why.hint)
                continue
            key = key_node.value
            self._check_text(key_node)
            if key in seen:
                message = f"'{key}' is here twice"
                self._at(key_node).error("duplicate-key", message, "keep one of them")
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
                    return _integer(text)
                case "float":
                    return _double(text)
        except ValueError as error:
            self._at(node).error("yaml-number", str(error))
            self.unread.add(path)
            return None
        self._check_text(node)
        return text

    def _check_text(self, node: yaml.ScalarNode) -> None:
        """Reports a NUL character. A caller could not send an answer with one back: a request cannot have it."""
        if "\0" in node.value:
            self._at(node).error("bad-value", "a text cannot have a NUL character")

    def _at(self, node: yaml.Node) -> BoundPlace:
        return self.collector.at(place_at(self.file, self.line_starts, node.start_mark.index))
