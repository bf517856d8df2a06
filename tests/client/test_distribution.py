"""The client is a distribution of its own, of one file, for each Python that it names, and it knows the keys of an answer."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema

import tocsin_http as client
from schemas import assessment
from schemas.incident import IncidentSchema
from schemas.problem_details import FieldErrorSchema
from tests.server import ROOT

FOLDER = ROOT / "client"


def test_it_is_installed_as_one_typed_module_and_needs_nothing(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", ".*cache")
    source = shutil.copytree(FOLDER, tmp_path / "client", ignore=ignored)
    options = (
        "--quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --no-compile"
    )
    command = [sys.executable, "-m", "pip", "install", *options.split(), "--target"]
    subprocess.run([*command, str(tmp_path / "site"), str(source)], check=True, timeout=60)
    names = {path.name for path in (tmp_path / "site").iterdir()}
    version = client.__version__
    assert names == {"tocsin_http", f"tocsin_http-{version}.dist-info"}
    files = {path.name for path in (tmp_path / "site" / "tocsin_http").iterdir()}
    assert files == {"__init__.py", "py.typed"}
    metadata = (tmp_path / "site" / f"tocsin_http-{version}.dist-info" / "METADATA").read_text()
    assert "Requires-Dist" not in metadata


def test_it_imports_only_the_standard_library() -> None:
    tree = ast.parse((FOLDER / "tocsin_http" / "__init__.py").read_text("utf-8"))
    named = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }  # fmt: skip
    assert {str(name).partition(".")[0] for name in named} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("part", "schema"),
    [
        (client.Incident, IncidentSchema),
        (client.Pack, assessment.PackIdentitySchema),
        (client.Result, assessment.LiftedSchema),
        (client.Action, assessment.ActionSchema),
        (client.Blocked, assessment.BlockedSchema),
        (client.Held, assessment.HeldSchema),
        (client.Question, assessment.OpenQuestionSchema),
        (client.Reason, assessment.ReasonSchema),
        (client.Unknown, assessment.UnknownSchema),
        (client.Output, assessment.OutputSchema),
        (client.FieldError, FieldErrorSchema),
        (client.Ignored, assessment.IgnoredSchema),
        (client.Deprecated, assessment.DeprecatedSchema),
        (client.Due, assessment.DueSchema),
        (client.Clock, assessment.ClockSchema),
        (client.Changes, assessment.ChangesSchema),
        (client.ChangedActions, assessment.ChangedActionsSchema),
        (client.AddedAction, assessment.AddedActionSchema),
        (client.DroppedAction, assessment.DroppedActionSchema),
        (client.ChangedKeptBack, assessment.ChangedKeptBackSchema),
        (client.KeptBack, assessment.NewlyKeptBackSchema),
        (client.Released, assessment.ReleasedSchema),
        (client.MovedDeadline, assessment.MovedDeadlineSchema),
        (client.ChangedOutput, assessment.ChangedOutputSchema),
        (client.Moved, assessment.MovedSchema),
    ],
    ids=lambda part: part.__name__,
)
def test_its_types_have_the_keys_that_the_server_has(part: Any, schema: type[Schema]) -> None:
    assert {*part.__required_keys__, *part.__optional_keys__} == {
        field.data_key or name for name, field in schema().fields.items()
    }
