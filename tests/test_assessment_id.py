"""The id of an answer is of all that was asked: the same id means the same bytes. docs/api.md defines it, so stores rely on it."""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
import uuid
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from schemas.incident import FIELDS
from schemas.strict_json import read_json, write_json
from service.answering import answer, report
from service.asking.assessment_id import assessment_id, canonical_form
from service.asking.canonical import canonical
from service.asking.posted import Posted
from service.serving.packs import Packs
from service.serving.served_pack import RefusedIncident, ServedPack
from tests.packs import HARBOUR, loaded
from tests.server import ROOT

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
DIGEST = "0" * 64
PAIRS = 400
PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")

LAST = {
    "as_of": "2026-03-01T00:00:00Z",
    "outputs": {"alert": {"value": "gale"}},
    "actions": ["SOUND_HORN"],
}
OTHER_VERSION = {
    "assessment_id": "of another version of the pack",
    "as_of": "2026-03-01T00:00:00Z",
    "outputs": {"alert": {"value": "gale"}, "mood": {"value": 1}, "load": {"value": "heavy"}},
    "since": {
        "mood": "2026-03-01T00:00:00Z",
        "alert": "2026-02-01T00:00:00Z",
        "tide": "2026-03-01T00:00:00Z",
    },
    "actions": [{"code": "SOUND_HORN", "song": 1, "verse": 2}, "SING"],
    "novel": 1,
    "other": 2,
}
FACTS: list[Any] = [
    {},
    {"wind": {"speed": 30}},
    {"wind": {"speed": 30.0}},
    {"wind": {"speed": 30.5, "gusts": 4, "from": "sea"}, "gate": {"closed": True}},
    {
        "wind": {"speed": None, "gusts": 0},
        "ships": {"inside": None, "names": ['"é\u2028\\ \u001f', "风"]},
    },
    {
        "ships": {"inside": 3, "flags": ["cn", "pa"]},
        "watch": {"started": "2026-03-01T20:00:00+08:00"},
    },
    {
        "wind": {"speed": {"value": 31, "reported_by": "mast", "disputed": True}},
        "ships": {"flagship": {"value": "A", "measured_at": "2026-03-01T20:00:00Z"}},
    },
    {"wind": {"speed": "30"}, "ships": {"inside": 2}},
    {
        "wind": {"speed": "30", "sped": 1, "gusts": -1},
        "ships": {"inside": 0.5, "names": ["a", 1]},
        "nothing": {"of": "ours"},
    },
]
VALUES: dict[str, list[Any]] = {
    "facts": FACTS,
    "as_of": ["2026-03-02T02:00:00Z", "2026-03-02T10:00:00+08:00", "2026-03-02T02:00:00.5Z"],
    "incident_id": ["a", "b"],
    "locale": ["en", "zh", "both"],
    "timezone": ["Asia/Tokyo", "America/New_York"],
    "pack": ["harbour"],
    "brand": ["acme"],
    "previous": [LAST, {**LAST, "outputs": {"alert": "calm"}}, OTHER_VERSION],
    "done": [[{"code": "CALL_CREW", "at": "2026-03-02T01:00:00Z"}], []],
    "explain": ["full", "reasons"],
    "contingency": [True, False],
    "drafts": [True, False],
    "fields": ["alert", ["alert", "actions.code"]],
}
"""Some values of every key of a body: a new key needs some."""
OUTSIDE: dict[str, list[Any]] = {"lenient": [True, False]}
"""Some values of every other way to ask."""


@pytest.fixture(scope="module")
def packs() -> Packs:
    pack = loaded(HARBOUR)
    return Packs({pack.name: ServedPack.of(pack, "reference")}, pack.name)


def id_of(body: Any, moment: datetime = NOW, **outside: Any) -> str:
    return assessment_id(Posted(body, NOW, **outside), moment, DIGEST, "0.1.0")


GOLDEN = [
    ({"facts": {}}, {}, "bf057a0b-9277-5795-aa08-fec54038d453"),
    ({"facts": None}, {}, "63ef230b-f289-5290-832d-4a92e5763114"),
    ({"facts": {"a": {"count": 1}}}, {}, "2989fe86-846b-5d44-8a03-60b44ed2dbfb"),
    ({"facts": {"a": {"count": 1.0}}}, {}, "bf00395a-bc87-5ee8-a393-369e90462571"),
    ({"facts": {"a": {"count": 2**70, "share": 1e-7}}}, {}, "9e65682c-2761-5e32-af26-648e33c7f1b4"),
    (
        {"facts": {"a": {"name": '风\n\u001f"\\é😀\u2028'}}, "locale": "zh"},
        {},
        "a4be9d12-df7f-58bd-b116-070939eb8953",
    ),
    (
        {"facts": {}, "contingency": False, "explain": "full", "incident_id": "i"},
        {},
        "64cc5613-5bda-5ee5-b4c3-ec968bd945e8",
    ),
    ({"facts": {}, "previous": {"outputs": None}}, {}, "51ec5524-620f-505c-8eb1-1353ae34c9a8"),
    ({"facts": {}}, {"lenient": True}, "59b085bd-0354-586b-9abe-7a4930744179"),
]


