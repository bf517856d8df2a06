"""Finds conditions that YAML cut or split because their author did not quote them. `conditions` parses them."""

from __future__ import annotations

import yaml

from service.language.collector import ValueReporter
from service.language.files.source import Source


def is_unread(here: ValueReporter) -> bool:
    """Whether the value is missing because its YAML is refused. That is reported already."""
    source = here.source
    return isinstance(source, Source) and here.path in source.unread


def is_cut(here: ValueReporter, *, flow_too: bool = True) -> bool:
    """Whether YAML may have cut or split the unquoted expression at `here`. Reports it.

    If YAML splits the value of a derived fact, the rest is an unknown key and reported so: there `flow_too` is false.
    """
    source = here.source
    if not isinstance(source, Source):
        return False  # the file is not YAML
    node = source.nodes[here.path]
    assert isinstance(node, yaml.ScalarNode)
    if node.style in ("'", '"', "|", ">"):
        return False
    if flow_too and here.path in source.in_flow:
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
