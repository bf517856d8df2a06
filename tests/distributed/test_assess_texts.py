"""A list of incidents gets the answers that a server gives, in any process and in any partitioning."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.strict_json import write_json
from service.answering import answer
from service.asking.posted import Post
from service.clock import utc_now
from service.distributed.assess_texts import AssessedText, assess_texts
from service.distributed.result_columns import LiftedColumn
from service.distributed.run import DistributedRun, prepare
from service.distributed.worker_packs import PROCESS_PACKS, PackRefused
from tests.packs import HARBOUR, copy_of_harbour

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STORM: dict[str, Any] = {"facts": {"wind": {"speed": 30}}, "incident_id": "s-1"}
TEXTS = [
    json.dumps(STORM),
    "",
    json.dumps({"facts": {"wind": {"speed": 1}}, "as_of": "2026-02-01T00:00:00Z"}),
    '{"facts": {"wind": {"speed": "fast"}}, "incident_id": "s-2"}',
    '{"facts": NaN}',
    json.dumps({**STORM, "fields": "crew"}),
    json.dumps({**STORM, "pack": "pr_crisis"}),
]


@pytest.fixture(scope="module")
def run() -> DistributedRun:
    return prepare(HARBOUR, as_of=NOON)


def codes(rows: list[AssessedText]) -> list[str | None]:
    """The code of each problem, None for an answer."""
    return [json.loads(row.problem)["code"] if row.problem else None for row in rows]


def test_an_answer_has_the_bytes_that_a_server_gives_for_a_body_with_the_moment_of_the_run(
    run: DistributedRun,
) -> None:
    post, packs = Post(utc_now), PROCESS_PACKS.find(run.settings.pack)
    bodies = [{**STORM, "as_of": NOON.isoformat()}, json.loads(TEXTS[2])]
    expected = [write_json(answer(packs, post(body))) for body in bodies]
    rows = assess_texts(run.settings, [TEXTS[0], TEXTS[2].encode()])
    assert [row.text.encode() for row in rows] == expected


def test_the_command_gives_the_same_results_as_of_the_same_moment(
    run: DistributedRun, tmp_path: Path
) -> None:
    texts = [text for text in TEXTS if text]
    file = tmp_path / "incidents.ndjson"
    file.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    tocsin = str(Path(sys.executable).with_name("tocsin"))
    done = subprocess.run(
        [tocsin, "assess", "--pack", str(HARBOUR), "--as-of", NOON.isoformat(), str(file)],
        capture_output=True,
        timeout=60,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    numbers = [one.pop("line") for one in found]
    assert found == [json.loads(row.text) for row in assess_texts(run.settings, texts)]
    assert numbers == list(range(1, len(texts) + 1))


def test_an_answer_carries_the_digest_by_which_the_pack_is_known(run: DistributedRun) -> None:
    [row] = assess_texts(run.settings, TEXTS[:1])
    assert json.loads(row.text)["pack"]["digest"] == run.settings.pack.digest


def test_a_wrong_incident_is_a_problem_and_the_others_are_not_affected(run: DistributedRun) -> None:
    rows = assess_texts(run.settings, [*TEXTS, None, "\ud800", "[]", " " * 1024 * 1024 + "{}"])
    assert codes(rows) == [
        *(None, "invalid-json", None, "invalid-request", "invalid-json"),
        *("invalid-request", "invalid-request"),
        *("invalid-json", "invalid-utf8", "invalid-request", "body-too-large"),
    ]
    refused = json.loads(rows[3].text)
    assert (refused["incident_id"], refused["errors"][0]["path"]) == ("s-2", "facts.wind.speed")
    assert all((row.answer is None) != (row.problem is None) for row in rows)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_partitioning_changes_no_byte(run: DistributedRun, size: int) -> None:
    parts = [TEXTS[start : start + size] for start in range(0, len(TEXTS), size)]
    assert [row for part in parts for row in assess_texts(run.settings, part)] == assess_texts(
        run.settings, TEXTS
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_end_of_a_line_changes_no_byte(run: DistributedRun, end: str) -> None:
    texts = [*TEXTS, '{"facts": {},']
    with_ends = [text + end for text in texts]
    assert assess_texts(run.settings, with_ends) == assess_texts(run.settings, texts)


def test_the_fields_of_a_run_are_those_of_an_incident_without_its_own() -> None:
    run = prepare(HARBOUR, as_of=NOON, fields="alert.code, verdict")
    own = json.dumps({**STORM, "fields": ["provisional"]})
    answers = [json.loads(row.text) for row in assess_texts(run.settings, [TEXTS[0], own])]
    always = ["assessment_id", "incident_id", "as_of", "pack"]
    assert [list(one)[:6] for one in answers] == [
        [*always, "alert", "verdict"],
        [*always, "provisional", "previous_ignored"],
    ]
    assert answers[0]["alert"] == {"code": "storm"}


def test_a_lenient_run_answers_with_wrong_facts_left_out() -> None:
    run = prepare(HARBOUR, as_of=NOON, lenient=True, fields=["alert"])
    [row] = assess_texts(run.settings, [TEXTS[3]])
    assert json.loads(row.text)["ignored"][0]["path"] == "facts.wind.speed"


def test_the_outputs_at_the_top_of_an_answer_can_be_columns(run: DistributedRun) -> None:
    rows = assess_texts(run.settings, [TEXTS[0], TEXTS[1]])
    assert [row.lifted for row in rows] == [{"alert": "storm"}, {}]
    assert run.lifted == (LiftedColumn("alert", "enum", ("storm", "gale", "calm")),)


IN_ANOTHER_PROCESS = """
import json, pickle, sys
from service.distributed.assess_texts import assess_texts
from service.distributed.worker_packs import PROCESS_PACKS, PackNotSent
run, texts = pickle.load(sys.stdin.buffer)
try:
    assess_texts(run.settings, texts)
