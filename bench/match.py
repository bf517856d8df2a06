"""Measures matching: from facts to the rules that fire. Tocsin's matchers and other engines get the same rules and incidents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.contest import Contest, contest_of
from bench.contestant import TIMED, Contestant, Entry, check_answers
from bench.figures import Section, Verdict, microseconds, percent, table, times
from bench.incidents import complete_incidents, computable
from bench.ours import BOTH, REFERENCE, both, reference
from bench.rounds import Timing, side_by_side
from bench.synthetic import Shape
from service.language.load import load_pack
from service.language.model import Pack

COMPARED = 200
"""Incidents on which the answers are compared."""
OURS: tuple[Entry, ...] = (reference, both)
LEAST = {60: 4.0, 300: 12.0, 1_000: 20.0, 10_000: 100.0}
"""By the number of rules of a synthetic pack."""
LEAST_OF_DEFAULT = 1.5
AGENDA, TABLE = "clipspy, agenda", "zen-engine, table"
LEAST_OF_BOTH = {60: (AGENDA, 1.8), 300: (AGENDA, 1.0), 1_000: (AGENDA, 0.5), 10_000: (AGENDA, 0.5)}
LEAST_OF_BOTH_DEFAULT = (TABLE, 1.1)


@dataclass(frozen=True)
class Result:
    """The result of a contest: its contestants and their timings, ours first."""

    contest: Contest
    contestants: Sequence[Contestant]
    timings: dict[str, Timing]

    def seconds(self, name: str) -> float:
        return self.timings[name].seconds

    @property
    def fastest_peer(self) -> str:
        return self._fastest(found.name for found in self.contestants if not found.ours)

    @property
    def fastest_with_rules(self) -> str:
        """The fastest peer that keeps its rules separate."""
        return self._fastest(
            found.name for found in self.contestants if not found.ours and not found.folded
        )

    def _fastest(self, names: Iterable[str]) -> str:
        return min(names, key=self.seconds)

    def ratio(self, peer: str, name: str) -> float:
        """The peer's time divided by the time of `name`."""
        return self.seconds(peer) / self.seconds(name)


def hold(contest: Contest, entries: Iterable[Entry], rounds: int) -> Result:
    """Compares the answers, then measures the times. Raises WrongAnswer."""
    contestants = [entry(contest) for entry in entries]
    for contestant in contestants:
        check_answers(contestant, contest)
    timings = side_by_side({found.name: found.one_pass for found in contestants}, rounds)
    return Result(contest, contestants, timings)


def default_contest(folder: Path) -> Contest:
    pack = _loaded(folder)
    return contest_of(f"{pack.name}", pack, computable(pack, complete_incidents(pack, COMPARED)))


def synthetic_contest(shape: Shape, folder: Path) -> Contest:
    title = f"{shape.rules} rules, {shape.facts} facts"
    return contest_of(title, _loaded(shape.write(folder)), shape.incidents(COMPARED))


def _loaded(folder: Path) -> Pack:
    pack, problems = load_pack(folder)
    if pack is None:
        raise ValueError(f"the pack has problems: {problems[0]}")
    return pack


def section(results: Sequence[Result]) -> Section:
    lines = [
        "From facts to the positions of the rules that fire, in one process and one thread. All engines get the same rules and the same",
        f"incidents, {COMPARED} or slightly fewer. Before the timing, every engine gave the reference's answer on each incident. The first {TIMED}",
        "incidents are timed. All their facts are known, because peers have no unknown. Tocsin computes derived facts, strata and the outputs",
        "that rules read, with three truth values. Peers get derived facts and the outputs of earlier strata as input, and all facts in the",
        "form that is fastest for them. Outputs that no rule reads are not included here: they are in the parts of a request below.",
        "",
    ]
    for result in results:
        lines += _table(result)
    lines += ["How each engine was used:", ""]
    lines += [f"- {found.name}: {found.form}" for found in results[0].contestants]
    return Section("Match", [*lines, ""], list(_verdicts(results)))


def _table(result: Result) -> list[str]:
    contest = result.contest
    said = f"**{contest.title}**: {len(contest.pack.rules)} rules, {contest.firing:.0f} fire on average"
    if contest.left_out:
        forms = ", ".join(f"{form} {count}" for form, count in contest.left_out.items())
        said += f"; left out, because of a form that peers cannot express: {forms}"
    rows = [
        [
            found.name,
            microseconds(result.seconds(found.name)),
            percent(result.timings[found.name].spread),
            times(result.ratio(found.name, REFERENCE)),
            times(result.ratio(found.name, BOTH)),
        ]
        for found in result.contestants
    ]
    head = ["engine", "µs per incident", "± spread", "÷ reference", "÷ both"]
    return [f"{said}.", "", *table(head, rows)]


def _verdicts(results: Sequence[Result]) -> Iterable[Verdict]:
    for result in results:
        peer, rules = result.fastest_peer, len(result.contest.pack.rules)
        folded = f"; {times(result.ratio(result.fastest_with_rules, REFERENCE))} {result.fastest_with_rules}, the fastest that keeps separate rules"
        ratio = result.ratio(peer, REFERENCE)
        least = LEAST.get(rules, LEAST_OF_DEFAULT)
        yield Verdict(
            what=f"match, {result.contest.title}: {REFERENCE}",
            target=f"≥ {least} × the fastest peer",
            measured=f"{times(ratio)} {peer}{folded if result.fastest_with_rules != peer else ''}",
            reached=ratio >= least,
            bound="" if ratio >= least else _bound(result, REFERENCE),
        )
        yield from _of_both(result, LEAST_OF_BOTH.get(rules, LEAST_OF_BOTH_DEFAULT))


def _of_both(result: Result, least_of: tuple[str, float]) -> Iterable[Verdict]:
    """Against one peer by name, if it takes part."""
    peer, least = least_of
    if peer in result.timings:
        ratio = result.ratio(peer, BOTH)
        yield Verdict(
            what=f"match, {result.contest.title}: {BOTH}",
            target=f"≥ {least} × {peer}",
            measured=times(ratio),
            reached=ratio >= least,
            bound="" if ratio >= least else _bound(result, BOTH),
        )


def _bound(result: Result, name: str) -> str:
    alone = microseconds(result.seconds(REFERENCE))
    if name == REFERENCE:
        return f"{alone} µs of Python against {microseconds(result.seconds(result.fastest_peer))} µs of native code"
    rete = result.seconds(BOTH) - result.seconds(REFERENCE)
    return f"{alone} µs for the reference, then {microseconds(rete)} µs for rete and the comparison"
