"""The figures of `make structure` are right for made-up trees with known figures, and they exist for this tree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.structure.__main__ import ROOT, main, table
from tests.structure.closed_sets import closed_set
from tests.structure.folders import Folder, measure_folders
from tests.structure.functions import Functions, measure_functions
from tests.structure.sources import read_modules
from tests.structure.ways import room_of, steps, way_of

MOST_MODULES = 14


def tree_of(folder: Path, **files: str) -> Path:
    """A tree with these modules; `__` in a name stands for a slash."""
    for name, code in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
        for package in path.relative_to(folder).parents:
            if package.name:
                (folder / package / "__init__.py").touch()
    return folder


def test_a_folder_has_modules_rooms_arrows_between_rooms_and_floors(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        service__engine__top="from service.engine.middle import x\nimport service.engine.aside",
        service__engine__middle="def late():\n    from service.engine.low import first, second",
        service__engine__aside="from schemas.facts import y\nimport json",
        service__engine__low__first="from . import second\nfrom .second import z",
        service__engine__low__second="from ..bottom import w",
        service__engine__bottom="",
        schemas__facts="",
    )
    assert measure_folders(read_modules(tree)) == {
        "schemas": Folder(modules=1, rooms=1, arrows=0, floors=1),
        "service": Folder(modules=0, rooms=1, arrows=0, floors=1),
        # top → middle → low → bottom, and top → aside
        "service/engine": Folder(modules=4, rooms=5, arrows=4, floors=4),
        "service/engine/low": Folder(modules=2, rooms=2, arrows=1, floors=2),
    }


def test_a_circle_of_rooms_has_no_floors(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        service__one="from service.two import b",
        service__two="from service.one import a",
    )
    assert measure_folders(read_modules(tree))["service"] == Folder(2, 2, 2, None)


def test_functions_are_measured_without_decorators_and_inner_ones_count_too(tmp_path: Path) -> None:
    ten_short = "\n".join(f"def short_{number}():\n    pass" for number in range(10))
    outer = "@property\ndef outer():\n    def inner():\n        pass\n    return inner"
    tree = tree_of(tmp_path, service__short=ten_short, service__long=f"\n{outer}")
    found = Functions(
        count=12, median=2, ninetieth=2, longest=4, longest_at="service/long.py:3 outer"
    )
    assert measure_functions(read_modules(tree)) == {"service": found}


def test_a_module_spells_a_name_only_as_a_whole_string_of_code(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        service__listed='NAMES: Literal["sum", "collect"]',
        service__told_apart='match x:\n    case "any" | "first":\n        pass',
        service__special='def f(x):\n    """first"""\n    return x == "sum"',
        service__group='x = "any"',
        service__prose='"""Both collect and sum."""\nx = "the sum"',
    )
    found = closed_set(read_modules(tree), frozenset({"any", "collect", "first", "sum"}))
    assert found.several == {
        "service/listed.py": ("collect", "sum"),
        "service/told_apart.py": ("any", "first"),
    }
    assert found.one == {"service/special.py": ("sum",)}


def test_a_change_of_room_is_two_neighbours_in_different_rooms() -> None:
    found = way_of(
        [
            ("service/engine/judging/judge.py", "judge"),
            ("service/engine/judging/guards.py", "decide"),
            ("service/reload.py", "packs"),
            ("service/engine/judging/judge.py", "settled"),
            ("schemas/facts.py", "load"),
        ]
    )
    assert (found.changes, found.rooms, found.functions) == (3, 3, 5)


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("service/reload.py", "service/reload"),
        ("service/engine/judge.py", "service/engine/judge"),
        ("service/engine/judging/judge.py", "service/engine/judging"),
        ("service/engine/judging/__init__.py", "service/engine/judging"),
        ("schemas/facts.py", "schemas/facts"),
    ],
)
def test_a_room_is_a_path_of_at_most_three_parts(path: str, room: str) -> None:
    assert room_of(path) == room


def test_a_function_is_on_the_way_if_it_gets_or_gives_the_marked_fact(tmp_path: Path) -> None:
    tree = tree_of(
        tmp_path,
        service__edge="""
from types import SimpleNamespace
from service.engine import judge, words

def post(path, json):
    moment()
    facts = [one for one in judge.values(json["facts"])]
    too_deep([[[facts]]])
    read = judge.stored(facts)
    return SimpleNamespace(status_code=200, text=words.said(judge.deaths(read)))

def moment():
    return 1

def too_deep(lists):
    return None
""",
        service__engine__judge="""
class Stored:
    __slots__ = ("facts",)

def values(facts):
    yield from facts["harm"].values()

def stored(facts):
    made = Stored()
    made.facts = facts
    return made

def deaths(read):
    return read.facts[0]
""",
        service__engine__words="""
def said(number):
    return joined(["dead:", f"{number}"])

def joined(parts):
    return " ".join(parts)
""",
    )
    (tree / "service" / "__init__.py").write_text(
        """
from types import SimpleNamespace
from service import edge

def create_app():
    return SimpleNamespace(test_client=lambda: edge)
""",
        "utf-8",
    )
    assert steps(tree, "facts") == [
        ("service/edge.py", "post"),
        ("service/engine/judge.py", "values"),
        ("service/engine/judge.py", "stored"),
        ("service/engine/judge.py", "deaths"),
        ("service/engine/words.py", "said"),
        ("service/engine/words.py", "joined"),
    ]


def test_two_sides_stand_beside_each_other() -> None:
    before = {"engine": {"modules": 36}, "gone": {"modules": 2}}
    after = {"engine": {"modules": 3}, "new": {"modules": 14}}
    assert table("folder", [before, after]).splitlines() == [
        "folder  modules",
        "engine   36 → 3",
        "gone      2 → -",
        "new      - → 14",
    ]


def test_this_tree_has_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--json"]) == 0
    found = json.loads(capsys.readouterr().out)["tree"]
    assert {"schemas", "service", "service/engine", "service/language"} <= found["folders"].keys()
    assert found["functions"].keys() == {"service", "schemas"}
    assert all(names["several"] for names in found["closed_sets"].values())
    facts, rule = found["ways"].values()
    assert facts["steps"][0].startswith("service/api/")
    assert rule["steps"][0].startswith("service/language/")
    for way in (facts, rule):
        assert any(step.startswith("service/engine/") for step in way["steps"])
        assert any(step.startswith("schemas/strict_json.py") for step in way["steps"])
        assert way["rooms"] - 1 <= way["changes"] < way["functions"]


def test_no_folder_of_the_service_is_hard_to_survey() -> None:
    folders = measure_folders(read_modules(ROOT))
    crowded = {
        path: folder.modules
        for path, folder in folders.items()
        if path.split("/")[0] == "service" and folder.modules > MOST_MODULES
    }
    assert crowded == {}


def test_no_rooms_import_each_other_in_a_circle() -> None:
    assert all(folder.floors is not None for folder in measure_folders(read_modules(ROOT)).values())
