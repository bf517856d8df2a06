"""The incidents that both trees assess: all worked examples of the project, and random ones drawn from a seed.

Each has the name of its pack and its moment, so its answer depends on nothing else. This working tree makes them once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Protocol

from schemas.previous import Previous
from schemas.scalars import format_datetime
from service.language.model import Pack
from tests.faults.bodies import Bodies
from tests.incidents import random_bodies
from tests.packs import HARBOUR, loaded
from tests.rules.incidents import AS_OF, Incidents
from tests.semantics.completions import NOW, random_incident
from tests.semantics.random_packs import RandomPack, random_pack
from tests.server import ROOT

DEFAULT = "pr_crisis"
PACKS = (Path("rules") / DEFAULT, HARBOUR.relative_to(ROOT))
"""Their folders in each tree. Each tree answers by its own packs."""
PREVIOUS_PARTS = ("as_of", "outputs", "actions", "since")
"""The parts of an answer that a caller sends back as the previous answer."""
DAMAGED_SHARE, RANDOM_PACKS_SHARE = 10, 10
"""The number of random incidents for each damaged body, and for each incident of a random pack."""
INCIDENTS_OF_A_RANDOM_PACK = 25
Body = Mapping[str, Any]


class Ask(Protocol):
    """The answer of this working tree to a body, or None if it is a problem."""

    def __call__(self, body: Body) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Posted:
    """`locales` are all that a request for the pack can have."""

    name: str
    body: Body
    locales: Sequence[str]


def random_packs(seed: int, incidents: int, folder: Path) -> list[RandomPack]:
    """Enough random packs to have every hit policy, each written to a folder of its own name."""
    wanted = -(-incidents // RANDOM_PACKS_SHARE // INCIDENTS_OF_A_RANDOM_PACK)
    found: list[RandomPack] = []
    for number in count():
        if len(found) == wanted:
            return found
        name = random_pack_name(len(found))
        source = random_pack(seed * 100_000 + number, with_holds=True)
        about = source.files["pack.yaml"].replace("pack: random\n", f"pack: {name}\n")
        named = RandomPack(
            source.seed, {**source.files, "pack.yaml": about}, source.domains, source.applies
        )
        if named.loaded(folder / name) is None:
            _remove(folder / name)
        else:
            found.append(named)
    raise AssertionError


def random_pack_name(number: int) -> str:
    return f"random_{number}"


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def examples(ask: Ask) -> Iterator[Posted]:
    """The cases of both packs, and the incidents in the pages and in the tests of reports."""
    for folder in PACKS:
        yield from _cases(loaded(ROOT / folder, with_cases=True), ask)
    locales = loaded(ROOT / PACKS[0]).locales
    for name, body in (*_of_pages(), *_golden()):
        yield Posted(name, {"as_of": format_datetime(AS_OF), "pack": DEFAULT, **body}, locales)


def _cases(pack: Pack, ask: Ask) -> Iterator[Posted]:
    """As a caller would post them: each later step of a case with the answer to the step before."""
    answer: dict[str, Any] | None = None
    for case in pack.cases:
        body: dict[str, Any] = {
            "facts": case.facts,
            "as_of": format_datetime(case.as_of),
            "pack": pack.name,
        }
        if case.follows and answer is not None:
            body["previous"] = _sent_back(answer, case.responses)
        elif case.previous is not None:
            body["previous"] = case.previous
        yield Posted(f"case {case.name}", body, pack.locales)
        answer = ask(body)


def _sent_back(answer: Body, responses: Sequence[str]) -> Body:
    return {part: answer[part] for part in PREVIOUS_PARTS} | {"responses": list(responses)}


def _of_pages() -> Iterator[tuple[str, Body]]:
    for page in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))):
        found = re.findall(r"--data '(.*?)'|```json\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for one, other in found:
            body = _read(one or other)
            if isinstance(body, dict) and "facts" in body:
                yield page.name, body


def _golden() -> Iterator[tuple[str, Body]]:
    for path in sorted((ROOT / "tests" / "rules" / "golden").glob("*.json")):
        body = json.loads(path.read_bytes())
        if "facts" in body:
            yield path.name, body


def _read(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def random_incidents(seed: int, incidents: int, ask: Ask) -> Iterator[Posted]:
    """Of ten incidents eight have values near the thresholds of the default pack's rules. Two have any values; one of these is for harbour."""
    chance = Random(f"{seed} incidents")
    default, harbour = (loaded(ROOT / folder) for folder in PACKS)
    near = _near_thresholds(default, seed, chance, ask)
    anywhere = random_bodies([default, harbour], chance, incidents)
    for number in range(incidents):
        if number % 10 < 8:
            yield Posted(f"incident {number}", next(near), default.locales)
        else:
            body = json.loads(anywhere[number])
            pack = default if body["pack"] == DEFAULT else harbour
            del body["locale"]
            body["facts"] = _reported(body["facts"], chance)
            yield Posted(f"incident {number}", body, pack.locales)


