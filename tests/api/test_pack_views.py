"""`GET /v1/packs/{name}` shows everything in the pack's files except the cases, in one language or in all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from marshmallow import Schema

import schemas.files
from schemas.files.actions_file import ActionsFile, ExtensionEntry, PartActionsFile
from schemas.files.brands_file import BrandFile
from schemas.files.calendar_file import CalendarFile
from schemas.files.cases_file import CaseEntry, CasesFile, StepEntry
from schemas.files.constants_file import ConstantsFile
from schemas.files.draft_file import DraftFile
from schemas.files.facts_file import FactEntry
from schemas.files.form import FileSchema
from schemas.files.grounds_file import GroundsFile
from schemas.files.pack_file import PackFile
from schemas.pack_views import PackSchema
from service.language.model import BOTH
from service.language.rules.consequences import KEYS
from tests.api.written_keys import (
    FILE_SCHEMAS,
    Place,
    ViewCheck,
    drafts_of,
    every_key,
    files_of,
    schemas_of,
)
from tests.packs import HARBOUR
from tests.server import ROOT, Server, running

FOLDERS = {
    "every_key": HARBOUR.parent / "every_key",
    "harbour": HARBOUR,
    "pr_crisis": ROOT / "rules" / "pr_crisis",
}
CASES = {CasesFile, CaseEntry, StepEntry}
OF_PARTS = {PartActionsFile, ExtensionEntry}
"""The view shows what they add in the actions of the base: tests/language/test_parts.py has it."""
BASES = {FileSchema, FactEntry}
FORMS = [
    import_module(f"schemas.files.{module.name}") for module in iter_modules(schemas.files.__path__)
]


def _leave_out_parts(pack: Path) -> None:
    """Parts add to actions and rules of the base: the view of the base alone is compared with the files of the base."""
    about = pack / "pack.yaml"
    text = re.sub(r"^parts: .*\n", "", about.read_text("utf-8"), flags=re.MULTILINE)
    about.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("packs")
    for name, original in FOLDERS.items():
        shutil.copytree(original, folder / name)
        if name == "pr_crisis":
            _leave_out_parts(folder / name)
    settings = {"TOCSIN_PACK": "every_key"}
    with running(folder, tmp_path_factory.mktemp("server") / "log", **settings) as server:
        yield server


STOP = {"en": "; ", "zh": "；"}
MARKS = {
    "text": {"en": "{}", "zh": "{}"},
    "summary": {"en": "{} (read in a summary only)", "zh": "{}（仅据摘要）"},
    "unread": {"en": "{} (not read, from general knowledge)", "zh": "{}（未核原文）"},
}
"""What is printed of a law, by how it was read."""


def _printed(ground: Mapping[str, Any]) -> Any:
    if isinstance(ground["text"], str):
        return ground["text"]
    marks = MARKS[ground["read"]]
    return {
        code: marks.get(code, marks["en"]).replace("{}", text)
        for code, text in ground["text"].items()
    }


def check(view: dict[str, Any], folder: Path, locale: str | None) -> ViewCheck:
    """The view of the pack in `folder`, compared with its files."""
    files = files_of(folder)
    (about,) = (data for schema, data in files if schema is PackFile)
    (catalogue,) = (data for schema, data in files if schema is ActionsFile)
    kinds = {
        code: [entry.get("kind")]
        for code, entry in catalogue["actions"].items()
        if not entry.get("forbidden")
    }
    constants = {
        f"{group}.{name}": entry.get("value", entry.get("values"))
        for schema, data in files
        if schema is ConstantsFile
        for group in data
        for name, entry in data[group].items()
    }
    grounds = {
        f"grounds.{name}": _printed(entry)
        for schema, data in files
        if schema is GroundsFile
        for name, entry in data["grounds"].items()
    }
    own_first = [about["locale"], *(code for code in about["title"] if code != about["locale"])]

    def folded(text: str) -> str:
        """The text with the numbers of constants."""
        for name, value in constants.items():
            if f"{{{name}}}" in text:
                whole = int(value) if value == int(value) else value
                text = text.replace(f"{{{name}}}", f"{whole:,}")
        return text

    def say(text: Any) -> Any:
        if isinstance(text, list):
            cited = [grounds[name] for name in text]
            text = {
                code: STOP.get(code, STOP["en"]).join(one[code] for one in cited)
                for code in cited[0]
            }
        text = grounds.get(text, text) if isinstance(text, str) else text
        if isinstance(text, str):
            return folded(text)
        # Of a unit with a singular the view has the plural.
        text = {code: one["other"] if isinstance(one, dict) else one for code, one in text.items()}
        if locale is None:
            return {language: folded(one) for language, one in text.items()}
        languages = own_first if locale == BOTH else [locale]
        said = [folded(text.get(code, text.get(about["locale"]))) for code in languages]
        return " / ".join(dict.fromkeys(said))

    found = ViewCheck(say, ZoneInfo(about["timezone"]), kinds, constants)
    for schema, data in files:
        calendars = {one["name"]: one for one in view["calendars"]}
        shown = calendars[data["calendar"]] if schema is CalendarFile else view
        found.schema(schema(), data, shown, ())
    told = {draft["code"]: draft for draft in view.get("drafts", {}).get("texts", ())}
    assert told.keys() == drafts_of(folder).keys()
    for code, data in drafts_of(folder).items():
        found.schema(DraftFile(), data, told[code], ())
    return found


@pytest.mark.parametrize("locale", [None, "en", BOTH])
@pytest.mark.parametrize("name", FOLDERS)
def test_the_view_of_a_pack_shows_what_is_in_its_files(
    packs: Server, name: str, locale: str | None
) -> None:
    query = f"?locale={locale}" if locale else ""
    view = packs.get(f"/v1/packs/{name}{query}").json
    assert PackSchema().validate(view) == {}
    untold = check(view, FOLDERS[name], locale).untold
    assert [one for one in untold if name != "pr_crisis" or not one.startswith("parts: ")] == []


def test_the_pack_of_every_key_has_every_key_of_the_pack_files(packs: Server) -> None:
    """So a new key fails here until that pack has it, and then until the view shows it."""
    keys: set[Place] = {place for schema in FILE_SCHEMAS for place in every_key(schema())}
    keys |= {("then", output, key) for output, known in KEYS.items() for key in known}
    view = packs.get("/v1/packs/every_key").json
    assert check(view, FOLDERS["every_key"], None).used == keys


def test_every_schema_of_pack_files_is_checked() -> None:
    reached = {inner for schema in FILE_SCHEMAS for inner in schemas_of(schema())}
    declared = {
        value
        for form in FORMS
        for value in vars(form).values()
        if isinstance(value, type) and issubclass(value, Schema) and value is not Schema
    }
    assert declared - BASES == reached | CASES | OF_PARTS | {
        BrandFile
    }  # tests/api/test_brands.py has its view
