"""What the client sends and what it makes of the answers, on the real server."""

from __future__ import annotations

import logging
import resource
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import tocsin_http
from tests.client.asking import PACK, client_of, warm
from tests.client.listening import listening, relay, tunnel
from tests.server import ROOT, Server
from tests.tokens import TOKENS
from tocsin_http import Answer, NoAnswer, Problem, Tocsin, TocsinError

CLIENT = ROOT / "client"
PROGRAM = f"""
import os, sys
sys.path.append({str(CLIENT)!r})
import tocsin_http
with tocsin_http.Tocsin(sys.argv[1], token="{TOKENS["post"]}", pack="{PACK}") as tocsin:
    answer = tocsin.assess({{"facts": {{"room": {{"celsius": 9}}}}}})
    lines = list(tocsin.batch([{{"facts": {{}}}}] * 100))
    print(answer.value("alarm"), answer.previous()["outputs"]["alarm"], len(lines), tocsin, flush=True)
    child = os.fork()
    names = [f"{{child > 0}} {{number}}" for number in range(20)]
    answers = [tocsin.assess({{"facts": {{}}, "incident_id": name}}) for name in names]
    is_right = [answer.incident_id for answer in answers] == names
    if child == 0:
        tocsin.close()
        os._exit(0 if is_right else 1)
    print(is_right, os.waitpid(child, 0)[1])
"""
HOT = {"facts": {"room": {"celsius": 9.5}}}


def raised(tocsin: Tocsin, incident: Any) -> Problem:
    with pytest.raises(Problem) as found:
        tocsin.assess(incident)
    return found.value


def test_an_answer_has_typed_parts_and_every_key_that_came(tocsin: Tocsin) -> None:
    answer = tocsin.assess({"facts": {"room": {"celsius": 9.5}, "door": {"open": True}}})
    assert answer.value("alarm") == "high"
    assert answer.text("alarm") == "high"
    assert answer.results == {"alarm": {"code": "high", "level": 1, "text": "high"}}
    assert [action["code"] for action in answer.actions] == ["CLOSE_DOOR"]
    assert answer.pack["name"] == PACK
    assert answer["provenance"] == answer.raw["provenance"] == {}
    assert answer.request_id


def test_a_problem_has_its_code_its_errors_and_the_id_of_the_request(tocsin: Tocsin) -> None:
    problem = raised(tocsin, {"facts": {"rom": {"celsius": 9.5}}})
    assert (problem.status, problem.code) == (422, "invalid-request")
    assert [(one["path"], one["code"]) for one in problem.errors] == [("facts.rom", "unknown-fact")]
    assert problem.request_id == problem.raw["request_id"]
    assert str(problem).startswith("invalid-request: 1 field is wrong")
    assert "\n  facts.rom: " in str(problem)


def test_what_an_answer_keeps_for_the_next_gives_the_same_as_its_whole(
    tocsin: Tocsin,
) -> None:
    before = tocsin.assess(
        {"facts": {"room": {"celsius": 1}, "door": {"open": True}}, "as_of": "2026-05-01T12:00:00Z"}
    )
    again: dict[str, Any] = {**HOT, "as_of": "2026-05-01T13:00:00Z"}
    first = tocsin.assess({**again, "previous": before.previous(["CLOSE_DOOR"])})
    second = tocsin.assess({**again, "previous": {**before.raw, "responses": ["CLOSE_DOOR"]}})
    assert first.changes is not None
    assert first.changes["outputs"][0]["from"] == "none"
    assert (before.changes, before.clock["overdue"], first.next_hour) == (None, [], [])
    assert {**first.raw, "assessment_id": ""} == {**second.raw, "assessment_id": ""}


def test_the_moment_is_ours_but_never_before_the_previous_answer(tocsin: Tocsin) -> None:
    now = datetime.now(UTC)
    answer = tocsin.assess(HOT)
    assert timedelta(0) <= now - datetime.fromisoformat(answer.as_of) < timedelta(minutes=1)
    ahead = (now + timedelta(minutes=10)).replace(microsecond=0)
    previous = {**answer.previous(), "as_of": ahead.isoformat()}
    assert datetime.fromisoformat(tocsin.assess({**HOT, "previous": previous}).as_of) == ahead


