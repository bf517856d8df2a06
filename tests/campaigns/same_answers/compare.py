"""Compares the lines of both recorders: counts equal and different answers, and shows the first few differences as a diff."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.campaigns.same_answers.trees import Tree, recorder

SHOWN_OF_A_KIND = 2
SHOWN_LINES = 60
SHOWN_CHARACTERS = 4_000
SAMPLES = "samples"
Line = dict[str, Any]


class RecorderError(Exception):
    """A recorder ended too early; the message is the end of its log."""


@dataclass
class Comparison:
    """Counts by kind of the base's answer. `samples` are the first requests of each kind whose answers differ."""

    answers: Counter[str] = field(default_factory=Counter)
    differing: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)

    def add(self, request: str, base: Line, present: Line) -> None:
        kind = _kind(request, base)
        self.answers[kind] += 1
        if base != present:
            self.differing[kind] += 1
            if self.differing[kind] <= SHOWN_OF_A_KIND:
                self.samples.append(request)


def _kind(request: str, base: Line) -> str:
    asked = json.loads(request)
    path = asked["path"].partition("?")[0]
    return f"{asked['method']} {path}: {base['status']} {base['headers'].get('Content-Type', '')}"


def compare(
    base: Tree,
    present: Tree,
    requests: Path,
    progress: Callable[[Comparison], None],
    options: Sequence[str],
) -> Comparison:
    """The recorders get the options. Raises RecorderError."""
    found = Comparison()
    for request, one, other in _side_by_side(base, present, requests, *options):
        found.add(request, one, other)
        progress(found)
    return found


def _side_by_side(
    base: Tree, present: Tree, requests: Path, *options: str
) -> Iterator[tuple[str, Line, Line]]:
    """Reads both recorders together. One is ahead of the other by at most the content of a pipe."""
    with (
        recorder(base, requests, *options) as one,
        recorder(present, requests, *options) as other,
        requests.open(encoding="utf-8") as lines,
    ):
        for request in lines:
            number = json.loads(request)["number"]
            yield request, _line(one.stdout, base, number), _line(other.stdout, present, number)


def _line(stream: Any, tree: Tree, number: int) -> Line:
    text = stream.readline()
    if not text:
        end = tree.log.read_text("utf-8", "replace")[-SHOWN_CHARACTERS:]
        raise RecorderError(f"the recorder in {tree.name} gave no answer {number}:\n{end}")
    line: Line = json.loads(text)
    if line["number"] != number:
        raise RecorderError(f"the recorder in {tree.name} answered {line['number']}, not {number}")
    return line


def differences(
    base: Tree, present: Tree, samples: list[str], options: Sequence[str]
) -> Iterator[str]:
    """Sends each sample once more, to get the whole answers."""
    requests = present.work / SAMPLES
    requests.write_text("".join(samples), "utf-8")
    for request, one, other in _side_by_side(base, present, requests, "--whole", *options):
        yield f"{_told(request)}\n{_diff(base, one, present, other)}"


def _told(request: str) -> str:
    asked = json.loads(request)
    body = ascii(asked["body"])[1:-1] if "\\ud" in request else asked["body"]
    cut = "" if len(body) <= SHOWN_CHARACTERS else f" … {len(body) - SHOWN_CHARACTERS} more"
    headers = "".join(f"\n{name}: {value}" for name, value in asked["headers"].items())
    return f"{asked['name']}\n{asked['method']} {asked['path']}{headers}\n\n{body[:SHOWN_CHARACTERS]}{cut}\n"


def _diff(base: Tree, one: Line, present: Tree, other: Line) -> str:
    if one == other:
        return (
            "sent once more, both answers are equal: one of them depends on more than the request"
        )
    before, after = _laid_out(one), _laid_out(other)
    if before == after:
        before, after = [one["body"]], [other["body"]]
    lines = [*difflib.unified_diff(before, after, base.name, present.name, n=2, lineterm="")]
    more = [f"… {len(lines) - SHOWN_LINES} more lines"] if len(lines) > SHOWN_LINES else []
    return "\n".join([*lines[:SHOWN_LINES], *more])


def _laid_out(line: Line) -> list[str]:
    """Status, headers and body. JSON has one value per line."""
    headers = [f"{name}: {value}" for name, value in line["headers"].items()]
    body = [text for part in line["body"].splitlines() for text in _json_lines(part)]
    return [f"status {line['status']}", *headers, *body]


def _json_lines(text: str) -> list[str]:
    if not text.startswith(("{", "[")):
        return [text]
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1).splitlines()
    except ValueError:
        return [text]
