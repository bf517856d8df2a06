"""Finds conditions that YAML cut or split because their author did not quote them. `conditions` parses them."""

from __future__ import annotations

import yaml

from service.language.collector import BoundValue, Places
from service.language.files.moved_places import MovedPlaces
from service.language.files.source import Source
from service.language.place import Path


def _origin(here: BoundValue) -> tuple[Places, Path]:
    """The file in which the value was written, and its path there: defaults and parts put values of several files together."""
    source, path = here.source, here.path
    while isinstance(source, MovedPlaces):
        source, path = source.origin(path)
    return source, path


def is_unread(here: BoundValue) -> bool:
    """Whether the value is missing because its YAML is refused. That is reported already."""
    source, path = _origin(here)
    return isinstance(source, Source) and path in source.unread


def is_cut(here: BoundValue, *, flow_too: bool = True) -> bool:
    """Whether YAML may have cut or split the unquoted expression at `here`. Reports it.

    With `flow_too`, an unquoted condition inside [ ] or { } is always an error. Derived facts set it to false: their
    expressions may stand there unquoted. If YAML splits one, the rest is reported as an unknown key.
    """
    source, path = _origin(here)
    if not isinstance(source, Source):
        return False  # the file is not YAML
    node = source.nodes[path]
    assert isinstance(node, yaml.ScalarNode)
    if node.style in ("'", '"', "|", ">"):
        return False
    if flow_too and path in source.in_flow:
        here.error(
            "quote-condition",
            "inside [ ] or { } a condition must be quoted",
            "YAML splits it at , [ ] { } and ':'",
        )
        return True
    end = source.text.find("\n", node.end_mark.index)
    rest = source.text[node.end_mark.index : end if end >= 0 else None]
    if "#" in rest:
        here.error(
            "quote-condition",
            "YAML reads '#' and the rest of the line as a comment, not as part of the condition",
            "quote the condition, or give the comment a line of its own",
        )
        return True
    return False
