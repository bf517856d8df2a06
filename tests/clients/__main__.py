"""`make clients`: makes clients from the OpenAPI document of a running server, compiles them, and posts with each.

Each posts an incident, a batch and a mistake, and must read the grade, a warning and a problem. One line is printed for each.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.client.every_way import ask_in_every_way
from tests.clients import generated, linters, with_curl
from tests.clients.workshop import FailedError, Workshop
from tests.faults.document import both_packs
from tests.server import running

PARTS = {
    "document": linters.check_document,
    "generated Python": generated.python,
    "generated TypeScript": generated.typescript,
    "thin Python": lambda workshop: ask_in_every_way(workshop.address),
    "curl": with_curl.curl,
}
QUIET = {
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "SCARF_ANALYTICS": "false",
}


def main(tools: Path) -> int:
    """Tries every client, also if one has failed. The status is 1 then."""
    os.environ.update(QUIET)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "packs").mkdir()
        packs = both_packs(folder / "packs")
        with running(packs, folder / "log", TOCSIN_PACK="pr_crisis") as server:
            document = folder / "openapi.json"
            document.write_bytes(server.get("/openapi.json").body)
            workshop = Workshop(server, tools.resolve(), folder, document)
            return max(_tried(part, workshop) for part in PARTS)


def _tried(part: str, workshop: Workshop) -> int:
    try:
        print(f"{part}: {PARTS[part](workshop)}", flush=True)
    except (FailedError, AssertionError) as error:
        print(f"{part}: failed\n{error}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
