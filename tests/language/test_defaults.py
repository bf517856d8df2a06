"""What `defaults` of a file, and kinds of actions, say for entries that do not say it themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from service.language.load import load_pack
from service.language.model import Due, Pack
from tests.packs import copy_of_harbour, loaded

DEFAULTS = "defaults: {due: {from: [watch.started]}, source: Harbour book, approval: [captain]}\n"
MORE = """
  PLAIN: {text: {en: x, zh: x}, due: 2h}
  BY: {text: {en: x, zh: x}, due: {by: alert, storm: 1h, gale: 2h, calm: 3h}}
  OWN: {text: {en: x, zh: x}, due: {from: [], within: 2h}, source: own, approval: []}
  NONE: {text: {en: x, zh: x}}
  SIGNAL: {text: {en: x, zh: x}, kind: signal, due: 2h}
  DUTY: {text: {en: x, zh: x}, statutory: true, due: 2h}
roles:"""
RULES = """defaults: {due: {from: watch.started}, source: Book of rules}
rules:
  - {id: a.b, when: "gate.closed", then: {actions: [{action: SOUND_HORN, due: 1h}, CALL_CREW]}, because: x}
  - {id: a.c, when: "gate.closed", then: {actions: {action: SOUND_HORN, due: {from: [], within: 1h}}}, because: x, source: own}
tables:
  - {id: t, output: alert, rows: [{id: r, when: {gale: "gate.closed"}, because: x}, {id: s, when: {gale: "gate.closed"}, because: x, source: own}]}
"""


def pack(folder: Path) -> Pack:
    copy = copy_of_harbour(folder, {"30_more.yaml": RULES})
    actions = (copy / "actions.yaml").read_text("utf-8").replace("\nroles:", MORE)
    kind = "signal: {text: {en: Signals, zh: 信号}"
    with_kind = actions.replace(
        kind, f"{kind}, source: Signal book, approval: [mate], due: {{from: []}}"
    )
    (copy / "actions.yaml").write_text(DEFAULTS + with_kind, "utf-8")
    return loaded(copy)


def test_an_action_has_what_its_file_says_unless_it_or_its_kind_says_it(tmp_path: Path) -> None:
    actions = pack(tmp_path).actions
    two_hours, start = timedelta(hours=2), ("watch.started",)
    assert actions["PLAIN"].due == Due(start, two_hours)
    by = actions["BY"].due
    assert by is not None
    assert (by.start, by.by, len(by.within_by)) == (start, "alert", 3)
    assert actions["OWN"].due == Due((), two_hours)
    assert actions["NONE"].due is None
    assert actions["SIGNAL"].due == Due((), two_hours)
    found = {
        code: (next(iter(actions[code].source.values())), actions[code].approval)
        for code in ("PLAIN", "OWN", "NONE", "SIGNAL")
    }
    assert found == {
        "PLAIN": ("Harbour book", ("captain",)),
        "OWN": ("own", ()),
        "NONE": ("Harbour book", ("captain",)),
        "SIGNAL": ("Signal book", ("mate",)),
    }


def test_neither_a_legal_duty_nor_a_forbidden_action_waits_for_an_approval_by_default(
    tmp_path: Path,
) -> None:
    actions = pack(tmp_path).actions
    assert actions["DUTY"].approval == actions["CUT_MOORINGS"].approval == ()
    assert actions["DUTY"].due == Due(("watch.started",), timedelta(hours=2))


def test_rules_and_rows_have_what_their_file_says_unless_they_say_it(tmp_path: Path) -> None:
    rules = {rule.id: rule for rule in pack(tmp_path).rules}
    said = {
        name: next(iter(rules[name].source.values()))
        for name in ("a.b", "a.c", "t.gale.r", "t.gale.s")
    }
    assert said == {
        "a.b": "Book of rules",
        "a.c": "own",
        "t.gale.r": "Book of rules",
        "t.gale.s": "own",
    }
    hour = timedelta(hours=1)
    assert [given.due for given in rules["a.b"].then] == [Due(("watch.started",), hour), None]
    assert [given.due for given in rules["a.c"].then] == [Due((), hour)]
    assert rules["alert.gale"].source == {}


def test_a_deadline_of_one_case_runs_from_the_same_moments(tmp_path: Path) -> None:
    actions = (copy_of_harbour(tmp_path) / "actions.yaml").read_text("utf-8")
    more = """
  REPORT:
    text: {en: x, zh: x}
    due: 24h
    by_case:
      - {when: '"cn" in ships.flags', due: 4h}
      - {when: '"pa" in ships.flags', due: {from: [], within: 5h}}
      - {when: '"no" in ships.flags', owner: captain}
roles:"""
    text = DEFAULTS + actions.replace("\nroles:", more)
    found = loaded(copy_of_harbour(tmp_path / "two", {"actions.yaml": text})).actions["REPORT"]
    starts = [found.due, *(one.action.due for one in found.by_case)]
    assert [(one.start, one.within) for one in starts if one] == [
        (("watch.started",), timedelta(hours=24)),
        (("watch.started",), timedelta(hours=4)),
        ((), timedelta(hours=5)),
        (("watch.started",), timedelta(hours=24)),
    ]


def test_a_condition_that_yaml_cut_is_reported_where_defaults_fill_in_the_rule(
    tmp_path: Path,
) -> None:
    rules = """defaults: {source: Book of rules}
rules:
  - id: a.b
    when: gate.closed # && wind.speed > 3
    then: {alert: gale}
    because: x
"""
    _, problems = load_pack(copy_of_harbour(tmp_path, {"30_more.yaml": rules}))
    assert [(p.code, Path(p.file).name, p.line) for p in problems] == [
        ("quote-condition", "30_more.yaml", 4)
    ]
