"""A report shows every given text as plain text: no link, no image, no HTML, no markup of any kind."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reporting.markdown import (
    INVISIBLE,
    MOST_CHARACTERS,
    Markdown,
    bullets,
    heading,
    joined,
    paragraph,
    plain,
    strong,
    table,
)
from tests.reporting.rendered import kinds, words

HOSTILE = [
    "[a link](http://evil.example)",
    "![an image](http://evil.example/x.png)",
    "![x][1]",
    "[1]: http://evil.example",
    "[^1]",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- a comment",
    "&lt;b&gt; &#60;b&#62; &copy;",
    "<http://evil.example>",
    "http://evil.example/a?b=c",
    "https://evil.example",
    "//evil.example",
    "www.evil.example",
    "evil.example.com",
    "mail me@evil.example",
    "mailto:me@evil.example",
    "xmpp:me@evil.example",
    "ftp://evil.example",
    "javascript:alert(1)",
    "# a heading",
    "a heading\n===",
    "a heading\n---",
    "---",
    "***",
    "* * *",
    "_ _ _",
    "- an item",
    "+ an item",
    "* an item",
    "1. an item",
    "1) an item",
    "123456789. an item",
    "- [ ] a task",
    "> a quotation",
    "    code",
    "\tcode",
    "`code`",
    "```\ncode",
    "~~~\ncode",
    "**bold** *slanted* __bold__ _slanted_",
    "~~struck out~~",
    "a | b",
    "a \\| b",
    "| a | b |\n|---|---|\n| c | d |",
    "a line\\\nand one more",
    "two blanks  \nat the end",
    "a backslash at the end\\",
    "`` ` ``",
    "$x$ ^y^ ==z== :smile:",
    "\\<b\\>",
    "\\\\[x](y)",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
]
SPECIAL = st.text(
    st.sampled_from(list("\\`*_{}[]()<>#+-=.!|~&:/@$^\"' \n\t1aZ字。，w")), max_size=40
)


def apart(text: str) -> str:
    """The text that a reader must see: in one line, with a visible mark for each invisible character."""
    shown = [
        " "
        if character.isspace()
        else INVISIBLE
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")
        and character not in "\u200c\u200d"
        else character
        for character in text
    ]
    return " ".join("".join(shown).split())


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_plain_text_in_every_place(text: str) -> None:
    _stays_plain(text)


@given(SPECIAL | st.text(max_size=60))
def test_any_text_is_plain_text_in_every_place(text: str) -> None:
    _stays_plain(text)


def _stays_plain(text: str) -> None:
    read = apart(text)
    for lines, shape in (
        (paragraph(text), ["paragraph_open", "inline", "paragraph_close"]),
        (heading(2, text), ["heading_open", "inline", "heading_close"]),
        (
            bullets([text, "x"]),
            ["bullet_list_open", *_items(read), *_items("x"), "bullet_list_close"],
        ),
        (
            bullets([text, "x"], numbered=True),
            ["ordered_list_open", *_items(read), *_items("x"), "ordered_list_close"],
        ),
    ):
        document = "\n".join(lines)
        if read:
            assert kinds(document) == shape
            assert words(document) == read + ("x" if "list" in shape[0] else "")


def _items(text: str) -> list[str]:
    opened = ["list_item_open", "paragraph_open", "inline", "paragraph_close", "list_item_close"]
    return opened if text else []


@given(SPECIAL)
def test_any_text_in_a_table_stays_in_its_cell(text: str) -> None:
    document = "\n".join(table([text, "b"], [[text, "c"], ["d", text]]))
    assert kinds(document).count("table_open") == 1
    assert kinds(document).count("th_open") == 2
    assert kinds(document).count("td_open") == 4
    assert words(document) == apart(text) + "b" + apart(text) + "cd" + apart(text)


@given(SPECIAL)
def test_any_text_can_be_bold_between_blanks(text: str) -> None:
    document = "\n".join(paragraph("before", strong(text), "after"))
    if apart(text):
        assert kinds(document)[2:4] == ["strong_open", "strong_close"]
    assert words(document).split() == ["before", *apart(text).split(), "after"]


@given(SPECIAL)
def test_no_angle_bracket_and_no_bare_ampersand_is_written(text: str) -> None:
    """The text is also safe on a page that does not parse Markdown."""
    written = plain(text)
    assert "<" not in written
    assert ">" not in written
    assert re.sub("&(amp|lt|gt);", "", written).count("&") == 0


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f", "\u061c", "\u200b", "\ufeff", "\0"])
def test_an_invisible_character_or_one_that_sets_the_text_direction_becomes_a_mark(
    mark: str,
) -> None:
    assert plain(f"a{mark}b") == f"a{INVISIBLE}b"


def test_emoji_and_words_that_need_joiners_stay_whole() -> None:
    assert plain("👩\u200d🔬") == "👩\u200d🔬"


def test_common_texts_of_reports_are_not_escaped() -> None:
    for text in (
        "2026-03-02 10:30",
        "3.5 %",
        "-5",
        "Ⅰ级（红）",
        "法释〔2013〕21号",
        "a_b",
        "1.0.0",
    ):
        assert plain(text) == text


def test_a_text_that_is_too_long_is_cut_and_ends_with_an_ellipsis() -> None:
    assert len(plain("x" * 5000)) == MOST_CHARACTERS
    assert plain("x" * 5000).endswith("…")


def test_markdown_is_not_escaped_again() -> None:
    once = plain("a*b")
    assert plain(once) == once
    assert isinstance(once + "*" + once, Markdown)
    assert once + "*" == "a\\*b\\*"
    assert "*" + once == "\\*a\\*b"
    assert joined([once, "", "*"], " | ") == "a\\*b \\| \\*"