def _near_thresholds(pack: Pack, seed: int, chance: Random, ask: Ask) -> Iterator[Body]:
    """Every third incident has the answer to the one before as its previous answer, with some actions carried out."""
    draws = Incidents(pack, seed)
    before: Body = {"facts": {}}
    for number in count():
        drawn = draws.draw()
        body: dict[str, Any] = {
            "pack": pack.name,
            "facts": _reported(_nested(drawn.facts), chance),
            "as_of": format_datetime(AS_OF),
        }
        if number % 3 == 2:
            body["previous"] = _real_answer(before, chance, ask)
        elif drawn.previous is not None:
            body["previous"] = _json(drawn.previous)
        before = body
        yield body


def _real_answer(before: Body, chance: Random, ask: Ask) -> Body | None:
    as_of = AS_OF - timedelta(hours=chance.choice((0.5, 1, 4, 24, 72)))
    answer = ask({**before, "as_of": format_datetime(as_of)})
    if answer is None:
        return None
    codes = [action["code"] for action in answer["actions"]]
    return _sent_back(answer, chance.sample(codes, chance.randint(0, min(3, len(codes)))))


def _json(previous: Previous) -> Body:
    return {
        "as_of": previous.as_of.isoformat(),
        "outputs": dict(previous.outputs),
        "since": {name: moment.isoformat() for name, moment in previous.since.items()},
    }


def _nested(facts: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in facts.items():
        *groups, leaf = name.split(".")
        group = nested
        for part in groups:
            group = group.setdefault(part, {})
        group[leaf] = value.isoformat() if isinstance(value, datetime) else value
    return nested


def _reported(facts: Mapping[str, Any], chance: Random) -> dict[str, Any]:
    """In one of three incidents some facts are in envelopes, which say where they come from."""
    share = chance.choice((0, 0, 0.3))

    def laid(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: laid(inner) for key, inner in value.items()}
        return _envelope(value, chance) if chance.random() < share else value

    return {key: laid(value) for key, value in facts.items()}


def _envelope(value: Any, chance: Random) -> Body:
    measured_at = AS_OF - timedelta(hours=chance.choice((-1, 0, 2, 30, 200)))
    about = {
        "reported_by": chance.choice(("hospital desk", "监测组")),
        "measured_at": measured_at.isoformat(),
        "disputed": chance.random() < 0.5,
        "scope": chance.choice(("all", "page")),
    }
    return {"value": value} | {key: about[key] for key in about if chance.random() < 0.6}


def of_random_packs(seed: int, incidents: int, packs: Sequence[RandomPack]) -> Iterator[Posted]:
    chance = Random(f"{seed} random packs")
    for number in range(incidents // RANDOM_PACKS_SHARE if packs else 0):
        place = number % len(packs)
        body = {
            "pack": random_pack_name(place),
            "facts": _nested(random_incident(packs[place], chance)),
            "as_of": format_datetime(NOW),
        }
        yield Posted(f"incident {number} of random packs", body, ("en", "both"))


def damaged(seed: int, incidents: int) -> Iterator[bytes]:
    """Valid bodies with random damage. Most are refused."""
    bodies = Bodies(seed)
    kept = (body for number in count() if has_a_moment(body := bodies.body(number)))
    for _ in range(incidents // DAMAGED_SHARE):
        yield next(kept)


def has_a_moment(body: bytes) -> bool:
    """False if the answer to a body may depend on the clock, which differs between the trees."""
    return all(
        not isinstance(found, dict) or found.get("as_of") is not None
        for found in map(_read, (body, *body.splitlines()))
    )
