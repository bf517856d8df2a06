"""`/v1/packs/{name}/facts` and the other parts of a pack: what its whole view has, in one language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.pack_views import (
    PackActionsSchema,
    PackBrandsSchema,
    PackFactsSchema,
    PackOutputsSchema,
    PackRulesSchema,
)
from service.api.application import make_app
from service.config import Config
from service.language.model import BOTH
from tests.server import ROOT

PARTS = {
    "facts": (PackFactsSchema, {"facts"}),
    "actions": (PackActionsSchema, {"actions", "kinds", "roles"}),
    "outputs": (PackOutputsSchema, {"answer", "notices", "outputs"}),
    "rules": (PackRulesSchema, {"constants", "derived", "grounds", "lists", "rules", "tables"}),
    "brands": (PackBrandsSchema, {"brands"}),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    state: Path = tmp_path_factory.mktemp("state")
    return make_app(Config(packs=ROOT / "rules", state=state)).test_client()


def read(client: FlaskClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(path).data)
    return found


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_pack_is_in_one_language_and_as_in_the_whole_view(
    client: FlaskClient, part: str
) -> None:
    schema, keys = PARTS[part]
    for query, locale in (("", "zh"), ("?locale=en", "en"), (f"?locale={BOTH}", BOTH)):
        whole = read(client, f"/v1/packs/pr_crisis?locale={locale}")
        found = read(client, f"/v1/packs/pr_crisis/{part}{query}")
        assert schema().validate(found) == {}
        assert found.pop("pack") == {key: whole[key] for key in ("name", "version", "digest")}
        assert found.pop("locale") == locale
        assert found == {key: whole[key] for key in keys}


def test_a_part_of_a_pack_has_the_problems_of_the_whole_view(client: FlaskClient) -> None:
    for path, status, code in (
        ("/v1/packs/nowhere/facts", 404, "not-found"),
        ("/v1/packs/pr_crisis/words", 404, "not-found"),
        ("/v1/packs/pr_crisis/brands/nowhere", 404, "not-found"),
        ("/v1/packs/pr_crisis/facts?locale=fr", 422, "invalid-request"),
        ("/v1/packs/pr_crisis/rules?language=en", 422, "invalid-request"),
    ):
        reply = client.get(path)
        assert (reply.status_code, json.loads(reply.data)["code"]) == (status, code)
