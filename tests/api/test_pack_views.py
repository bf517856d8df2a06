"""`GET /v1/packs/{name}` shows everything in the pack's files except the cases, in one language or in all; its parts in one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from marshmallow import Schema

from schemas import pack_files
from schemas.pack_views import (
    PackActionsSchema,
    PackFactsSchema,
    PackOutputsSchema,
    PackRulesSchema,
    PackSchema,
)
from service.language.model import BOTH
from service.language.rules.consequences import KEYS
from tests.api.written_keys import FILE_SCHEMAS, Place, ViewCheck, every_key, files_of, schemas_of
from tests.packs import HARBOUR
from tests.server import ROOT, Server, running

FOLDERS = {
    "every_key": HARBOUR.parent / "every_key",
    "harbour": HARBOUR,
    "pr_crisis": ROOT / "rules" / "pr_crisis",
}
CASES = {pack_files.CasesFile, pack_files.CaseEntry, pack_files.StepEntry}
BASES = {pack_files._FileSchema, pack_files.FactEntry}


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("packs")
    for name, original in FOLDERS.items():
        shutil.copytree(original, folder / name)
    settings = {"TOCSIN_PACK": "every_key"}
    with running(folder, tmp_path_factory.mktemp("server") / "log", **settings) as server:
        yield server


def check(view: dict[str, Any], folder: Path, locale: str | None) -> ViewCheck:
    """The view of the pack in `folder`, compared with its files."""
    files = files_of(folder)
    (about,) = (data for schema, data in files if schema is pack_files.PackFile)
    (catalogue,) = (data for schema, data in files if schema is pack_files.ActionsFile)
    kinds = {
        code: [entry.get("kind")]
        for code, entry in catalogue["actions"].items()
        if not entry.get("forbidden")
    }
    own_first = [about["locale"], *(code for code in about["title"] if code != about["locale"])]

    def say(text: Any) -> Any:
        if isinstance(text, str) or locale is None:
            return text
        languages = own_first if locale == BOTH else [locale]
        said = [text.get(code, text.get(about["locale"])) for code in languages]
        return " / ".join(dict.fromkeys(said))

    found = ViewCheck(say, ZoneInfo(about["timezone"]), kinds)
    for schema, data in files:
        found.schema(schema(), data, view, ())
    return found


@pytest.mark.parametrize("locale", [None, "en", BOTH])
@pytest.mark.parametrize("name", FOLDERS)
def test_the_view_of_a_pack_shows_what_is_in_its_files(
    packs: Server, name: str, locale: str | None
) -> None:
    query = f"?locale={locale}" if locale else ""
    view = packs.get(f"/v1/packs/{name}{query}").json
    assert PackSchema().validate(view) == {}
    assert check(view, FOLDERS[name], locale).untold == []


PARTS = {
    "facts": (PackFactsSchema, {"facts"}),
    "actions": (PackActionsSchema, {"actions", "kinds", "roles"}),
    "outputs": (PackOutputsSchema, {"answer", "notices", "outputs"}),
    "rules": (PackRulesSchema, {"derived", "rules", "tables"}),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_pack_is_in_one_language_and_as_in_the_whole_view(
    packs: Server, part: str
) -> None:
    schema, keys = PARTS[part]
    for query, locale in (("", "zh"), ("?locale=en", "en"), (f"?locale={BOTH}", BOTH)):
        whole = packs.get(f"/v1/packs/pr_crisis?locale={locale}").json
        found = packs.get(f"/v1/packs/pr_crisis/{part}{query}").json
        assert schema().validate(found) == {}
        assert found.pop("pack") == {key: whole[key] for key in ("name", "version", "digest")}
        assert found.pop("locale") == locale
        assert found == {key: whole[key] for key in keys}


def test_a_part_of_a_pack_has_the_problems_of_the_whole_view(packs: Server) -> None:
    for path, status, code in (
        ("/v1/packs/nowhere/facts", 404, "not-found"),
        ("/v1/packs/pr_crisis/words", 404, "not-found"),
        ("/v1/packs/pr_crisis/facts?locale=fr", 422, "invalid-request"),
        ("/v1/packs/pr_crisis/rules?language=en", 422, "invalid-request"),
    ):
        reply = packs.get(path)
        assert (reply.status, reply.json["code"]) == (status, code)


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
        for value in vars(pack_files).values()
        if isinstance(value, type) and issubclass(value, Schema) and value is not Schema
    }
    assert declared - BASES == reached | CASES
