"""The brief alone, and the brief as a text for chats: short enough, plain, and without losing what is to be done."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.scalars import format_datetime
from service.answering import report
from service.asking.posted import Posted
from service.reporting.profiles import MOST_BYTES, ChatLine, cut, fitted, harmless, shared, size
from tests.packs import default_pack
from tests.reporting.golden import NOW, STORM, packs
from tests.reporting.test_report import serving
from tests.rules.incidents import AS_OF, Incidents
from tests.rules.wrong_facts import posted

LATER = "Shortened."


def lines(*texts: str) -> list[ChatLine]:
    """Lines that begin with a digit never give way, those with a question mark first."""
    order = [None if text[0].isdigit() else int("?" not in text) for text in texts]
    return [ChatLine(*one) for one in zip(texts, order, strict=True)]


def test_what_fits_stays_as_it_is() -> None:
    assert fitted(lines("Storm", "1 Call", "Say: this"), 23, LATER) == "Storm\n1 Call\nSay: this\n"


def test_lines_are_left_out_in_their_order_the_last_of_equal_ones_first() -> None:
    asked = lines("1 Call the crew", "How high?", "Waves", "2 Close the gate", "Say: all is well")
    text = "1 Call the crew\nWaves\n2 Close the gate\nShortened.\n"
    assert fitted(asked, size(text), LATER) == text
    assert fitted(asked, size(text) - 1, LATER) == text.replace("Waves\n", "")


def test_if_that_is_not_enough_the_longest_lines_are_cut_and_none_is_left_out() -> None:
    asked = lines("1 Call", "2 " + "x" * 500, "3 " + "y" * 300)
    text = fitted(asked, 100, LATER)
    first, second, third, last = text.splitlines()
    assert (first, last) == ("1 Call", LATER)
    assert second.endswith("x…")
    assert third.endswith("y…")
    assert 96 <= size(text) <= 100


def test_small_shares_are_kept_whole_and_the_others_share_the_rest() -> None:
    assert shared([10, 500, 40, 300], 250) == [10, 100, 40, 100]
    assert shared([10, 20], 100) == [10, 20]
    assert shared([10, 20], -5) == [0, 0]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("风暴", 6, "风暴"),
        ("风暴来", 8, "风…"),
        ("abcdef", 5, "ab…"),
        ("ab cdef", 6, "ab…"),
        ("ae\u0301e\u0301e", 7, "ae\u0301…"),
        ("a\U0001f468\u200d\U0001f469b", 9, "a…"),
        ("abc", 2, ""),
    ],
)
def test_a_text_is_cut_between_characters(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected
    assert size(cut(text, limit)) <= limit


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        ("<at user_id='all'>", "‹at user_id='all'›"),
        ("<!channel> <http://evil.example|here>", "‹!channel› ‹http[:]//evil[.]example|here›"),
        ("see www.evil.example now", "see www[.]evil[.]example now"),
        ("a\u202eb\x07c\nd", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c d"),
        ("30.5 m/s, e.g. 21:55 +08:00", "30.5 m/s, e.g. 21:55 +08:00"),
    ],
)
def test_nothing_in_a_chat_is_a_command_or_an_address_to_open(posted: str, told: str) -> None:
    assert harmless(posted) == told


def test_the_brief_is_markdown_and_the_chat_is_plain() -> None:
    body: Any = {**STORM, "locale": "en"}
    brief, chat = (report(packs(), Posted(body, NOW), profile=one) for one in ("brief", "chat"))
    assert brief.startswith("# Storm, Night crew; load 30\n")
    assert chat.startswith("Storm, Night crew; load 30\n")
    assert "**" not in chat


def test_the_chat_of_a_random_incident_has_at_most_2000_bytes() -> None:
    incidents = Incidents(default_pack(), 15)
    serve = serving(default_pack())
    longest = 0
    for number in range(24):
        facts = posted(incidents.draw().facts)
        body = {"facts": facts, "as_of": format_datetime(AS_OF)}
        text = report(
            serve,
            Posted({**body, "locale": ("zh", "en", "both")[number % 3]}, AS_OF),
            profile="chat",
        )
        longest = max(longest, size(text))
        assert size(text) <= MOST_BYTES
        assert "\n\n\n" not in text
        assert not {"<", ">"} & set(text)
    assert longest > 500
