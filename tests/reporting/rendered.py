"""Reads Markdown with an independent parser: CommonMark with HTML, tables, strikethrough and every kind of autolink."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token


def reader() -> MarkdownIt:
    return MarkdownIt("gfm-like", {"html": True, "linkify": True}).enable(["linkify"])


def tokens(text: str) -> Iterator[Token]:
    """Every token, also those inside lines."""
    for token in reader().parse(text):
        yield token
        yield from token.children or ()


def kinds(text: str) -> list[str]:
    return [token.type for token in tokens(text) if token.type not in ("text", "text_special")]


def words(text: str) -> str:
    """The text alone, without its markup."""
    return "".join(token.content for token in tokens(text) if token.type.startswith("text"))
