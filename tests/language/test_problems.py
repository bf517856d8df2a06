"""Every problem that an author can get: its place, message and hint. Each code occurs here at least once."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from service.authoring.cases import run_cases
from service.authoring.check import check_pack
from service.authoring.selections import check_selections
from service.authoring.snapshots import compare, keep
from service.config import Config
from service.language.files import look, pack_files
from service.language.problem import Problem
from service.language.problem_codes import PROBLEM_CODES, ProblemCode
from service.serving import pack_folders, pack_watcher
from service.serving.deployment import Deployment, NoPackError, load_packs
from service.serving.pack_watcher import PackWatcher
from tests.language.problem_rows import Row, reported, rows
from tests.packs import copy_of_harbour, loaded
from tests.packs.parts import harbour_with_parts

ROWS = rows()
CODES = set(get_args(ProblemCode))
CASE = """cases:
  - name: A calm day
    as_of: 2026-06-01
    facts: {wind: {speed: SPEED}}
    expect: {alert: storm}
"""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.group}: {row.says}")
def test_a_mistake_is_reported_at_its_place_with_its_hint_and_nothing_else_is(
    row: Row, tmp_path: Path
) -> None:
    assert reported(row, tmp_path) == row.reports


def test_no_two_rows_have_the_same_name() -> None:
    names = [(row.group, row.says) for row in ROWS]
    assert len(set(names)) == len(names)


def case_failed(folder: Path) -> list[Problem]:
    pack = copy_of_harbour(folder, {"cases/calm.yaml": CASE.replace("SPEED", "1")})
    results = run_cases(loaded(pack, with_cases=True))
    return [problem for result in results for problem in result.problems]


def case_facts(folder: Path) -> list[Problem]:
    return check_pack(copy_of_harbour(folder, {"cases/calm.yaml": CASE.replace("SPEED", "fast")}))[
        1
    ]


def former_name_used(folder: Path) -> list[Problem]:
    """By a brand."""
    copy = copy_of_harbour(folder)
    facts = (copy / "facts.yaml").read_text("utf-8")
    facts = facts.replace("{type: boolean, text", "{type: boolean, formerly: [gate.shut], text")
    (copy / "facts.yaml").write_text(facts, "utf-8")
    (copy / "brands").mkdir()
    (copy / "brands" / "acme.yaml").write_text("facts: {gate: {shut: true}}", "utf-8")
    return check_pack(copy)[1]


def part_needed(folder: Path) -> list[Problem]:
    rule = (
        "rules:\n  - {id: a.b, when: 'fish.count > 1', then: {load: 1}, because: {en: x, zh: x}}\n"
    )
    pack = harbour_with_parts(folder, "fish", {"30_base.yaml": rule})
    return check_selections(pack, check_pack(pack)[1], pairs=False)[:1]


def snapshot_differs(folder: Path) -> list[Problem]:
    return with_snapshot(folder, lambda text: text.replace("alert=calm", "alert=gale"))


def snapshot_form(folder: Path) -> list[Problem]:
    return with_snapshot(folder, lambda text: text.replace("  no actions", "<<<<<<< ours"))


def with_snapshot(folder: Path, changed: Callable[[str], str]) -> list[Problem]:
    pack = copy_of_harbour(folder)
    read = loaded(pack, with_cases=True)
    results = list(run_cases(read, "reference"))
    (file,) = keep(compare(pack, read, results), update=False)
    file.write_text(changed(file.read_text("utf-8")), "utf-8")
    return compare(pack, read, results).problems


def engine_refused(folder: Path) -> list[Problem]:
    """Another module with the name of the C library is found first, and it raises an error."""
    library = folder / "library"
    library.mkdir()
    refusing = "class error(Exception): pass\ndef create_ruleset(*_): raise error('no')\n"
    (library / "durable_rules_engine.py").write_text(refusing, "utf-8")
    with pytest.MonkeyPatch.context() as changed:
        changed.syspath_prepend(library)
        return check_pack(copy_of_harbour(folder))[1]


def not_proven(folder: Path) -> list[Problem]:
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(sys, "executable", str(folder / "no-such-python"))
        return check_pack(copy_of_harbour(folder))[1]


def being_written(folder: Path) -> list[Problem]:
    copy = copy_of_harbour(folder / "packs")
    with touching(copy / "pack.yaml"), pytest.MonkeyPatch.context() as changed:
        changed.setattr(pack_files, "MOST_READINGS", 2)
        return problems_of_serving(folder)


def pack_twice(folder: Path) -> list[Problem]:
    copy = copy_of_harbour(folder / "packs")
    shutil.copytree(copy, copy.with_name("same"))
    return problems_of_serving(folder)


def default_pack_gone(folder: Path) -> list[Problem]:
    copy = copy_of_harbour(folder / "packs")
    deployment = replace(deployment_of(folder), default="harbour")
    before = load_packs(deployment)
    copy.rename(copy.with_name("quay"))
    about = (copy.with_name("quay") / "pack.yaml").read_text("utf-8")
    (copy.with_name("quay") / "pack.yaml").write_text(about.replace(": harbour", ": quay"), "utf-8")
    return list(load_packs(deployment, before).problems)


def not_watched(folder: Path) -> list[Problem]:
    copy_of_harbour(folder / "packs")
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(pack_watcher, "SECONDS_UNTIL_LATE", -1)
        return PackWatcher(deployment_of(folder), lambda packs, before: None).problems()


def pack_too_large(folder: Path) -> list[Problem]:
    copy = copy_of_harbour(folder)
    with (copy / "90_large.yaml").open("wb") as file:
        for number in range(4):
            (copy / f"{number}.yaml").write_bytes(b"#" * look.MAX_BYTES)
        file.write(b"#")
    return check_pack(copy)[1]


def too_many_packs(folder: Path) -> list[Problem]:
    copy = copy_of_harbour(folder / "packs")
    shutil.copytree(copy, copy.with_name("same"))
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(pack_folders, "MOST_PACKS", 1)
        return problems_of_serving(folder)


def more_problems(folder: Path) -> list[Problem]:
    rule = "  - {id: a.b, when: always, then: {load: 1}, because: {en: x, zh: x}, KEY: 1}\n"
    rules = "".join(rule.replace("KEY", f"key{number}") for number in range(201))
    return check_pack(copy_of_harbour(folder, {"30_more.yaml": f"rules:\n{rules}"}))[1][-1:]


def calendar_ends(folder: Path) -> list[Problem]:
    calendar = "{calendar: port, zone: UTC, years: 2025..2026, weekend: [sunday], holidays: []}"
    pack = copy_of_harbour(folder, {"calendars/port.yaml": calendar})
    assert check_pack(pack, today=date(2026, 9, 30))[1] == []
    return check_pack(pack, today=date(2026, 10, 1))[1]


def problems_of_serving(folder: Path) -> list[Problem]:
    try:
        return list(load_packs(deployment_of(folder)).problems)
    except NoPackError as error:
        return list(error.problems)


def deployment_of(folder: Path) -> Deployment:
    return Config(packs=folder / "packs", state=folder / "state").deployment()


@contextmanager
def touching(path: Path) -> Iterator[None]:
    """Another thread changes the file's time all the time."""
    done = threading.Event()

    def touch() -> None:
        while not done.wait(0.02):
            os.utime(path)

    writer = threading.Thread(target=touch)
    os.utime(path)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


