"""Posts in every way with the thin client to a server of the default pack, as `make clients` does with each client."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tocsin_http import Answer, Problem, Tocsin, __version__

RISING: dict[str, Any] = {
    "facts": {"trend": {"mentions_24h": 5120, "mean_7d": 213, "sd_7d": 40}},
    "incident_id": "rising",
}
OUT_OF_RANGE = {"facts": {"social": {"hot_rank": 51}}}


def ask_in_every_way(url: str) -> str:
    """The name and version of the client. Raises AssertionError if an answer is not as it should be."""
    with Tocsin(url, locale="en", pack="pr_crisis") as tocsin:
        answer = tocsin.assess(RISING)
        assert (answer.value("grade"), answer.value("warning")) == ("blue", "alarm")
        assert answer.results["warning"]["text"] == answer.text("warning")
        _is_refused(tocsin)
        first, wrong, last = tocsin.batch([RISING, OUT_OF_RANGE, RISING])
        assert isinstance(first, Answer)
        assert isinstance(last, Answer)
        assert isinstance(wrong, Problem)
        assert (first.line, wrong.line, last.line) == (1, 2, 3)
        assert (first.value("warning"), first.incident_id) == ("alarm", "rising")
        _is_followed(tocsin, answer)
        assert tocsin.report(RISING).startswith("# ")
    return f"tocsin-http {__version__}"


def _is_refused(tocsin: Tocsin) -> None:
    with pytest.raises(Problem) as refused:
        tocsin.assess(OUT_OF_RANGE)
    assert (refused.value.status, refused.value.code) == (422, "invalid-request")
    assert refused.value.errors[0]["path"] == "facts.social.hot_rank"


def _is_followed(tocsin: Tocsin, answer: Answer) -> None:
    """What the client keeps of an answer means the same as the whole answer."""
    now = {"facts": {"harm": {"deaths": 1}}, "as_of": answer.as_of, "incident_id": "rising"}
    short = tocsin.assess({**now, "previous": answer.previous()}).raw
    whole = tocsin.assess({**now, "previous": answer.raw}).raw
    assert short["changes"]["outputs"]
    assert {**short, "assessment_id": ""} == {**whole, "assessment_id": ""}


if __name__ == "__main__":
    print(ask_in_every_way(sys.argv[1]))
