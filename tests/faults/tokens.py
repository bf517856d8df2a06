"""Hostile pieces of JSON, and the words of the packs between which they are inserted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from schemas.vocabulary import Fact
from service.authoring.cases import run_cases
from tests.packs import HARBOUR, loaded
from tests.server import ROOT

PACKS = (ROOT / "rules" / "pr_crisis", HARBOUR)

NUMBERS = [
    "0", "-0", "-1", "1", "1.0", "-0.0", "5e-324", "1e-400", "1e308", "1e999", "-1e999", "0.1e+1",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "01", "+1", "1.", ".5", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "9" * 400, "9" * 401,
    "1" + "0" * 5000, "1" + "0" * 308, "1" + "0" * 309, "1e-999", "2.4e-324", "2.5e-324", "1780272000", "1780272000000", "0." + "0" * 5000 + "1",
]  # fmt: skip
TEXTS = [
    "", "\\ud800", "\\udfff\\ud800", "\\ud83d\\ude00", "\\u0000", "\\x41", "\\", "\\u12", "\u202e", "e\u0301" * 99,
    "{harm.deaths}", "{0.__class__}", "%s%n", "危" * 4096, "危" * 4097, "x" * 5000, "$s", "sid-0", "__proto__",
    "2026-01-01T00:00:00Z", "2026-01-01T00:00:60Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z", "1899-12-31T23:59:59Z", "2026-01-01T00:00:00+99:99",
    "2026-02-30T00:00:00Z", "2026-06-01T00:00:00+08:60", "2026-06-01T00:00:00+0599", "2026-06-01T00:00:00+24:00",
    "2026-06-01T00:00:00+0800", "2026-06-01 00:00:00", "2026-06-01T00:00:00", "1970-01-01T00:00:00Z", "1780272000",
    "1780272000000", "0000-00-00 00:00:00", "America/New_York", "america/new_york", "../../etc/passwd", "/etc/localtime",
    "localtime", "Asia", "Etc/GMT+8", "+08:00", "zh-CN", "zh_Hans_CN", "BOTH", "1h", "-1h", "315576000000s", "999999999999h", "1.999999999999h", "1d",
]  # fmt: skip
RAW = [
    b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\x1f",
    b"\n", b"\r\n", b"\xe2\x80\xa8", b"\xc2\x85", b"[", b"]", b"{", b"}", b'"', b"\\", b",", b":", b"//", b"/**/",
    b"null", b"true", b"false", b"[]", b"{}", b'{"a":' * 40, b"[" * 33, b"[" * 100_000, b"]" * 50,
    b'"facts"', b'"as_of"', b'"incident_id"', b'"locale"', b'"timezone":', b'"pack"', b'"previous"', b'"explain"', b'"contingency":true,', b'"due_at"', b'"since"', b'"value":', b'"measured_at":', b'{"facts":{}}', b'"facts":{},"facts":{}',
    b'"id":1,"sid":"0","$s":1', b" " * 5000,
]  # fmt: skip


ANSWERED = ("as_of", "outputs", "actions", "since")
"""The keys of an answer that are sent back in `previous`."""


@cache
def words() -> frozenset[str]:
    """Names of facts and groups, values of enums, names of packs and languages."""
    return frozenset(_words())


def _words() -> Iterator[str]:
    for folder in PACKS:
        pack = loaded(folder)
        yield from (pack.name, *pack.locales, *pack.outputs, *pack.actions)
        for name, fact in pack.vocabulary.facts.items():
            yield from (name, *name.split("."), *fact.type.values)
            yield from fact.type.item.values if fact.type.item else ()


@cache
def facts_of_packs() -> dict[str, list[Fact]]:
    packs = [loaded(folder) for folder in PACKS]
    return {pack.name: list(pack.vocabulary.facts.values()) for pack in packs}


def _sent_back(answer: dict[str, Any], as_of: str, whole: bool) -> dict[str, Any]:
    """The answer as one from before `as_of`."""
    if whole:
        return {"assessment_id": "a", "incident_id": None, **answer, "as_of": as_of}
    return {key: answer[key] for key in ANSWERED} | {"as_of": as_of}


@cache
def incidents() -> list[dict[str, Any]]:
    """Valid bodies: the cases of both packs with all options of a request, and an empty incident."""
    found: list[dict[str, Any]] = [{"facts": {}}]
    for folder in PACKS:
        pack = loaded(folder, with_cases=True)
        last: dict[str, Any] | None = None
        for number, result in enumerate(run_cases(pack, "reference")):
            case = result.case
            body: dict[str, Any] = {
                "facts": case.facts,
                "as_of": case.as_of.isoformat(),
                "pack": pack.name,
            }
            body["locale"] = pack.locales[number % len(pack.locales)]
            body["incident_id"] = f"case {number}"
            if number % 3 == 0 and last is not None:
                body["previous"] = _sent_back(last, body["as_of"], whole=number % 2 == 0)
            if number % 5 == 0:
                body |= {"explain": "full", "contingency": True}
            found.append(body)
            last = result.answer
    return found