LATER: dict[ProblemCode, tuple[str, Callable[[Path], list[Problem]]]] = {
    "case-failed": ("cases/calm.yaml:5:14", case_failed),
    "case-facts": ("cases/calm.yaml:4:27", case_facts),
    "former-name-used": ("brands/acme.yaml:1:22", former_name_used),
    "part-needed": ("30_base.yaml:2:22", part_needed),
    "snapshot-differs": ("cases/gale.yaml:13:11", snapshot_differs),
    "snapshot-form": ("cases/snapshot.txt:4:1", snapshot_form),
    "calendar-ends": ("calendars/port.yaml:1:1", calendar_ends),
    "engine-refused": ("pack.yaml:1:1", engine_refused),
    "not-proven": ("pack.yaml:1:1", not_proven),
    "being-written": ("pack.yaml:1:1", being_written),
    "pack-twice": ("pack.yaml:1:1", pack_twice),
    "default-pack-gone": ("harbour/pack.yaml:1:1", default_pack_gone),
    "not-watched": ("packs:1:1", not_watched),
    "pack-too-large": ("harbour:1:1", pack_too_large),
    "too-many-packs": ("same:1:1", too_many_packs),
    "more-problems": ("30_more.yaml:201:71", more_problems),
}
"""The problems found only after a pack was read, each with its place: when cases are checked and run, and when packs are served."""


@pytest.mark.parametrize("code", LATER)
def test_a_mistake_found_after_reading_is_reported_at_its_place(
    code: ProblemCode, tmp_path: Path
) -> None:
    place, meet = LATER[code]
    (problem,) = meet(tmp_path)
    assert problem.code == code
    assert f"{problem.file}:{problem.line}:{problem.column}".endswith(f"/{place}")


def test_every_code_occurs_in_a_row_or_after_reading_and_no_other_does() -> None:
    assert codes_in_rows() | set(LATER) == CODES
    assert not codes_in_rows() & set(LATER)


def test_every_code_is_explained() -> None:
    assert set(PROBLEM_CODES) == CODES
    assert all(PROBLEM_CODES.values())


def codes_in_rows() -> set[str]:
    pattern = re.compile(r"^(?:[\w./]+:)?\d+:\d+: ([a-z0-9-]+)(?: \(warning\))?: ", re.MULTILINE)
    return {code for row in ROWS for code in pattern.findall(row.reports)}