@pytest.mark.parametrize(("body", "outside", "expected"), GOLDEN)
def test_fixed_requests_have_fixed_ids(body: Any, outside: dict[str, Any], expected: str) -> None:
    assert id_of(body, **outside) == expected


def test_the_example_of_the_page_is_right() -> None:
    example = PAGE.split("For example, version 0.1.0", 1)[1].split("Different ids", 1)[0]
    sent, expected = re.findall(r"`([^`]+)`", example.split("```")[0])
    (form,) = re.findall(r"```json\n(.+)\n```", example)
    posted = Posted(read_json(sent.encode()), NOW)
    assert canonical_form(posted, NOW, DIGEST, "0.1.0").decode() == form
    assert assessment_id(posted, NOW, DIGEST, "0.1.0") == expected


def test_a_store_can_compute_the_id_from_the_page_alone(packs: Packs) -> None:
    """Without our code: UUIDv5 is a SHA-1 of the namespace and the name."""
    body = {
        "facts": {"wind": {"speed": 30.50}},
        "locale": None,
        "as_of": "2026-03-02T10:00:00+08:00",
    }
    found = answer(packs, Posted(body, NOW + timedelta(days=1), lenient=True))
    form = {
        "asked": {"body": {"facts": body["facts"], "as_of": body["as_of"]}, "lenient": True},
        "digest": found["pack"]["digest"],
        "moment": datetime.fromisoformat(found["as_of"])
        .astimezone(UTC)
        .strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tocsin": "0.1.0",
    }
    name = rewritten(form)
    (namespace,) = re.findall(r"namespace `([0-9a-f-]{36})`", PAGE)
    digest = hashlib.sha1(
        uuid.UUID(namespace).bytes + name.encode(), usedforsecurity=False
    ).digest()
    assert uuid.UUID(found["assessment_id"]) == uuid.UUID(bytes=digest[:16], version=5)


def rewritten(value: Any) -> str:
    """The page's definition of the canonical form for a second time, without our code and without orjson."""
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(f"{rewritten(key)}:{rewritten(value[key])}" for key in sorted(value))
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(rewritten, value)) + "]"
    if not isinstance(value, float):
        return json.dumps(value, ensure_ascii=False)
    sign, figures, _ = Decimal(repr(value)).normalize().as_tuple()
    digits, before_the_point = "".join(map(str, figures)), Decimal(repr(value)).adjusted() + 1
    if value == 0:
        text = "0.0"
    elif before_the_point > 16 or before_the_point <= -5:
        exponent = f"{before_the_point - 1:+d}"
        text = digits[0] + (f".{digits[1:]}" if digits[1:] else "") + f"e{exponent}"
    elif before_the_point <= 0:
        text = "0." + "0" * -before_the_point + digits
    else:
        text = (
            f"{digits[:before_the_point]:0<{before_the_point}}.{digits[before_the_point:] or '0'}"
        )
    return ("-" if sign or str(value) == "-0.0" else "") + text


def random_data(random: Random, depth: int = 3) -> Any:
    kind = random.randrange(9 if depth else 7)
    if kind < 2:
        return random.uniform(-1, 1) * 10 ** random.randrange(-12, 22)
    if kind < 4:
        doubles = struct.unpack("<d", random.randbytes(8))
        return random.choice(
            [*filter(math.isfinite, doubles), 0.0, -0.0, 1e16, 1e-5, 9.9e-6, 5e-324]
        )
    if kind == 4:
        return random.choice([True, False, None, 0, -(2**63), 2**64 - 1, 2**64, -(2**70), 10**30])
    if kind < 7:
        return "".join(
            random.choices('a"\\/\x01\x1f\n\r\t\b\f\x7fé风\u2028\uffff😀', k=random.randrange(4))
        )
    parts = [random_data(random, depth - 1) for _ in range(random.randrange(5))]
    return parts if kind == 7 else {f"{rewritten(part)}{n}": part for n, part in enumerate(parts)}


def test_the_canonical_form_is_as_the_page_defines_it() -> None:
    random = Random(12)
    for _ in range(4000):
        data = random_data(random)
        assert canonical(data).decode() == rewritten(data)


def test_what_counts_as_left_out_and_the_order_of_keys_do_not_matter() -> None:
    body = {"facts": {"a": {"count": 1, "share": 0.5}, "b": {}}, "locale": "en"}
    same = {"locale": "en", "previous": None, "facts": {"b": {}, "a": {"share": 5e-1, "count": 1}}}
    assert id_of(body) == id_of(same) == id_of(body, lenient=False)


def test_every_key_of_a_body_and_every_other_way_to_ask_is_part_of_the_id() -> None:
    assert VALUES.keys() == FIELDS.keys()
    assert {*OUTSIDE, "body", "now"} == {field.name for field in fields(Posted)}
    bodies = [{"facts": {}}] + [
        {"facts": {}, key: value} for key, values in VALUES.items() for value in values
    ]
    ids = [id_of(body) for body in bodies]
    ids += [id_of({"facts": {}}, **{key: values[0]}) for key, values in OUTSIDE.items()]
    repeated = 1  # the first value of `facts` is {}
    assert len(set(ids)) == len(ids) - repeated


def test_version_digest_and_moment_are_part_of_the_id() -> None:
    posted = Posted({"facts": {}}, NOW)
    ids = {
        assessment_id(posted, NOW, DIGEST, "0.1.0"),
        assessment_id(posted, NOW, DIGEST, "0.1.1"),
        assessment_id(posted, NOW, "1" * 64, "0.1.0"),
        assessment_id(posted, NOW + timedelta(seconds=1), DIGEST, "0.1.0"),
        assessment_id(posted, NOW + timedelta(microseconds=1), DIGEST, "0.1.0"),
    }
    assert len(ids) == 5


def test_without_as_of_the_moment_is_our_clock(packs: Packs) -> None:
    first, again, later = (
        answer(packs, Posted({"facts": {}}, NOW + timedelta(seconds=seconds)))["assessment_id"]
        for seconds in (0, 0, 1)
    )
    assert first == again != later


@pytest.mark.parametrize("locale", ["en", "both"])
def test_a_report_has_the_id_of_its_json(packs: Packs, locale: str) -> None:
    posted = Posted({"facts": FACTS[1], "locale": locale}, NOW)
    text = report(packs, posted)
    assert set(re.findall(r"[0-9a-f-]{36}", text)) == {answer(packs, posted)["assessment_id"]}


def test_the_order_of_keys_changes_no_report(packs: Packs) -> None:
    facts = {
        "wind": {"speed": 30, "gusts": 3},
        "ships": {"names": ["a"], "inside": "b", "flag": 1, "flagship": {"value": 1, "by": 2}},
    }
    written = {
        report(packs, Posted(shuffled({"facts": facts}, Random(seed)), NOW, lenient=True))
        for seed in range(20)
    }
    assert len(written) == 1


def shuffled(value: Any, random: Random) -> Any:
    """The same data with the keys of each object in another order."""
    if isinstance(value, dict):
        keys = random.sample(list(value), len(value))
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(one, random) for one in value] if isinstance(value, list) else value


def random_request(random: Random) -> Posted:
    body = {key: random.choice(values) for key, values in VALUES.items() if random.random() < 0.4}
    outside = {key: random.choice(values) for key, values in OUTSIDE.items()}
    return Posted({"facts": random.choice(FACTS), **body}, NOW, **outside)


def other_key(posted: Posted, random: Random) -> Posted:
    key = random.choice(list(VALUES))
    return replace(posted, body={**posted.body, key: random.choice([None, *VALUES[key]])})


def other_way(posted: Posted, random: Random) -> Posted:
    key = random.choice(list(OUTSIDE))
    return replace(posted, **{key: random.choice(OUTSIDE[key])})


def other_clock(posted: Posted, random: Random) -> Posted:
    return replace(posted, now=NOW + timedelta(days=random.choice([-2, 0, 1])))


def other_order(posted: Posted, random: Random) -> Posted:
    return replace(posted, body=shuffled(posted.body, random))


CHANGES: list[Callable[[Posted, Random], Posted]] = [other_key, other_way, other_clock, other_order]


def pairs(seed: int) -> Iterator[tuple[Posted, Posted]]:
    random = Random(seed)
    for _ in range(PAIRS):
        first = second = random_request(random)
        for change in random.sample(CHANGES, random.choice([1, 2])):
            second = change(second, random)
        yield first, second


def test_two_requests_with_one_id_have_the_same_bytes(packs: Packs) -> None:
    def answered(posted: Posted) -> bytes | None:
        try:
            return write_json(answer(packs, posted))
        except RefusedIncident:
            return None

    seen = {"one id": 0, "other bytes": 0}
    for first, second in pairs(seed=12):
        one, other = answered(first), answered(second)
        if one is None or other is None:
            continue
        if read_json(one)["assessment_id"] == read_json(other)["assessment_id"]:
            assert one == other, (first, second)
            seen["one id"] += first != second
        seen["other bytes"] += one != other
    assert min(seen.values()) > PAIRS // 40, seen


def test_what_is_told_of_mistakes_does_not_depend_on_the_order_of_keys(packs: Packs) -> None:
    """More of them than are listed: which ones are listed must not depend on it either."""
    facts = {"wind": {f"speed{n}": n for n in range(150)} | {"speed": "30", "gusts": -1}}
    last = OTHER_VERSION | {f"novel{n}": n for n in range(150)}
    posted = Posted({"facts": facts, "previous": last}, NOW, lenient=True)
    asked = [other_order(posted, Random(seed)) for seed in range(5)]
    assert len({write_json(answer(packs, one)) for one in asked}) == 1
    assert len({report(packs, one) for one in asked}) == 1