def test_a_datetime_is_written_with_its_offset_and_refused_without_one(tocsin: Tocsin) -> None:
    moment = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert tocsin.assess({**HOT, "as_of": moment}).as_of.startswith("2026-05-01T12:00:00")
    with pytest.raises(ValueError, match="a datetime must have a time zone"):
        tocsin.assess({**HOT, "as_of": moment.replace(tzinfo=None)})


def test_a_report_is_text(tocsin: Tocsin) -> None:
    assert tocsin.report(HOT).startswith("# Alarm: high\n")
    assert tocsin.report(HOT, "brief").startswith("# Alarm: high\n")
    assert tocsin.report(HOT, "chat").startswith("Alarm: high\n")


def test_an_answer_keeps_its_figures_for_the_next_unless_the_server_knows_none(
    tocsin: Tocsin,
) -> None:
    raw = tocsin.assess(HOT).raw
    measured = {"value": 4, "measured_at": "2026-05-01T12:50:00Z"}
    answer = Answer({**raw, "figures": {"room.celsius": {"text": "Temperature", **measured}}}, None)
    assert answer.previous()["figures"] == {"room.celsius": measured}
    without = {key: value for key, value in raw.items() if key != "figures"}
    assert "figures" not in Answer(without, None).previous()


def test_an_incident_may_name_what_the_client_names_for_all(server: Server) -> None:
    with client_of(server.port, pack="nowhere", timezone="Asia/Tokyo", locale="en") as tocsin:
        answer = tocsin.assess({**HOT, "pack": PACK, "as_of": "2026-05-01T12:00:00Z"})
        assert answer.as_of == "2026-05-01T21:00:00+09:00"
        assert raised(tocsin, HOT).errors[0]["path"] == "pack"


def test_25_000_incidents_are_answered_in_order_and_few_are_in_memory(tocsin: Tocsin) -> None:
    """Most name a pack that does not exist: their problems come faster. All answers take 40 MB."""
    read = 0

    def incidents() -> Iterator[dict[str, Any]]:
        nonlocal read
        for read in range(1, 25_001):
            yield warm(read) if read % 25 == 0 else {**warm(read), "pack": "nowhere"}

    list(tocsin.batch(map(warm, range(500))))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number, found in enumerate(tocsin.batch(incidents()), start=1):
        assert (found.line, found.incident_id) == (number, str(number))
        assert isinstance(found, Answer if number % 25 == 0 else Problem)
        assert read - number <= 1_001
    assert number == 25_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8_000


def test_incidents_before_one_that_cannot_be_sent_are_answered(tocsin: Tocsin) -> None:
    def incidents() -> Iterator[dict[str, Any]]:
        yield from map(warm, range(3))
        raise LookupError("the source failed")

    found: list[int | None] = []
    with pytest.raises(LookupError, match="the source failed"):
        found.extend(answer.line for answer in tocsin.batch(incidents()))
    assert found == [1, 2, 3]


def test_an_incident_of_40_mb_is_refused_alone(tocsin: Tocsin) -> None:
    long = {**warm(1), "note": "x" * 40_000_000}
    found = list(tocsin.batch([warm(0), long, warm(2)]))
    assert [getattr(one, "status", 200) for one in found] == [200, 413, 200]
    assert [one.line for one in found] == [1, 2, 3]


def test_no_incidents_need_no_request() -> None:
    assert list(Tocsin("http://127.0.0.1:1").batch([])) == []


