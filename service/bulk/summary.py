"""The summary of a run, from its counts: values of lifted outputs, problems, the rules that fired most and those that never did."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.bulk.working.counts import Counts, CountsOfPack
from service.language.model import Output, Pack

FORMAT = 1
MOST_RULES = 10
BAR_WIDTH = 40
PAGE_WIDTH = 100
Bar = Callable[[int, int], str]
"""A bar for a count, and the largest count beside it."""


def counted_outputs(pack: Pack) -> tuple[str, ...]:
    """The lifted outputs whose values are counted: those with a known set of values."""
    found = (pack.outputs[name] for name in pack.lifted)
    return tuple(one.name for one in found if _values(one) and not one.policy.is_collected)


def _values(output: Output) -> tuple[str, ...]:
    return ("true", "false") if output.type.name == "boolean" else output.type.values


def as_json(counts: Counts, packs: Mapping[str, Pack]) -> dict[str, Any]:
    return {
        "summary": FORMAT,
        "lines": counts.lines,
        "answers": counts.answers,
        "problems": dict(counts.problems.most_common()),
        "packs": {
            name: _pack_json(found, packs[name]) for name, found in sorted(counts.packs.items())
        },
    }


def _pack_json(counts: CountsOfPack, pack: Pack) -> dict[str, Any]:
    names = counted_outputs(pack)
    never = _never_fired(counts, pack)
    return {
        "version": pack.version,
        "digest": pack.digest,
        "lifted": {name: dict(_of_output(counts, pack, name)) for name in names},
        "together": [
            {**dict(zip(names, key, strict=True)), "count": count}
            for key, count in sorted(
                counts.lifted.items(), key=lambda one: _rank(pack, names, one[0])
            )
        ],
        "fired_most": [
            {"rule": rule, "count": count} for rule, count in counts.fired.most_common(MOST_RULES)
        ],
        "never_fired": never,
    }


def _of_output(counts: CountsOfPack, pack: Pack, name: str) -> Iterator[tuple[str, int]]:
    """The count of each value of an output, in the order of the pack."""
    at = counted_outputs(pack).index(name)
    found: Counter[str] = Counter()
    for key, count in counts.lifted.items():
        found[key[at]] += count
    yield from ((value, found.pop(value, 0)) for value in _values(pack.outputs[name]))
    yield from found.items()


def _rank(pack: Pack, names: Sequence[str], key: Sequence[str]) -> list[int]:
    orders = (_values(pack.outputs[name]) for name in names)
    return [
        order.index(value) if value in order else len(order)
        for order, value in zip(orders, key, strict=True)
    ]


def _never_fired(counts: CountsOfPack, pack: Pack) -> list[str]:
    return [rule.id for rule in pack.rules if rule.id not in counts.fired]


def as_text(counts: Counts, packs: Mapping[str, Pack], bar: Bar | None = None) -> str:
    """The same for people. On a terminal `bar` draws a bar for each value of the first output."""
    problems = counts.problems.total()
    said = (("line", counts.lines), ("answer", counts.answers), ("problem", problems))
    of_lines, *others = [f"{count:,} {what}{'' if count == 1 else 's'}" for what, count in said]
    lines = [f"{of_lines}: {', '.join(others)}"]
    if problems:
        lines += ["", "problems", *_counted(counts.problems.most_common())]
    for name, found in sorted(counts.packs.items()):
        lines += ["", *_pack_lines(found, packs[name], bar)]
    return "\n".join(lines) + "\n"


def _pack_lines(counts: CountsOfPack, pack: Pack, bar: Bar | None) -> Iterator[str]:
    names = counted_outputs(pack)
    yield f"{pack.name} {pack.version}, {pack.digest[:12]}"
    for name in names[:1]:
        yield from ["", name, *_counted(_of_output(counts, pack, name), bar)]
    if len(names) > 1:
        yield from ["", *_crossed(counts, pack, names)]
    for name in names[2:]:
        yield from ["", name, *_counted(_of_output(counts, pack, name))]
    fired = counts.fired.most_common(MOST_RULES)
    yield from ["", "rules that fired most", *_counted(fired)]
    never = _never_fired(counts, pack)
    yield from ["", f"rules that never fired: {len(never)} of {len(pack.rules)}"]
    yield from _wrapped(never)


def _crossed(counts: CountsOfPack, pack: Pack, names: Sequence[str]) -> Iterator[str]:
    """A table of the first output by the second."""
    rows, columns = (dict(_of_output(counts, pack, name)) for name in names[:2])
    found: Counter[tuple[str, ...]] = Counter()
    for key, count in counts.lifted.items():
        found[key[:2]] += count
    columns = {name: count for name, count in columns.items() if count}
    table = [[f"{names[0]} by {names[1]}", *columns, "all"]]
    for row, total in rows.items():
        table.append([row, *(f"{found[row, column]:,}" for column in columns), f"{total:,}"])
    table.append(["all", *(f"{one:,}" for one in columns.values()), f"{sum(rows.values()):,}"])
    yield from _aligned(table)


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *others in table:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join(["  " + first.ljust(widths[0]), *cells])


def _counted(counts: Iterable[tuple[str, int]], bar: Bar | None = None) -> Iterator[str]:
    listed = list(counts)
    width = max((len(name) for name, _ in listed), default=0)
    digits = max((len(f"{count:,}") for _, count in listed), default=0)
    most = max((count for _, count in listed), default=0)
    for name, count in listed:
        drawn = f"  {bar(count, most)}" if bar else ""
        yield f"  {name.ljust(width)}  {count:>{digits},}{drawn}".rstrip()


def _wrapped(names: Sequence[str]) -> Iterator[str]:
    indent = "  "
    yield from textwrap.wrap(
        ", ".join(names),
        PAGE_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def drawn_bar(count: int, most: int) -> str:
    return "█" * round(BAR_WIDTH * count / most) if most else ""


def plain_bar(count: int, most: int) -> str:
    """For a terminal that cannot show the other."""
    return drawn_bar(count, most).replace("█", "#")
