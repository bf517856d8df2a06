"""Where the server listens: the addresses it prints, those it refuses in one line, and `tocsin health`, which asks there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.health import ask
from service.server.listening.addresses import read_bind
from tests.server import ROOT, TOCSIN
from tests.tokens import file_of_tokens
from tests.waiting import eventually

GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", TOCSIN]
COMMAND = Path(sys.prefix) / "bin" / "tocsin"
FORMS = "but must be HOST:PORT, [IPV6]:PORT or unix:/PATH, PORT from 0 to 65535; commas separate several"
TCP = "TOCSIN_BIND must be an address of this machine, with a free port that this user may open"
UNIX = "TOCSIN_BIND must be a path in a folder that this user may write to; a socket there must be of no running server"


def environment(packs: Path, **settings: str) -> dict[str, str]:
    own = {"TOCSIN_PACKS": str(packs), "TOCSIN_STATE": str(packs.with_name("state"))}
    return {**os.environ, "TOCSIN_WORKERS": "1", **own, **settings}


def refused(packs: Path, before: Sequence[str] = (), **settings: str) -> str:
    """The only line that a server prints which must not start."""
    done = subprocess.run(
        [*before, *GUNICORN],
        cwd=ROOT,
        env=environment(packs, **settings),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    return line.removeprefix("tocsin: ")


@contextmanager
def listening(
    packs: Path, log: Path, bind: str, command: Sequence[str] = GUNICORN, **settings: str
) -> Iterator[str]:
    """The line that a server prints when its addresses are open."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(packs, TOCSIN_BIND=bind, **settings), stderr=errors
        )
    try:
        eventually(lambda: "worker-started" in log.read_text("utf-8") or process.poll() is not None)
        (line,) = (line for line in log.read_text("utf-8").splitlines() if "serving on" in line)
        yield line
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def health(bind: str, *options: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [COMMAND, "health", *options],
        env={**os.environ, "TOCSIN_BIND": bind},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def children(process: int) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder with a short name: the path of a socket may have at most 107 bytes."""
    folder = Path(f"/tmp/tocsin-test-{os.getpid()}")
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_every_address_is_printed_as_it_is_and_answers(
    packs: Path, place: Path, tmp_path: Path
) -> None:
    path = f"unix:{place}/socket"
    several = ["127.0.0.1:0", path, *(["[::1]:0"] if ipv6() else [])]
    with listening(packs, tmp_path / "log", ",".join(several)) as line:
        pattern = r"tocsin: serving on http://(127\.0\.0\.1:\d+) and (unix:\S+?)(?: and http://(\[::1\]:\d+))?, a page to try it on http://(\S+)/docs"
        found = re.fullmatch(pattern, line)
        assert found, line
        tcp, unix, sixth, page = found.groups()
        assert (unix, page, sixth is not None) == (path, tcp, ipv6())
        port = tcp.partition(":")[2]
        each = [(tcp, f"http://{tcp}/readyz"), (path, f"/readyz at {path}")]
        each += [(sixth, f"http://{sixth}/readyz")] if sixth else []
        each += [(f"0.0.0.0:{port}", f"http://127.0.0.1:{port}/readyz")]
        for bind, asked in each:
            assert ask(read_bind(bind, "TOCSIN_BIND"), "/readyz") == f"healthy: {asked}"
        assert health(f"{tcp},{path}", "--live") == (
            0,
            f"healthy: http://{tcp}/healthz, /healthz at {path}\n",
            "",
        )
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            bound = f"127.0.0.1:{taken.getsockname()[1]}"
            for one, why, allowed in (
                (bound, "Address already in use", TCP),
                (path, "another server uses this socket", UNIX),
            ):
                assert refused(packs, TOCSIN_BIND=one) == (
                    f"the address is '{one}', but cannot be opened: {why}. {allowed}"
                )
    assert health(path)[0] == 1


def test_a_socket_that_a_killed_server_left_is_used_again(
    packs: Path, place: Path, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place / "left"))
        left.listen()
    bind = f"unix:{place}/left"
    with listening(packs, tmp_path / "log", bind) as line:
        assert line == f"tocsin: serving on {bind}"
        assert ask(read_bind(bind, "TOCSIN_BIND"), "/healthz")


def test_a_server_whose_sockets_were_deleted_stops_without_an_error_and_removes_no_other_socket(
    packs: Path, place: Path, tmp_path: Path
) -> None:
    deleted, replaced, own = (place / name for name in ("deleted", "replaced", "own"))
    bind = f"unix:{deleted},unix:{replaced},unix:{own}"
    with socket.socket(socket.AF_UNIX) as other:
        with listening(packs, tmp_path / "log", bind):
            deleted.unlink()
            replaced.unlink()
            other.bind(str(replaced))
        assert (deleted.exists(), replaced.exists(), own.exists()) == (False, True, False)
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


def test_a_server_of_the_command_can_start_a_new_master(
    packs: Path, place: Path, tmp_path: Path
) -> None:
    bind, log = f"unix:{place}/handed", tmp_path / "log"
    with listening(packs, log, bind, [str(COMMAND), "serve"]):
        (master,) = {one["master"] for one in workers_in(log)}
        os.kill(master, signal.SIGUSR2)
        eventually(lambda: len({one["master"] for one in workers_in(log)}) == 2)
        (new,) = {one["master"] for one in workers_in(log)} - {master}
        os.kill(new, signal.SIGTERM)
        eventually(lambda: not Path(f"/proc/{new}").exists())
        assert ask(read_bind(bind, "TOCSIN_BIND"), "/readyz")


def workers_in(log: Path) -> list[dict[str, int]]:
    """The workers that have started, by a server's log."""
    lines = [line for line in log.read_text("utf-8").splitlines() if "worker-started" in line]
    return [json.loads(line) for line in lines]


def test_a_new_master_that_cannot_be_started_stops_no_worker_and_removes_no_socket(
    packs: Path, place: Path, tmp_path: Path
) -> None:
    """The environment with the server's Python was moved before SIGUSR2 arrives."""
    environment = place / "environment"
    environment.symlink_to(sys.prefix)
    bind, log = f"unix:{place}/kept", tmp_path / "log"
    with listening(packs, log, bind, [str(environment / "bin" / "python"), *GUNICORN[1:]]):
        (started,) = workers_in(log)
        environment.unlink()
        os.kill(started["master"], signal.SIGUSR2)
        eventually(lambda: "The master runs on after an error" in log.read_text("utf-8"))
        eventually(lambda: children(started["master"]) == [started["process"]])
        assert ask(read_bind(bind, "TOCSIN_BIND"), "/readyz")
    assert log.read_text("utf-8").count("worker-started") == 1


WAYS = (
    "at which other machines can connect, and anyone there could do everything. Name who may with TOCSIN_TOKENS=FILE "
    "(tocsin token NAME ROLE makes a line of it), or allow everyone with TOCSIN_OPEN=1"
)


@pytest.mark.parametrize(
    "settings",
    [
        {"TOCSIN_BIND": "127.0.0.1:0,0.0.0.0:0"},
        {"GUNICORN_CMD_ARGS": "--bind 0.0.0.0:0 --reuse-port"},
    ],
)
def test_an_address_for_other_machines_is_refused_without_tokens(
    packs: Path, settings: dict[str, str]
) -> None:
    assert re.fullmatch(
        rf"the address is '0\.0\.0\.0:\d+', {re.escape(WAYS)}", refused(packs, **settings)
    )


def test_a_socket_for_other_machines_is_refused_although_it_was_inherited(packs: Path) -> None:
    """As systemd hands it over: descriptor 3, and the number of the process in the environment."""
    with socket.socket() as inherited:
        inherited.bind(("0.0.0.0", 0))
        inherited.listen()
        inherited.set_inheritable(True)
        start = f'exec 3<&{inherited.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
        done = subprocess.run(
            ["bash", "-c", start, "bash", *GUNICORN],
            cwd=ROOT,
            env=environment(packs),
            pass_fds=[inherited.fileno()],
            capture_output=True,
            text=True,
            timeout=60,
        )
        port = inherited.getsockname()[1]
    assert (done.returncode, done.stderr) == (
        1,
        f"tocsin: the address is '0.0.0.0:{port}', {WAYS}\n",
    )


def test_an_address_for_other_machines_is_opened_if_everyone_may_or_callers_need_tokens(
    packs: Path, tmp_path: Path
) -> None:
    tokens = str(file_of_tokens(tmp_path / "tokens"))
    for allowed in ({"TOCSIN_OPEN": "1"}, {"TOCSIN_TOKENS": tokens}):
        with listening(packs, tmp_path / "log", "0.0.0.0:0", **allowed) as line:
            assert "serving on http://0.0.0.0:" in line


def test_a_file_of_tokens_that_is_missing_ends_the_first_start_in_one_line(
    packs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "tokens"
    assert refused(packs, TOCSIN_TOKENS=str(path)) == (
        f"TOCSIN_TOKENS is '{path}', but that file cannot be read: No such file or directory. "
        "It must be a file that this user can read; 'tocsin token NAME ROLE >> FILE' makes it"
    )


@pytest.mark.parametrize("bind", ["8101", "127.0.0.1:99999"])
def test_an_address_of_another_form_is_refused_in_one_line(packs: Path, bind: str) -> None:
    assert refused(packs, TOCSIN_BIND=bind) == f"TOCSIN_BIND is '{bind}', {FORMS}"


def test_a_wrong_setting_is_one_line_also_if_gunicorn_loads_the_application_first(
    packs: Path,
) -> None:
    assert refused(packs, TOCSIN_LOG_LEVEL="loud", GUNICORN_CMD_ARGS="--preload") == (
        "TOCSIN_LOG_LEVEL is 'loud', but must be one of: debug, info, warning, error"
    )


def test_a_file_in_place_of_the_socket_is_refused_and_stays(packs: Path, place: Path) -> None:
    (place / "file").write_text("kept", "utf-8")
    assert refused(packs, TOCSIN_BIND=f"unix:{place}/file") == (
        f"the address is 'unix:{place}/file', but cannot be opened: it is not a socket. {UNIX}"
    )
    assert (place / "file").read_text("utf-8") == "kept"


def test_a_port_that_the_user_may_not_open_is_refused_in_one_line(packs: Path) -> None:
    """In a user namespace of its own, root is no root for the ports of the machine."""
    own = ["unshare", "--user", "--map-root-user"]
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text("ascii"))
    if first <= 80 or subprocess.run([*own, "true"], capture_output=True).returncode:
        pytest.skip("this system has no user namespaces or no privileged ports")
    assert refused(packs, own, TOCSIN_BIND="127.0.0.1:80") == (
        f"the address is '127.0.0.1:80', but cannot be opened: Permission denied. {TCP}"
    )


def test_an_option_that_leads_the_log_past_its_queue_is_refused(packs: Path) -> None:
    for option in ("--error-logfile=/dev/null", "--access-logfile=-", "--capture-output"):
        name = option.partition("=")[0]
        assert refused(packs, GUNICORN_CMD_ARGS=option) == (
            f"gunicorn's option {name} is not allowed: the log goes to standard error only"
        )


def test_a_server_that_is_not_there_or_not_ready_is_unhealthy_in_one_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    assert health(bind) == (
        1,
        "",
        f"Error: http://{bind}/readyz does not answer: Connection refused\n",
    )
    status, _, said = health("8101")
    assert (status, said) == (1, f"Error: TOCSIN_BIND is '8101', {FORMS}\n")
    status, _, said = health("127.0.0.1:0")
    assert (status, len(said.splitlines())) == (1, 1)