except PackNotSent as error:
    print(error, file=sys.stderr)
PROCESS_PACKS.receive(run.pack)
rows = [row for text in texts for row in assess_texts(run.settings, [text])]
counts = PROCESS_PACKS.counts(run.settings.pack)
heavy = [name for name in ("flask", "pyarrow", "pandas", "dask", "pyspark") if name in sys.modules]
pickle.dump((rows, counts.arrived, counts.loaded, heavy), sys.stdout.buffer)
"""


def test_another_process_gets_the_pack_once_loads_it_once_and_gives_the_same_bytes(
    run: DistributedRun,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS],
        input=pickle.dumps((run, TEXTS)),
        capture_output=True,
        timeout=60,
    )
    digest = run.settings.pack.digest
    assert done.stderr.decode() == f"this process was not sent the pack {digest}\n"
    rows, arrived, loaded, heavy = pickle.loads(done.stdout)
    assert rows == assess_texts(run.settings, TEXTS)
    assert (arrived, loaded, heavy) == (1, 1, [])


def test_a_pack_that_does_not_load_fails_with_its_problems_before_any_work(tmp_path: Path) -> None:
    wrong = copy_of_harbour(tmp_path, {"pack.yaml": "pack: harbour\nversoin: 1.0.0\n"})
    with pytest.raises(PackRefused) as refused:
        prepare(wrong, as_of=NOON)
    told = str(refused.value)
    assert told.startswith(f"the pack '{wrong}' does not load\n{wrong}/pack.yaml:")
    assert "hint: did you mean 'version'?" in told
    assert str(pickle.loads(pickle.dumps(refused.value))) == told


def test_a_folder_that_is_not_there_is_a_problem_of_the_pack(tmp_path: Path) -> None:
    with pytest.raises(PackRefused, match="unreadable-file"):
        prepare(tmp_path / "nothing", as_of=NOON)


def test_the_moment_of_a_run_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="it must be an RFC 3339 date-time with offset"):
        prepare(HARBOUR, as_of=datetime(2026, 3, 1))


def test_wrong_fields_fail_before_any_work() -> None:
    with pytest.raises(ValueError, match=r"fields: 'alret'.*did you mean 'alert'"):
        prepare(HARBOUR, as_of=NOON, fields="alret")
    with pytest.raises(ValueError, match="1 to"):
        prepare(HARBOUR, as_of=NOON, fields=[])


def test_without_a_moment_of_the_run_each_incident_needs_its_own() -> None:
    run = prepare(HARBOUR, as_of=None)
    rows = assess_texts(run.settings, [TEXTS[0], TEXTS[2]])
    assert codes(rows) == ["invalid-request", None]
    (error,) = json.loads(rows[0].problem or "")["errors"]
    assert (error["path"], error["hint"]) == ("as_of", "add it to the incident")


@pytest.mark.parametrize("text", [3, {"facts": {}}, [TEXTS[0]]])
def test_an_incident_that_is_no_text_is_told_by_its_type(run: DistributedRun, text: Any) -> None:
    with pytest.raises(TypeError, match=f"an incident is a {type(text).__name__}, but it must be"):
        assess_texts(run.settings, [text])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"engine": "bth"}, "engine is 'bth', but it must be one of both, reference"),
        ({"as_of": "2026-01-01"}, "as_of is '2026-01-01', but it must be a datetime"),
    ],
)
def test_wrong_settings_of_a_run_are_told_before_any_work(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        prepare(HARBOUR, **{"as_of": NOON, **wrong})
