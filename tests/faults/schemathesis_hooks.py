"""Tells schemathesis the rules of this service that OpenAPI 3.1 cannot express. The schemathesis command loads it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis
from jsonschema_rs import validator_for
from schemathesis import CheckContext, Response
from schemathesis.generation.case import Case

from schemas.fact_json_schema import DURATION
from schemas.scalars import INT64_MAX, INT64_MIN, parse_datetime, parse_duration

NDJSON = "application/x-ndjson"
BATCH = "/v1/assessments/batch"


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """OpenAPI 3.1 can describe NDJSON only as text. Here it becomes an array of the incidents on its lines."""
    incidents = {"type": "array", "items": {"$ref": "#/components/schemas/Incident"}, "maxItems": 4}
    content = raw_schema["paths"][BATCH]["post"]["requestBody"]["content"]
    content[NDJSON]["schema"] = incidents


@schemathesis.serializer(NDJSON)
def lines_of(context: Any, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    lines = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    incidents = body if isinstance(body, list) else [body]
    mapped = [_possible(_spelled(incident)) for incident in incidents]
    return mapped if isinstance(body, list) else mapped[0]


def _possible(incident: Any) -> Any:
    """No format can say that moments of facts and of `done` are not later than `as_of`: they get a year before 2000, `as_of` a later one."""
    if not isinstance(incident, dict):
        return incident
    moved = {key: _in_years(2000, incident[key]) for key in ("as_of",) if key in incident}
    past = {key: _in_years(1904, incident[key]) for key in ("facts", "done") if key in incident}
    return {**incident, **moved, **past}


def _in_years(first: int, value: Any) -> Any:
    """The value with each moment in the 96 years from this one, in which every fourth year is a leap year."""
    if isinstance(value, dict):
        return {key: _in_years(first, inner) for key, inner in value.items()}
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[Tt]", value, re.ASCII):
        return f"{first + int(value[:4]) % 96}{value[4:]}"
    return value


def _spelled(body: Any) -> Any:
    """For JSON Schema 5.0 is an integer and 10**30 a number. The service depends on the spelling: 5 and 1e30."""
    if isinstance(body, dict):
        return {key: _spelled(value) for key, value in body.items()}
    if isinstance(body, list):
        return [_spelled(value) for value in body]
    return spelled(body) if isinstance(body, int | float) else body


@schemathesis.hook
def filter_body(context: Any, body: Any) -> bool:
    """No pattern can limit a duration to about 10,000 years, so that longer ones are not sent."""
    if isinstance(body, dict):
        return all(filter_body(context, value) for value in body.values())
    if isinstance(body, list):
        return all(filter_body(context, value) for value in body)
    return not (isinstance(body, str) and re.match(DURATION, body)) or _is_duration(body)


@schemathesis.hook
def filter_case(context: Any, case: Case[Any]) -> bool:
    """No schema can say what the moments, a previous answer and its incident must have in common. Those that contradict each other are not sent."""
    bodies = case.body if isinstance(case.body, list) else [case.body]
    return not any(contradicts(body) or _tells_of_the_future(body) for body in bodies)


def _tells_of_the_future(incident: Any) -> bool:
    """Whether an action was carried out after the moment of the incident."""
    done = incident.get("done") if isinstance(incident, dict) else None
    now = {"as_of": datetime.now(UTC).isoformat()}
    asked = incident if isinstance(incident, dict) and incident.get("as_of") else now
    return isinstance(done, list) and any(
        isinstance(one, dict) and _is_later(asked, {"as_of": one.get("at")}) for one in done
    )


def contradicts(incident: Any) -> bool:
    """Whether it is of another incident or pack, or later than the incident; or names one action twice."""
    previous = incident.get("previous") if isinstance(incident, dict) else None
    if not isinstance(previous, dict):
        return False
    lists, pack = [previous.get(key) for key in ("actions", "done_earlier")], previous.get("pack")
    told = [entries if isinstance(entries, list) else [] for entries in lists]
    same = [
        (incident.get("incident_id"), previous.get("incident_id")),
        (incident.get("pack"), pack.get("name") if isinstance(pack, dict) else None),
    ]
    differ = any(None not in pair and pair[0] != pair[1] for pair in same)
    return (
        differ
        or any(map(_names_one_twice, told))
        or _is_later(incident, previous)
        or any(_is_ahead(one, previous) for entries in told for one in entries)
    )


def _names_one_twice(entries: list[Any]) -> bool:
    codes = [str(one.get("code") if isinstance(one, dict) else one) for one in entries]
    return len(set(codes)) < len(codes)


def _is_ahead(action: Any, previous: dict[str, Any]) -> bool:
    """Whether the previous answer tells of a moment after itself."""
    moments = ("asked_at", "done_at", "again_at")
    return isinstance(action, dict) and any(
        _is_later(previous, {"as_of": action.get(key)}) for key in moments
    )


def _is_later(incident: dict[str, Any], previous: dict[str, Any]) -> bool:
    try:
        asked, told = parse_datetime(incident["as_of"]), parse_datetime(previous["as_of"])
    except (KeyError, TypeError, ValueError):
        return False
    return told - asked > timedelta(minutes=1)


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True


@schemathesis.hook
def before_call(context: Any, case: Case[Any], kwargs: Any) -> None:
    """The document cannot say that a key in the query and in the body must not differ: where both are valid, only the body has it."""
    incidents = case.body if isinstance(case.body, list) else [case.body]
    if case.query and _valid(case):
        said = {key for one in incidents if isinstance(one, dict) for key in one}
        case.query = {key: value for key, value in case.query.items() if key not in said}


def spelled(number: float) -> float:
    """The same number as an integer if it is whole and within int64, else as a float (unless it is beyond 10**300)."""
    if isinstance(number, float) and number.is_integer() and INT64_MIN <= number < INT64_MAX:
        return int(number)
    if type(number) is int and not INT64_MIN <= number <= INT64_MAX and abs(number) < 10**300:
        return float(number)
    return number


@schemathesis.check
def a_line_for_a_line(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """A batch has one answer for each line: an assessment, or a problem with the line's number."""
    request = response.request
    if case.operation.path != BATCH or request.method != "POST" or response.status_code != 200:
        return
    sent: Any = request.body or b""
    raw: bytes = sent.encode() if isinstance(sent, str) else sent
    answers = [json.loads(line) for line in response.content.splitlines()]
    assert len(answers) == sum(1 for line in raw.split(b"\n") if line.strip())
    for answer in answers:
        name = "ProblemLine" if "status" in answer else "AssessmentLine"
        components = case.operation.schema.raw_schema["components"]
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        assert validator_for(schema).is_valid(answer), answer
        assert name == "AssessmentLine" or answer["status"] < 500, answer
        assert name == "AssessmentLine" or not _valid(case), answer


def _valid(case: Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive
