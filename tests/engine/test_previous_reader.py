"""What the reader of a previous answer takes, refuses and ignores. tests/api/test_previous.py has the same on the server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.incident import Incident
from schemas.previous import Figure, Previous
from service.engine.judging.previous import previous_reader
from service.serving.served_pack import resolved_moment
from tests.packs import HARBOUR, loaded

PACK = loaded(HARBOUR)
READER = previous_reader(PACK)
AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
WHOLE = {
    "assessment_id": "a",
    "as_of": AT.isoformat(),
    "pack": {"digest": PACK.digest},
    "outputs": {},
}
SHORT = {"as_of": AT.isoformat()}


def read(sent: Any) -> Previous:
    previous, errors = READER.load(sent)
    assert errors == []
    assert previous is not None
    return previous


def wrong(sent: Any, asked: Incident | None = None) -> list[str]:
    return [error.path for error in READER.load(sent, asked or Incident())[1]]


@pytest.mark.parametrize(
    "part",
    [
        {"outputs": {"alert": "gale", "load": "heavy"}},
        {"outputs": {"alert": "gale", "mood": 1}},
        {"since": {"crew": AT.isoformat()}},
        {"actions": ["SING"]},
        {"responses": ["SING"]},
        {"blocked": ["SING"]},
        {"held": ["SING"]},
        {"figures": {"wind.spin": 3}},
        {"figures": {"wind.speed": 200}},
        {"figures": {"wind.speed": {"value": "fast"}}},
    ],
)
def test_what_the_pack_does_not_have_is_ignored_unless_the_answer_is_of_this_version(
    part: Any,
) -> None:
    (ignored,) = read({**SHORT, **part}).passed_over
    assert wrong({**SHORT, **part, "pack": {"digest": PACK.digest}}) == [ignored.mistake.path]
    assert len(read({**SHORT, **part, "pack": {"digest": "another"}}).passed_over) == 1


def test_outputs_of_which_not_one_is_known_are_a_mistake() -> None:
    assert wrong({**SHORT, "outputs": {"mood": 1, "alert": "hurricane"}}) == [
        "previous.outputs.mood",
        "previous.outputs.alert",
    ]
    assert wrong({**SHORT, "outputs": {"held": []}}) == ["previous.outputs"]
    assert read({**SHORT, "outputs": {}}).outputs == {}


def test_a_pack_that_renames_the_values_of_its_only_output_refuses_no_running_incident() -> None:
    renamed = {"outputs": {"alert": {"value": "hurricane"}}}
    another = {"pack": {"digest": "of another version"}}
    for form in (SHORT, WHOLE):
        previous = read({**form, **renamed, **another})
        assert previous.unread == frozenset({"alert"})
        assert [one.reason for one in previous.passed_over] == ["unknown-value"]
        mood = wrong({**form, **another, "outputs": {"mood": 1}})
        assert mood == ["previous.outputs.mood"]
    assert wrong({**SHORT, **renamed}) == ["previous.outputs.alert"]
    assert wrong({**WHOLE, **renamed}) == ["previous.outputs.alert"]


def test_a_value_that_the_pack_does_not_have_is_not_read_as_left_out() -> None:
    previous = read({**SHORT, "outputs": {"alert": None, "load": 3}})
    assert previous.outputs == {"load": 3}
    assert previous.unread == frozenset({"alert"})


def test_a_whole_number_may_come_back_as_a_client_library_writes_it() -> None:
    for written in (3, 3.0, {"value": 3.0}):
        load = read({**WHOLE, "outputs": {"load": written}}).outputs["load"]
        assert (load, type(load)) == (3, int)
    for wrong_load in (3.5, True, "3", 1e300):
        assert wrong({**WHOLE, "outputs": {"load": wrong_load}}) == ["previous.outputs.load"]


def test_a_figure_is_read_bare_or_with_the_moment_of_its_measurement() -> None:
    figures = {"wind.speed": 31, "wind.gusts": {"value": 4.0, "measured_at": AT.isoformat()}}
    read_figures = read({**SHORT, "figures": figures}).figures
    assert read_figures == {"wind.speed": Figure(31), "wind.gusts": Figure(4, AT)}
    assert type(read_figures["wind.gusts"].value) is int
    for entry in ({}, {"value": 3, "measured_at": "soon"}):
        assert wrong({**SHORT, "figures": {"wind.speed": entry}})[0].startswith(
            "previous.figures.wind.speed"
        )
    assert wrong({**SHORT, "figures": [31]}) == ["previous.figures"]
    strange = {"value": 3, "gauge": "mast"}
    (ignored,) = read({**WHOLE, "figures": {"wind.speed": strange}}).passed_over
    assert (ignored.reason, ignored.mistake.path) == (
        "unknown-key",
        "previous.figures.wind.speed.gauge",
    )


def test_outputs_at_the_top_of_a_whole_answer_count_where_outputs_lacks_them() -> None:
    at_the_top = {"alert": {"code": "storm", "level": 1, "text": "Storm"}}
    assert read({**WHOLE, **at_the_top}).outputs == {"alert": "storm"}
    both = {**WHOLE, **at_the_top, "outputs": {"alert": {"value": "gale"}}}
    assert read(both).outputs == {"alert": "gale"}
    assert wrong({**SHORT, **at_the_top}) == ["previous.alert"]
    assert wrong({**WHOLE, "alert": {"level": 1}}) == ["previous.alert"]


def test_many_ignored_parts_hide_no_mistake() -> None:
    many = {f"key{number}": 1 for number in range(150)}
    ignored = read({**WHOLE, **many}).passed_over
    assert (len(ignored), ignored[-1].reason, ignored[-1].mistake.got) == (101, "more", 50)
    for wrong_part in ({"next_review": "soon"}, {"responses": ["SING"]}):
        late = {**WHOLE, **many, **wrong_part}
        assert len(wrong(late)) == 1
    lenient = {**SHORT, "outputs": {**many, "alert": "gale"}, "next_review": "soon"}
    assert wrong(lenient) == ["previous.next_review"]


def test_it_must_not_be_more_than_a_minute_later_than_the_moment_that_was_sent() -> None:
    minute = timedelta(minutes=1)
    assert wrong(SHORT, Incident(as_of=AT - minute)) == []
    late = Incident(as_of=AT - minute - timedelta(microseconds=1))
    assert wrong(SHORT, late) == ["previous.as_of"]


def test_it_must_not_name_another_incident_or_pack() -> None:
    named = {**SHORT, "incident_id": "rust", "pack": {"name": "quay"}}
    assert wrong(named, Incident(incident_id="rust", pack="quay")) == []
    assert wrong(named) == []
    assert wrong(named, Incident(incident_id="dust", pack="harbour")) == [
        "previous.incident_id",
        "previous.pack.name",
    ]


def test_the_previous_moment_counts_as_now_only_if_no_moment_was_sent_and_our_clock_is_behind() -> (
    None
):
    previous, hour = Previous(AT), timedelta(hours=1)
    assert resolved_moment(AT - hour, AT, previous) == (AT - hour, False)
    assert resolved_moment(None, AT + hour, previous) == (AT + hour, False)
    assert resolved_moment(None, AT - hour, previous) == (AT, True)
    assert resolved_moment(None, AT, previous) == (AT, True)
    assert resolved_moment(None, AT, None) == (AT, False)


def test_an_answer_that_was_cut_has_its_outputs_somewhere_unless_it_is_of_another_version() -> None:
    cut = {key: value for key, value in WHOLE.items() if key != "outputs"}
    assert wrong(cut) == ["previous.outputs"]
    assert wrong({**cut, "actions": []}) == ["previous.outputs"]
    assert read({**cut, "alert": {"code": "storm"}}).outputs == {"alert": "storm"}
    assert read({**cut, "pack": {"digest": "another"}}).outputs == {}
    assert read(SHORT).outputs == {}
