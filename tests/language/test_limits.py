"""Whatever a pack holds, checking it ends soon, within memory, and lists a bounded number of problems."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.authoring.render import render
from service.language.collector import MOST_CHARACTERS, MOST_PROBLEMS, Collector, FullError
from service.language.load import load_pack
from service.language.place import Place
from service.language.problem import Problem
from tests.packs import PLAIN_FACTS, copy_of_harbour, plain_pack

SECONDS = 60
"""The most that a check may take on a busy machine. A check whose time grows with the square takes far longer."""
RULE = """rules:
  - {{id: a.b, when: 'a.flag', then: {{score: 1}}, because: {{en: "{text}"}}{more}}}
"""


def plain_problems(folder: Path, rules: str) -> list[Problem]:
    """Of the plain pack with these rules, which must be found in time."""
    plain_pack(folder, "rules: []")
    (folder / "10_rules.yaml").write_text(rules, "utf-8")
    begun = time.monotonic()
    problems = load_pack(folder)[1]
    assert time.monotonic() - begun < SECONDS
    return problems


@pytest.mark.parametrize("name", ["a.count", "a.cuont"])
def test_300_000_placeholders_in_one_text_are_checked_soon(name: str, tmp_path: Path) -> None:
    text = f"{{{name}}} " * 300_000
    problems = plain_problems(tmp_path / "pack", RULE.format(text=text, more=""))
    wrong = {problem.code for problem in problems if problem.severity == "error"}
    assert wrong == (set() if name == "a.count" else {"unknown-placeholder", "more-problems"})


def test_of_100_000_unknown_keys_200_are_listed_and_then_that_there_are_more(
    tmp_path: Path,
) -> None:
    more = "".join(f", becuase{number}: x" for number in range(100_000))
    problems = plain_problems(tmp_path / "pack", RULE.format(text="x", more=more))
    assert [p.code for p in problems] == ["unknown-key"] * MOST_PROBLEMS + ["more-problems"]
    assert problems[-1].severity == "error"
    assert len(render(problems, "json")) < 200_000


def test_many_warnings_keep_no_pack_from_serving_and_hide_no_error(
    tmp_path: Path,
) -> None:
    folder = copy_of_harbour(tmp_path)
    rule = "  - {{id: a.r{n}, when: 'wind.speed > 1', then: {{load: 1}}, because: {{en: x}}}}\n"
    rules = "rules:\n" + "".join(rule.format(n=n) for n in range(MOST_PROBLEMS + 50))
    (folder / "90_more.yaml").write_text(rules, "utf-8")
    pack, problems = load_pack(folder)
    assert pack is not None
    codes = [problem.code for problem in problems]
    assert codes == ["missing-translation"] * MOST_PROBLEMS + ["more-problems"]
    assert problems[-1].severity == "warning"
    (folder / "91_wrong.yaml").write_text("rules: 1", "utf-8")
    pack, problems = load_pack(folder)
    assert pack is None
    errors = [problem.code for problem in problems if problem.severity == "error"]
    assert errors == ["bad-value", "more-problems"]


def test_exactly_as_many_problems_as_the_limit_say_nothing_of_more() -> None:
    collector = Collector()
    for number in range(MOST_PROBLEMS):
        collector.at(Place("f", number)).error("bad-value", "x")
    assert len(collector.listed()) == MOST_PROBLEMS
    with pytest.raises(FullError):
        collector.at(Place("f")).error("bad-value", "x")
    assert [p.code for p in collector.listed()[MOST_PROBLEMS:]] == ["more-problems"]


def test_problems_found_later_do_not_add_a_second_line_that_there_are_more() -> None:
    first = Collector()
    for number in range(MOST_PROBLEMS + 1):
        first.at(Place("f", number)).warning("bad-value", "x")
    second = Collector(first.listed())
    second.at(Place("f", 7)).error("case-facts", "x")
    codes = [problem.code for problem in second.listed()]
    assert (len(codes), codes.count("more-problems")) == (MOST_PROBLEMS + 1, 1)
    assert "case-facts" in codes


def test_a_long_message_is_cut(tmp_path: Path) -> None:
    (problem,) = plain_problems(tmp_path / "pack", RULE.format(text="x", more=f", {'k' * 1000}: 1"))
    assert (len(problem.message), problem.message[-1]) == (MOST_CHARACTERS, "…")


def test_in_a_very_long_text_a_problem_stands_at_the_text(tmp_path: Path) -> None:
    text = "x" * 30_000 + " {a.cuont}"
    (problem,) = plain_problems(tmp_path / "pack", RULE.format(text=text, more=""))
    assert (problem.code, problem.line, problem.column) == ("unknown-placeholder", 2, 63)


def test_a_number_of_5_000_digits_is_refused_also_in_hexadecimal(tmp_path: Path) -> None:
    rules = RULE.format(text="x", more="").replace("score: 1", f"score: 0x{'f' * 5000}")
    assert "yaml-number" in {p.code for p in plain_problems(tmp_path / "pack", rules)}


def test_a_file_of_more_than_500_000_keys_and_values_is_refused(tmp_path: Path) -> None:
    rules = "rules: [" + "1," * 500_000 + "]"
    (problem,) = plain_problems(tmp_path / "pack", rules)
    assert (problem.code, problem.line) == ("file-too-large", 1)


@pytest.mark.parametrize(("parts", "codes"), [(16, []), (17, ["bad-name"]), (500, ["bad-name"])])
def test_the_name_of_a_fact_has_at_most_16_parts(
    parts: int, codes: list[str], tmp_path: Path
) -> None:
    """Each part is a level of the posted JSON."""
    name = ".".join(["n"] * parts)
    folder = tmp_path / "pack"
    plain_pack(folder, "rules: []")
    (folder / "facts.yaml").write_text(
        f"{PLAIN_FACTS}  {name}: {{type: boolean, text: {{en: N}}}}\n", "utf-8"
    )
    assert [p.code for p in load_pack(folder)[1] if p.severity == "error"] == codes


# Memory and nested calls


def loaded_within(limit: str, folder: Path) -> str:
    """The problems of `folder`/pack in a process of its own, after the statement `limit`."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from service.language.load import load_pack\n"
        "load_pack(Path(sys.argv[1]))\n"  # imports and caches need memory and calls of their own
        "used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        f"{limit}\n"
        "print([problem.code for problem in load_pack(Path(sys.argv[2]))[1]])"
    )
    good, pack = copy_of_harbour(folder / "good"), folder / "pack"
    command: list[str | Path] = [sys.executable, "-c", code, good, pack]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS)
    return done.stdout.decode() + done.stderr.decode()


def test_a_pack_that_takes_more_memory_than_there_is_has_a_problem(tmp_path: Path) -> None:
    plain_pack(tmp_path / "pack", "rules: []")
    (tmp_path / "pack" / "10_rules.yaml").write_text("rules: [" + "1," * 150_000 + "]", "utf-8")
    limit = "resource.setrlimit(resource.RLIMIT_AS, (used + 64 * 1024**2,) * 2)"
    assert loaded_within(limit, tmp_path) == "['pack-too-large']\n"


def test_a_pack_that_nests_calls_too_deeply_has_a_problem(tmp_path: Path) -> None:
    plain_pack(tmp_path / "pack", "rules: []")
    (tmp_path / "pack" / "10_rules.yaml").write_text(f"rules: {'[' * 39}{']' * 39}", "utf-8")
    assert loaded_within("sys.setrecursionlimit(80)", tmp_path) == "['pack-too-large']\n"
