"""GoRules zen-engine: a decision table, its main purpose, and one compiled expression, its fastest form."""

from __future__ import annotations

import json
from typing import Any

import zen

from bench.contest import Contest, Fired
from bench.contestant import Contestant
from bench.peers.infix import Dialect, spell

NAME = "zen-engine"


def table(contest: Contest) -> Contestant:
    """A row for each rule; all matching rows are collected. Compiled once; facts as JSON text."""
    content = zen.ZenDecisionContent(json.dumps(_graph(_conditions(contest))))
    decision = zen.ZenEngine().create_decision(content)

    def match(facts: str) -> Fired:
        return frozenset(row["rule"] for row in decision.evaluate(facts)["result"])

    form = "a decision table that collects, compiled once; facts as JSON"
    return Contestant(f"{NAME}, table", form, _json(contest), match)


def expression(contest: Contest) -> Contestant:
    """All conditions in one list: one call for all rules."""
    compiled = zen.compile_expression("[" + ", ".join(_conditions(contest)) + "]")

    def match(facts: bytes) -> Fired:
        truths = compiled.evaluate(facts)
        return frozenset(position for position, truth in enumerate(truths) if truth)

    incidents = [text.encode() for text in _json(contest)]
    form = "every condition in one list, one compiled expression; facts as JSON bytes"
    return Contestant(f"{NAME}, expression", form, incidents, match, folded=True)


def _json(contest: Contest) -> list[str]:
    return [json.dumps(fields) for fields in contest.fields]


def _conditions(contest: Contest) -> list[str]:
    return [spell(condition, contest.names, DIALECT) for condition in contest.conditions]


def _overlaps(name: str, values: list[str]) -> str:
    return f"some({name}, # in [{', '.join(values)}])"


def _graph(conditions: list[str]) -> dict[str, Any]:
    """The JSON decision model: input, table, output."""
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": "when", "name": "when", "type": "expression"}],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule", "type": "expression"}],
        "rules": [
            {"_id": f"row{position}", "when": condition, "rule": str(position)}
            for position, condition in enumerate(conditions)
        ],
    }
    place = {"x": 0, "y": 0}
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": place},
            {
                "id": "table",
                "type": "decisionTableNode",
                "name": "table",
                "position": place,
                "content": content,
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": place},
        ],
        "edges": [
            {"id": "first", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "second", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


DIALECT = Dialect(_overlaps, "len({})".format)
