"""`make same-answers`: checks that this working tree answers every request, byte for byte, like an earlier commit.

Both trees get the same requests. These are all cases of pr_crisis and harbour, the examples of the pages, and random
incidents with previous answers, with facts in envelopes, and with nulls. Each is sent in every language and in all of
them at once (`both`): plain, with explanation and contingency, as a report, and in a batch. There are also damaged
bodies, incidents of random packs with every hit policy, and requests that get a problem. Status, body and headers are
compared; of the bodies only the random `assessment_id` is left out. `GET /v1/packs/{name}`, `/openapi.json`, `/docs`
and `/metrics` are not compared. Exit status 1 if anything differs. With `--no-problem-texts` the texts of problem
documents are not compared: `title` and `detail`, and `message` and `hint` of each of their `errors`.
"""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from service import create_app
from service.config import Config
from tests.campaigns.same_answers.compare import Comparison, RecorderError, compare, differences
from tests.campaigns.same_answers.incidents import (
    DEFAULT,
    Ask,
    Body,
    damaged,
    examples,
    of_random_packs,
    random_incidents,
    random_packs,
)
from tests.campaigns.same_answers.requests import ASSESS, all_requests, write
from tests.campaigns.same_answers.trees import Tree, unpack, with_packs
from tests.server import ROOT

PROGRESS_SECONDS = 10


def main() -> int:
    options = _options()
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    left_out = ["--no-problem-texts"] if options.no_problem_texts else []
    started = time.monotonic()
    with TemporaryDirectory(prefix="same-answers-") as folder:
        try:
            base, present, requests, number = _prepare(
                Path(folder), options.base, seed, options.incidents
            )
        except subprocess.CalledProcessError as error:
            print(f"git: {error.stderr.decode().strip()}", file=sys.stderr)
            return 2
        print(f"base {base.name}, seed {seed}, {number:,} requests", flush=True)
        _say(f"{time.monotonic() - started:.0f} s to make the requests")
        try:
            found = compare(base, present, requests, _Progress(number), left_out)
            _report(found, time.monotonic() - started)
            for text in differences(base, present, found.samples, left_out):
                print(f"\nDIFFERENCE in {text}", flush=True)
        except RecorderError as error:
            print(error, file=sys.stderr)
            return 2
    return 1 if found.differing.total() else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--base", default="HEAD", help="the commit to compare with; HEAD if left out"
    )
    parser.add_argument(
        "--incidents", type=int, default=10_000, help="the number of random incidents"
    )
    parser.add_argument(
        "--no-problem-texts",
        action="store_true",
        help="do not compare the texts of problem documents, so that reworded ones are no difference",
    )
    parser.add_argument("--seed", type=int, help="any number; a random one if left out")
    return parser.parse_args()


def _prepare(work: Path, commit: str, seed: int, incidents: int) -> tuple[Tree, Tree, Path, int]:
    """Both trees with their packs, and the file of requests with their number."""
    sources = work / "commit"
    name = unpack(commit, ROOT, sources)
    made = work / "random_packs"
    made.mkdir()
    sources_of_packs = random_packs(seed, incidents, made)
    base = with_packs(name[:12], sources, work / "base", made)
    present = with_packs("this working tree", ROOT, work / "present", made)
    ask = _ask(present)
    posted = (
        *examples(ask),
        *random_incidents(seed, incidents, ask),
        *of_random_packs(seed, incidents, sources_of_packs),
    )
    requests = work / "requests"
    with requests.open("w", encoding="utf-8") as file:
        return base, present, requests, write(all_requests(posted, damaged(seed, incidents)), file)


def _ask(tree: Tree) -> Ask:
    """This working tree's own answers, which become previous answers."""
    state = tree.work / "state_of_previous"
    config = Config(tree.packs, DEFAULT, engine="reference", log_level="error", state=state)
    client = create_app(config).test_client()

    def ask(body: Body) -> dict[str, Any] | None:
        answer = client.post(ASSESS, json=body)
        return answer.get_json() if answer.status_code == 200 else None

    return ask


class _Progress:
    """Prints a line every ten seconds."""

    def __init__(self, requests: int) -> None:
        self.requests = requests
        self.started = self.last = time.monotonic()

    def __call__(self, found: Comparison) -> None:
        now = time.monotonic()
        if now - self.last >= PROGRESS_SECONDS:
            self.last = now
            done, wrong = found.answers.total(), found.differing.total()
            _say(
                f"{now - self.started:5.0f} s  {done:>9,} of {self.requests:,} requests, {wrong:,} differ"
            )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _report(found: Comparison, seconds: float) -> None:
    for kind, number in sorted(found.answers.items()):
        print(f"  {kind}: {number:,} answers, {found.differing[kind]:,} differ")
    wrong = found.differing.total()
    print(f"{found.answers.total():,} answers, {wrong:,} differ, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
