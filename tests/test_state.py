"""The folder for state: which one is used, whom it is trusted to, and what is kept in it in which order."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service.config import Config, ConfigError, check_state, read_config
from service.engine.judging.cross_check import EngineName
from service.serving import good_packs
from service.serving.deployment import NoPackError, keep_good, load_packs
from service.serving.kept_versions import keep_version, note_proof
from service.serving.state_folder import StateFolder, named_state
from tests.packs import copy_of_harbour
from tests.server import ROOT
from tests.test_pack_watcher import digest_of, is_whole, kept, write_version

NOBODY = 65534
OWN = f"tocsin-{os.geteuid()}"
SYSTEM = Path("/var/lib/tocsin")
IS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not IS_ROOT, reason="only root can act as another user")
forks = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "packs").mkdir()
    return copy_of_harbour(tmp_path / "packs")


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def config(pack: Path, engine: EngineName = "reference") -> Config:
    return Config(packs=pack.parent, state=pack.parent.parent / "state", engine=engine)


def in_child(work: Callable[[], object], user: int | None = None) -> bool:
    """Whether `work` ran in a child process, as another user if one is given, and returned something true."""
    child = os.fork()
    if child == 0:
        right = False
        try:
            if user is not None:
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            right = bool(work())
        finally:
            os._exit(0 if right else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


# --- which folder is used --------------------------------------------------------------------


def test_the_defaults_stand_in_their_order() -> None:
    environment = {"STATE_DIRECTORY": "/a:/b", "XDG_STATE_HOME": "/x", "HOME": "/h"}
    wanted = ["/a", "/b", "/x/tocsin", "/h/.local/state/tocsin", "/var/lib/tocsin"]
    assert [str(one) for one in read_config(environment).default_states] == wanted
    assert read_config(environment).state is None
    assert read_config({"TOCSIN_STATE": ""}).state is None
    assert read_config({**environment, "TOCSIN_STATE": "/t"}).state == Path("/t")


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_a_default_without_an_absolute_path_is_left_out(value: str) -> None:
    environment = {"STATE_DIRECTORY": value, "XDG_STATE_HOME": value, "HOME": value}
    assert read_config(environment).default_states == (SYSTEM,)


def test_the_first_default_that_can_be_used_is_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    places = [tmp_path / name for name in ("file", "file/x", "open", "new/state", "unused")]
    state = Config(default_states=tuple(places)).deployment().good.state
    assert state == StateFolder((places[3],))
    assert stat.S_IMODE((places[3] / OWN).stat().st_mode) == 0o700
    assert stat.S_IMODE(places[3].stat().st_mode) == 0o700
    assert not places[4].exists()


def test_without_a_usable_default_the_server_runs_without_state_and_says_why(
    tmp_path: Path, pack: Path
) -> None:
    (tmp_path / "file").touch()
    places = (tmp_path / "file" / "x", tmp_path / "file" / "y")
    settings = Config(packs=pack.parent, engine="reference", default_states=places)
    deployment = settings.deployment()
    check_state(deployment.good.state)
    assert "x: Not a directory; " in deployment.good.state.fault
    packs = load_packs(deployment)
    assert keep_good(packs, deployment) == {"": "Not a directory"}


def test_reading_the_settings_asks_for_no_temporary_folder() -> None:
    """Python looks for one by writing a file, and fails if there is none."""
    script = """if True:
        import tempfile
        tempfile.gettempdir = None
        tempfile._get_default_tempdir = None
        from service.config import read_config
        read_config({}).deployment
    """
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


# --- whom a folder is trusted to -------------------------------------------------------------


def make_link(state: Path, victim: Path) -> None:
    (state / OWN).symlink_to(victim)


def make_file(state: Path, victim: Path) -> None:
    (state / OWN).touch()


def make_writable_by_all(state: Path, victim: Path) -> None:
    (state / OWN).mkdir()
    (state / OWN).chmod(0o777)


def make_writable_by_a_group(state: Path, victim: Path) -> None:
    (state / OWN).mkdir()
    (state / OWN).chmod(0o770)


def make_another_users(state: Path, victim: Path) -> None:
    (state / OWN).mkdir(mode=0o700)
    os.chown(state / OWN, NOBODY, NOBODY)


def give_away(state: Path, victim: Path) -> None:
    os.chown(state, NOBODY, NOBODY)


def open_to_all(state: Path, victim: Path) -> None:
    state.chmod(0o777)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_link, f"'{OWN}' in it is a link or a file"),
        (make_file, f"'{OWN}' in it is a link or a file"),
        (make_writable_by_all, f"other users may write to '{OWN}' in it"),
        (make_writable_by_a_group, f"other users may write to '{OWN}' in it"),
        pytest.param(make_another_users, "belongs to another user", marks=needs_root),
        pytest.param(give_away, "it belongs to another user", marks=needs_root),
        (open_to_all, "every user may write to it, and it is not sticky"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_folder_that_another_user_could_have_made_ends_a_first_start_and_is_never_used(
    make: Callable[[Path, Path], None], words: str, tmp_path: Path, pack: Path
) -> None:
    state, victim = tmp_path / "state", tmp_path / "victim"
    state.mkdir()
    (victim / "harbour").mkdir(parents=True)
    (victim / "lock").write_text("an operator's file", "utf-8")
    make(state, victim)
    deployment = config(pack).deployment()
    with pytest.raises(ConfigError, match=f"^TOCSIN_STATE is '{state}', but must be .*") as refused:
        check_state(deployment.good.state)
    assert words in str(refused.value)
    packs = load_packs(deployment)  # as if the folder became so after the start
    assert list(keep_good(packs, deployment)) == [""]
    assert (victim / "lock").read_text("utf-8") == "an operator's file"
    assert sorted(path.name for path in victim.rglob("*")) == ["harbour", "lock"]


def test_a_default_whose_own_folder_is_foreign_ends_a_first_start(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    make_link(tmp_path / "state", tmp_path)
    places = (tmp_path / "state", tmp_path / "other")
    with pytest.raises(ConfigError, match=r"^the folder for state is '"):
        check_state(Config(default_states=places).deployment().good.state)


@pytest.mark.parametrize("place", ["/dev/null/x", "/dev/null", "/proc/self/environ", "x" * 300])
def test_a_path_that_can_be_no_folder_ends_a_first_start(place: str) -> None:
    with pytest.raises(ConfigError, match=r"^TOCSIN_STATE is '.*', but must be a folder: "):
        check_state(named_state(Path(place)))


def link(folder: Path) -> Path:
    (folder / "real").mkdir()
    (folder / "link").symlink_to(folder / "real")
    return folder / "link"


def sticky(folder: Path) -> Path:
    (folder / "sticky").mkdir()
    (folder / "sticky").chmod(0o1777)
    return folder / "sticky"


def of_a_group(folder: Path) -> Path:
    (folder / "group").mkdir()
    (folder / "group").chmod(0o775)
    return folder / "group"


def new(folder: Path) -> Path:
    return folder / "several" / "new" / "folders"


@pytest.mark.parametrize("make", [link, sticky, of_a_group, new])
def test_a_folder_may_be_a_link_or_sticky_or_a_groups_or_not_there_yet(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    place = make(tmp_path)
    assert named_state(place) == StateFolder((place,))
    assert stat.S_IMODE((place / OWN).stat().st_mode) == 0o700


def test_a_volume_whose_group_kubernetes_lets_write_stays_usable(tmp_path: Path) -> None:
    """With fsGroup it does so for every folder of the volume, ours too, each time it mounts the volume."""
    volume = of_a_group(tmp_path)
    assert named_state(volume) == StateFolder((volume,))
    for folder in (volume, volume / OWN):
        folder.chmod(0o2775 if folder == volume else 0o2770)
    assert named_state(volume) == StateFolder((volume,))
    assert stat.S_IMODE((volume / OWN).stat().st_mode) & 0o777 == 0o700


@needs_root
@forks
def test_a_volume_of_root_that_a_group_may_write_is_used_and_a_folder_without_permission_is_a_fault(
    public: Path,
) -> None:
    volume, closed = public / "volume", public / "closed"
    for folder in (volume, closed):
        folder.mkdir()
    os.chown(volume, 0, NOBODY)
    volume.chmod(0o775)
    closed.chmod(0o755)

    def look() -> bool:
        denied = named_state(closed)
        return named_state(volume) == StateFolder((volume,)) and (denied.refusal, denied.fault) == (
            "",
            f"{closed}: Permission denied",
        )

    assert in_child(look, NOBODY)


# --- what is kept, and in which order --------------------------------------------------------


def test_the_newest_version_is_the_one_loaded_last_whatever_the_clock_said(pack: Path) -> None:
    deployment = config(pack).deployment()
    about = (pack / "pack.yaml").read_text("utf-8")
    first = digest_of(load_packs(deployment))
    ahead = time.time() + 10**6
    os.utime(kept(pack)[0], (ahead, ahead))
    write_version(pack, 2)
    second = digest_of(load_packs(deployment))
    assert newest_of_a_new_server(pack) == second
    (pack / "pack.yaml").write_text(about, "utf-8")
    assert digest_of(load_packs(deployment)) == first
    assert newest_of_a_new_server(pack) == first
    assert len(kept(pack)) == 2


def newest_of_a_new_server(pack: Path) -> str:
    """The digest that a server serves which starts while the files are broken."""
    about = pack / "pack.yaml"
    good = about.read_text("utf-8")
    about.write_text("broken: ", "utf-8")
    try:
        return digest_of(load_packs(config(pack).deployment()))
    finally:
        about.write_text(good, "utf-8")


def test_three_versions_are_kept_and_nothing_else(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    for number in (1, 2, 3, 4, 3, 5):
        packed = str(number).encode()
        digest = hashlib.sha256(packed).hexdigest()
        note_proof(folder, digest, f"{0:016}")
        keep_version(folder, digest, packed)
        (tmp_path / f"partial-{number:064}").touch()  # as of a worker that was killed
    os.close(folder)
    versions = sorted(tmp_path.glob("0*"))
    assert [path.read_text("utf-8") for path in versions] == ["4", "3", "5"]
    assert all(map(is_whole, versions))
    proofs = {path.name.split("-")[1] for path in tmp_path.glob("proven-*")}
    assert proofs == {path.name.split("-")[1] for path in versions}
    assert len(list(tmp_path.iterdir())) == 3 + 3 + 1


@forks
def test_a_version_that_cannot_be_written_is_served_and_leaves_nothing_behind(pack: Path) -> None:
    """The limit of a file's size stands for a full disk."""

    def load() -> bool:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        deployment = config(pack).deployment()
        packs = load_packs(deployment)
        faults = {"harbour": "File too large"}
        return bool(packs.served) and deployment.good.faults.now == faults

    assert in_child(load)
    (folder,) = (pack.parent.parent / "state").glob("*/*/harbour")
    assert [path.name for path in folder.iterdir()] == ["lock"]


