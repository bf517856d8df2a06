"""The clients that generators make from the OpenAPI document. Each is compiled with a program that uses it, which is then run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.clients.workshop import HERE, PROGRAMS, FailedError, Workshop, run

PACKAGE = "tocsin_client"


def python(workshop: Workshop) -> str:
    """By openapi-python-client. mypy must find that its types know the grade."""
    made = workshop.folder / "python"
    settings = HERE / "openapi_python_client.yaml"
    told = workshop.python(
        *("-m", "openapi_python_client", "generate", "--meta", "none"),
        *("--path", workshop.document, "--config", settings, "--output-path", made / PACKAGE),
    )
    if "WARNING" in told or "Unable" in told:
        raise FailedError(told)
    program = shutil.copy(PROGRAMS / "with_python.py", made)
    workshop.python("-m", "mypy", "--strict", "--allow-any-generics", program, folder=made)
    workshop.python(program, workshop.address, folder=made)
    return f"{_classes(made / PACKAGE / 'models')}, compiled by mypy"


def typescript(workshop: Workshop) -> str:
    """By openapi-typescript and openapi-fetch. tsc must find that the types know the grade."""
    made = workshop.folder / "typescript"
    shutil.copytree(PROGRAMS, made)
    (made / "package.json").write_text('{"type": "module"}', "utf-8")
    (made / "node_modules").symlink_to(workshop.tools.resolve() / "node_modules")
    workshop.node("openapi-typescript", workshop.document, "--output", made / "schema.d.ts")
    workshop.node("tsc", "--project", made, folder=made)
    run(["node", made / "made" / "with_typescript.js", workshop.address], made)
    lines = (made / "schema.d.ts").read_text("utf-8").count("\n")
    return f"{lines:,} lines of types, compiled by tsc"


def _classes(models: Path) -> str:
    """How many classes there are, and how many got a number instead of a name because they have none in the document."""
    names = [path.stem for path in models.glob("*.py") if path.stem != "__init__"]
    numbered = [name for name in names if re.search(r"_type_\d+", name)]
    return f"{len(names)} classes, {len(numbered)} without a name of their own"
