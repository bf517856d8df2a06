"""Finds the language of a pack that a requested locale means: the lookup of RFC 4647. It must not know a pack."""

from __future__ import annotations

import re
from collections.abc import Iterable

_RANGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)


def lookup(requested: str, languages: Iterable[str]) -> str | None:
    """The language itself, or the one that is left if parts of the request are cut from its end: zh-CN is zh.

    Case does not matter, and zh_CN is read as zh-CN. See https://www.rfc-editor.org/rfc/rfc4647#section-3.4.
    """
    if requested in (available := tuple(languages)):
        return requested
    known = {language.lower(): language for language in available}
    written = requested.replace("_", "-")
    if not _RANGE.fullmatch(written):
        return None
    parts = written.lower().split("-")
    while parts:
        if (language := known.get("-".join(parts))) is not None:
            return language
        parts.pop()
        if parts and len(parts[-1]) == 1:  # a part of one letter says what the next part is
            parts.pop()
    return None


def locale_pattern(languages: Iterable[str], others: Iterable[str]) -> str:
    """The regular expression of the locales that `lookup` finds, for the OpenAPI document."""
    several = "|".join(map(_any_case, languages))
    whole = "|".join(map(_any_case, others))
    return f"^(({several})([-_][A-Za-z0-9]{{1,8}})*|{whole})$"


def _any_case(text: str) -> str:
    """A pattern of this text in upper and lower case, with - or _."""
    letters = (f"[{letter.upper()}{letter.lower()}]" for letter in text)
    return "".join(letters).replace("[--]", "[-_]")