@pytest.mark.parametrize("lines", [0, 10_001])
def test_a_request_has_from_1_to_10_000_lines(tocsin: Tocsin, lines: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 10000"):
        tocsin.batch([], lines)


def test_long_bodies_are_compressed_both_ways(server: Server) -> None:
    with relay(server.port) as seen, client_of(seen.port) as tocsin:
        found = list(tocsin.batch(map(warm, range(300))))
        tocsin.assess(HOT)
    assert [answer.value("alarm") for answer in found if isinstance(answer, Answer)] == [
        "high" if number % 3 == 0 else "none" for number in range(300)
    ]
    (asked,), (answered,) = seen.asked, seen.answered
    assert len(asked) < 3_000
    assert asked.count(b"Content-Encoding: gzip") == 1
    assert answered.lower().count(b"content-encoding: gzip") == 2


def test_a_token_is_sent_and_never_shown(
    server: Server, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with client_of(server.port, token=None) as tocsin:
        assert raised(tocsin, HOT).code == "unauthorized"
    with client_of(server.port, token=TOKENS["read"] + "\n") as tocsin:
        problem = raised(tocsin, HOT)
        assert problem.code == "forbidden"
        with pytest.raises(Problem, match="forbidden"):
            list(tocsin.batch([HOT]))
        shown = f"{tocsin!r} {tocsin} {problem!r} {problem}"
    with pytest.raises(ValueError, match="visible characters") as found:
        client_of(server.port, token=f"{TOKENS['read']}\nX: y")
    told = (shown, str(found.value), caplog.text, *capsys.readouterr())
    assert not any(TOKENS["read"] in one for one in told)


def test_in_lenient_handling_a_wrong_fact_is_ignored_and_told(server: Server) -> None:
    wrong = {"facts": {"room": {"celsius": "hot"}, "door": {"open": True}}}
    with client_of(server.port, lenient=True) as tocsin:
        answer, (line,) = tocsin.assess(wrong), tocsin.batch([wrong])
    assert isinstance(line, Answer)
    assert [one["path"] for one in answer.ignored] == ["facts.room.celsius"]
    assert line.ignored == answer.ignored
    with client_of(server.port) as tocsin:
        assert raised(tocsin, wrong).code == "invalid-request"
        assert tocsin.assess(HOT).ignored == []


def test_half_an_emoji_in_a_fact_silences_no_alarm_in_lenient_handling(server: Server) -> None:
    cut = {"facts": {"room": {"celsius": 9.5}, "door": {"open": "\ud83d"}}}
    with client_of(server.port, lenient=True) as tocsin:
        answer, (line,) = tocsin.assess(cut), tocsin.batch([cut])
    assert isinstance(line, Answer)
    assert answer.value("alarm") == line.value("alarm") == "high"
    assert [one["path"] for one in answer.ignored] == ["facts.door.open"]
    with client_of(server.port) as tocsin:
        assert raised(tocsin, cut).code == "lone-surrogate"


def test_threads_may_share_a_client_and_its_connections_are_used_again(server: Server) -> None:
    with (
        relay(server.port) as seen,
        client_of(seen.port) as tocsin,
        ThreadPoolExecutor(4) as pool,
    ):
        found = list(pool.map(lambda number: tocsin.assess(warm(number)), range(80)))
    assert [answer.incident_id for answer in found] == [str(number) for number in range(80)]
    assert len(seen.asked) <= 4


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8000",
        "ftp://x",
        "http://",
        "http://user:secret@x",
        "http://x?a=b",
        "http://x/#a",
        "http://x:99999",
        "http://x:port",
        "http://x/a b",
        "http://x/\u00e9",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="the URL must be") as found:
        Tocsin(url)
    assert "secret" not in str(found.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"200 OK\r\nContent-Length: 16\r\n\r\n<html>log in</ht",
        b"200 OK\r\nContent-Length: 13\r\n\r\n{\"status\": 1}",
        b"302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["a page", "other JSON", "a redirect"],
)  # fmt: skip
def test_what_is_no_answer_of_tocsin_is_an_error_and_no_redirect_is_followed(
    answer: bytes,
) -> None:
    def handle(connection: Any) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 " + answer)

    with (
        listening(handle) as port,
        client_of(port) as tocsin,
        pytest.raises(TocsinError) as found,
    ):
        tocsin.assess(HOT)
    assert getattr(found.value, "code", None) is None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 in one file."""
    path = tmp_path_factory.mktemp("tls") / "pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", f"{path}.cert"]
    subprocess.run([*command.split(), *names], check=True, capture_output=True, timeout=60)
    path.write_text(path.read_text() + Path(f"{path}.cert").read_text())
    return path


def test_https_works_also_through_a_proxy_and_an_unknown_certificate_is_not_tried_again(
    server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(certificate)
    trusted = ssl.create_default_context(cafile=certificate)
    more: dict[str, Any] = {"token": TOKENS["post"], "pack": PACK}
    with relay(server.port, context=offered) as seen, listening(tunnel) as proxy:
        url = f"https://127.0.0.1:{seen.port}"
        with Tocsin(url, context=trusted, **more) as tocsin:
            assert tocsin.assess(HOT).value("alarm") == "high"
            assert len(list(tocsin.batch([HOT] * 200))) == 200
        with Tocsin(url) as tocsin, pytest.raises(NoAnswer, match="after 1 tries"):
            tocsin.assess(HOT)
        monkeypatch.setenv("HTTPS_PROXY", f"http://desk:secret@127.0.0.1:{proxy}")
        with Tocsin(url, context=trusted, **more) as tocsin:
            assert tocsin.assess(HOT).value("alarm") == "high"
    assert len(seen.asked) == 2, "the first client did not use its connection again"


def test_a_proxy_for_http_is_told_the_whole_url(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with relay(server.port) as seen:
        monkeypatch.setenv("http_proxy", f"http://desk:secret@127.0.0.1:{seen.port}")
        with Tocsin("http://tocsin.invalid", token=TOKENS["post"], pack=PACK) as tocsin:
            assert tocsin.assess(HOT).value("alarm") == "high"
    assert seen.asked[0].startswith(b"POST http://tocsin.invalid/v1/assessments HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic ZGVzazpzZWNyZXQ=\r\n" in seen.asked[0]


def test_a_proxy_may_be_named_without_http_and_one_of_another_kind_is_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with relay(server.port) as seen:
        monkeypatch.setenv("http_proxy", f"desk:secret@127.0.0.1:{seen.port}")
        with Tocsin("http://tocsin.invalid", token=TOKENS["post"], pack=PACK) as tocsin:
            assert tocsin.assess(HOT).value("alarm") == "high"
    assert len(seen.asked) == 1
    for proxy in ("socks5://desk:secret@127.0.0.1:1", "https://desk:secret@127.0.0.1:1"):
        monkeypatch.setenv("http_proxy", proxy)
        with pytest.raises(ValueError, match="a proxy of the environment") as found:
            Tocsin("http://tocsin.invalid")
        assert "secret" not in str(found.value)


def test_an_ipv6_address_without_a_port_has_the_usual_one() -> None:
    address = tocsin_http._Address
    for url, port in (("http://[::1]", 80), ("https://[::1]", 443), ("http://[::1]:8000", 8000)):
        connection = address.of(url, None).connection(1)
        assert (connection.host, connection.port) == ("::1", port)


def python(minor: int) -> str | None:
    """A Python 3 of this minor version, if the machine has one."""
    if sys.version_info[:2] == (3, minor):
        return sys.executable
    found = [*Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3.{minor}")]
    return str(found[0]) if found else shutil.which(f"python3.{minor}")


@pytest.mark.parametrize("minor", [10, 11, 12, 13])
def test_it_runs_without_anything_installed_and_after_a_fork(server: Server, minor: int) -> None:
    interpreter = python(minor)
    if interpreter is None:
        pytest.skip(f"no Python 3.{minor} on this machine")
    url = f"http://127.0.0.1:{server.port}"
    command = [interpreter, "-I", "-W", "error", "-c", PROGRAM, url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == (f"high high 100 Tocsin('{url}')\nTrue 0\n", "")


def test_a_lean_answer_has_the_keys_that_were_asked_for_and_says_what_was_not(
    tocsin: Tocsin,
) -> None:
    whole = tocsin.assess(HOT)
    name = next(iter(whole.results))
    answer = tocsin.assess({**HOT, "fields": [name, "actions.code"]})
    assert answer.value(name) == whole.value(name)
    assert answer.text(name) == whole.text(name)
    assert answer.results == {name: whole.results[name]}
    assert answer["actions"] == [{"code": one["code"]} for one in whole.actions]
    with pytest.raises(KeyError, match="was not among the fields"):
        answer.reasons  # noqa: B018