def test_a_fault_of_the_folder_is_over_once_the_version_that_serves_is_found_in_it(
    pack: Path,
) -> None:
    """Another worker may have kept it first."""
    deployment, state = config(pack).deployment(), pack.parent.parent / "state"
    packs = load_packs(deployment)
    aside = state.rename(state.with_name("aside"))
    state.touch()
    assert "" in keep_good(packs, deployment)
    state.unlink()
    aside.rename(state)
    assert keep_good(packs, deployment) == {}


def test_a_lock_that_is_not_released_is_a_message_and_is_waited_for_once(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(good_packs, "SECONDS_FOR_THE_LOCK", 0.5)
    deployment = config(pack).deployment()
    load_packs(deployment)
    write_version(pack, 2)
    faults = {"harbour/lock": "another process does not release the lock"}
    with (kept(pack)[0].parent / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        started = time.monotonic()
        second = digest_of(load_packs(deployment))
        assert time.monotonic() - started >= 0.5
        assert deployment.good.faults.now == faults
        assert newest_of_a_new_server(pack) == second
        monkeypatch.setattr(good_packs, "SECONDS_FOR_THE_LOCK", 1000.0)
        write_version(pack, 3)
        load_packs(deployment)
        assert deployment.good.faults.now == faults
    write_version(pack, 4)
    load_packs(deployment)
    assert deployment.good.faults.now == {}


def test_a_lock_that_is_released_is_no_fault_any_more(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(good_packs, "SECONDS_FOR_THE_LOCK", 0.0)
    deployment = config(pack).deployment()
    load_packs(deployment)
    write_version(pack, 2)
    with (kept(pack)[0].parent / "lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        packs = load_packs(deployment)
        assert keep_good(packs, deployment)
    assert keep_good(packs, deployment) == {}


def test_a_link_in_place_of_a_lock_is_a_message_until_it_is_gone(pack: Path) -> None:
    deployment = config(pack).deployment()
    load_packs(deployment)
    lock, victim = kept(pack)[0].parent / "lock", pack.parent.parent / "victim"
    lock.unlink()
    lock.symlink_to(victim)
    write_version(pack, 2)
    packs = load_packs(deployment)
    assert list(keep_good(packs, deployment)) == ["harbour/lock"]
    assert not victim.exists()
    lock.unlink()
    assert keep_good(packs, deployment) == {}


def test_one_start_waits_once_for_the_locks_of_all_packs(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(good_packs, "SECONDS_FOR_THE_LOCK", 2.0)
    for name in ("dock", "quay"):
        shutil.copytree(pack, pack.parent / name)
        text = (pack / "pack.yaml").read_text("utf-8")
        (pack.parent / name / "pack.yaml").write_text(text.replace("harbour", name), "utf-8")
    load_packs(config(pack).deployment())
    with ExitStack() as held:
        for lock in (pack.parent.parent / "state").glob("*/*/*/lock"):
            fcntl.flock(held.enter_context(lock.open("rb")), fcntl.LOCK_EX)
        deployment = config(pack).deployment()
        started = time.monotonic()
        assert len(load_packs(deployment).served) == 3
        assert time.monotonic() - started < 4
        assert len(deployment.good.faults.now) == 3


# --- what a proof is worth -------------------------------------------------------------------


@contextmanager
def child_process_that_refuses(folder: Path) -> Iterator[None]:
    """Every child process finds another module with the name of the C library first: nothing more can be proven."""
    (folder / "library").mkdir(exist_ok=True)
    refusing = "class error(Exception): pass\ndef create_ruleset(*_): raise error('no')\n"
    (folder / "library" / "durable_rules_engine.py").write_text(refusing, "utf-8")
    with pytest.MonkeyPatch.context() as changed:
        changed.syspath_prepend(folder / "library")
        yield


def serves(pack: Path, engine: EngineName = "both") -> bool:
    try:
        return bool(load_packs(config(pack, engine).deployment()).served)
    except NoPackError:
        return False


def test_a_version_is_proven_before_it_serves_however_few_answers_are_compared(
    tmp_path: Path, pack: Path
) -> None:
    few = replace(config(pack, "both"), cross_check=1e-9)
    with child_process_that_refuses(tmp_path), pytest.raises(NoPackError):
        load_packs(few.deployment(chance=lambda: 0.99))


def test_a_proof_counts_for_the_next_server_but_not_for_other_software(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serves(pack)
    with child_process_that_refuses(tmp_path):
        assert serves(pack)
        monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")
        assert not serves(pack)
        (pack / "pack.yaml").write_text("broken: ", "utf-8")
        assert not serves(pack)  # the kept version must be proven again too
    assert serves(pack)


def test_what_the_reference_served_is_no_proof_for_both(pack: Path, tmp_path: Path) -> None:
    assert serves(pack, "reference")
    with child_process_that_refuses(tmp_path):
        assert serves(pack, "reference")
        assert not serves(pack, "both")
    assert len(list((tmp_path / "state" / OWN).iterdir())) == 2


def test_servers_of_other_packs_share_no_proofs(pack: Path, tmp_path: Path) -> None:
    assert serves(pack)
    shutil.copytree(pack.parent, tmp_path / "other")
    with child_process_that_refuses(tmp_path):
        assert not serves(tmp_path / "other" / "harbour")
