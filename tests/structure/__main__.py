"""`make structure`: the figures of a source tree's layout, and beside them those of an older commit.

`--tree` is the tree to measure; the default is this one. `--base` is a commit of this repository. `--steps` also lists the
functions on each way. The modules of this folder define what each figure counts.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.structure.closed_sets import ClosedSet, measure_closed_sets
from tests.structure.folders import Folder, measure_folders
from tests.structure.functions import Functions, measure_functions
from tests.structure.sources import read_modules
from tests.structure.ways import Way, measure_ways

ROOT = Path(__file__).parents[2]
NOTHING = "-"
Rows = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Structure:
    folders: Mapping[str, Folder]
    functions: Mapping[str, Functions]
    closed_sets: Mapping[str, ClosedSet]
    ways: Mapping[str, Way]


def measure(tree: Path) -> Structure:
    modules = read_modules(tree)
    return Structure(
        measure_folders(modules),
        measure_functions(modules),
        measure_closed_sets(modules),
        measure_ways(tree),
    )


def measure_commit(commit: str) -> Structure:
    """Ends the command for an unknown commit."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", commit], cwd=ROOT, stdout=subprocess.PIPE, check=False
    )
    if packed.returncode:
        raise SystemExit(f"git cannot give the files of {commit}")
    with TemporaryDirectory(prefix="structure-") as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
            files.extractall(folder, filter="data")
        return measure(Path(folder).resolve())


def text(found: Sequence[Structure], steps: bool) -> str:
    """Tables of one structure, or of two: then each figure of the first stands beside that of the second."""
    parts = [
        table("folder", [_folder_rows(one) for one in found]),
        table("functions of", [_function_rows(one) for one in found]),
        table("modules that spell", [_closed_set_rows(one) for one in found]),
        table("way of", [_way_rows(one) for one in found]),
    ]
    for number, one in enumerate(found):
        of = f" ({('before', 'after')[number]})" if len(found) > 1 else ""
        parts += _lists(one, of, steps)
    return "\n\n".join(parts)


def table(title: str, sides: Sequence[Rows]) -> str:
    """One line for each row of any side, one column for each figure."""
    labels = list(dict.fromkeys(label for side in sides for label in side))
    columns = list(next(iter(sides[-1].values())))
    lines = [[title, *columns]]
    for label in labels:
        cells = (_cell([side.get(label, {}).get(column) for side in sides]) for column in columns)
        lines.append([label, *cells])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _cell(figures: Iterable[object]) -> str:
    return " → ".join(NOTHING if figure is None else f"{figure}" for figure in figures)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cells[0].ljust(widths[0])]
    padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "  ".join(padded)


def _folder_rows(found: Structure) -> Rows:
    return {
        path: {**asdict(folder), "floors": "circle" if folder.floors is None else folder.floors}
        for path, folder in found.folders.items()
    }


def _function_rows(found: Structure) -> Rows:
    return {
        top: {
            "count": functions.count,
            "median": f"{functions.median:g}",
            "90th percentile": functions.ninetieth,
            "longest": functions.longest,
        }
        for top, functions in found.functions.items()
    }


def _closed_set_rows(found: Structure) -> Rows:
    return {
        title: {"two or more names": len(names.several), "one name": len(names.one)}
        for title, names in found.closed_sets.items()
    }


def _way_rows(found: Structure) -> Rows:
    return {
        title: {"changes of room": way.changes, "rooms": way.rooms, "functions": way.functions}
        for title, way in found.ways.items()
    }


def _lists(found: Structure, of: str, steps: bool) -> Iterator[str]:
    longest = [functions.longest_at for functions in found.functions.values()]
    yield _list(f"longest functions{of}", longest)
    for title, names in found.closed_sets.items():
        modules = {**names.several, **names.one}
        yield _list(f"{title}{of}", (f"{path}: {', '.join(modules[path])}" for path in modules))
    for title, way in found.ways.items() if steps else ():
        yield _list(f"way of {title}{of}", way.steps)


def _list(title: str, lines: Iterable[str]) -> str:
    return "\n  ".join([f"{title}:", *lines])


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="make structure", description=__doc__)
    parser.add_argument("--tree", type=Path, default=ROOT, metavar="DIR")
    parser.add_argument("--base", metavar="COMMIT", help="measured too, as what was before")
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    parser.add_argument("--steps", action="store_true", help="list the functions on each way")
    options = parser.parse_args(arguments)
    after = measure(options.tree.resolve())
    found = [measure_commit(options.base), after] if options.base else [after]
    if options.json:
        names = ("before", "after") if options.base else ("tree",)
        document: dict[str, Any] = dict(zip(names, map(asdict, found), strict=True))
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        print(text(found, options.steps))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
