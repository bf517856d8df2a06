"""The answers in the OpenAPI document: for each pack, with the codes of its actions and the values of its outputs."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from schemas.answer_fields import ALWAYS
from schemas.assessment import LINE_KEYS
from schemas.closed_schema import BY_OUTPUT, CODES
from schemas.components import SCHEMAS, Components, nullable, open_object, reference
from schemas.strict_json import Json
from service.api.documentation.outputs import TEXT, OutputSchemas
from service.language.model import Pack
from service.reporting.profiles import PROFILES
from service.serving.packs import Packs

ASSESSMENT = "Assessment"
LEAN = "LeanAssessment"
LINE = "AssessmentLine"
LEAN_LINE = "LeanAssessmentLine"
PROBLEM_LINE = "ProblemLine"
LINE_WITH_PROFILE = "ReportLine"
_TEXT: Json = {"type": "string"}
_IN_A_PROFILE: Json = {
    "type": "object",
    "required": ["assessment_id", "incident_id", "as_of", "profile", "report"],
    "properties": {
        "assessment_id": _TEXT,
        "incident_id": {"type": ["string", "null"]},
        "as_of": {"type": "string", "format": "date-time"},
        "profile": {"type": "string", "description": "One of " + ", ".join(PROFILES)},
        "report": {"type": "string", "description": "The report as a single request gets it"},
    },
}


def describe_answers(components: Components, packs: Packs) -> None:
    """Puts a schema for each pack in place of those that depend on the pack. An answer has one of these schemas.

    One that was asked for with `fields` has a lean schema: only the keys that are always there are required.
    """
    schemas = components.schemas
    general = {name: schemas.pop(name) for name in sorted(_dependent(schemas))}
    for served in packs.served.values():
        _PackAnswers(served.pack, components, general).describe()
    for name, lean in ((ASSESSMENT, LEAN), (LINE, LEAN_LINE)):
        shapes = [f"{shape}-{pack}" for shape in (name, lean) for pack in packs.served]
        schemas[name] = {"anyOf": [reference(shape) for shape in shapes]}
    schemas[LINE_WITH_PROFILE] = _with_line(_IN_A_PROFILE)
    schemas[PROBLEM_LINE] = _with_line(schemas["Problem"], "incident_id")


def _with_line(schema: Json, *more: str) -> Json:
    """A line of a batch: an answer or a problem with the number of its line."""
    properties = {**schema["properties"], **LINE_KEYS}
    return {
        **schema,
        "properties": properties,
        "required": list(dict.fromkeys([*schema["required"], *LINE_KEYS, *more])),
    }


def _dependent(schemas: Json) -> set[str]:
    """The names of the schemas that have codes of a pack, or refer to such a schema."""
    found = {name for name, schema in schemas.items() if _marked(schema)}
    while more := {
        name
        for name, schema in schemas.items()
        if name not in found and found & set(referred(schema))
    }:
        found |= more
    return found


def _marked(node: Any) -> bool:
    return any(CODES in part or BY_OUTPUT in part for part in objects(node))


def objects(node: Any) -> Iterator[Json]:
    """Every object in a document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from objects(value)


def referred(node: Any) -> Iterator[str]:
    """The names of the schemas to which it refers."""
    for part in objects(node):
        to = part.get("$ref")
        if isinstance(to, str) and to.startswith(SCHEMAS):
            yield to.removeprefix(SCHEMAS)


class _PackAnswers:
    """The schemas of one pack's answers. `general` has those that are written again for each pack."""

    def __init__(self, pack: Pack, components: Components, general: Json) -> None:
        self.pack, self.components, self.general = pack, components, general
        self.outputs = OutputSchemas(pack, components)

    def describe(self) -> None:
        for name, schema in self.general.items():
            self.components.schemas[self._name(name)] = self._own(deepcopy(schema))
        whole = self.components.schemas[self._name(ASSESSMENT)]
        for name in (*self.pack.lifted, *self.pack.notices):
            whole["properties"][name] = self.outputs.lifted(self.pack.outputs[name])
            whole["required"].append(name)
        if self.pack.contingency is None:
            about = whole["properties"]["contingency"].get("description", "")
            whole["properties"]["contingency"] = {"type": "null", "description": about}
        lean = self._lean(whole)
        schemas = self.components.schemas
        schemas[self._name(LEAN)] = lean
        schemas[self._name(LINE)], schemas[self._name(LEAN_LINE)] = map(_with_line, (whole, lean))

    def _lean(self, whole: Json) -> Json:
        """The same answer cut to some keys, and these to some of the keys in them."""
        required = [key for key in whole["required"] if key in ALWAYS]
        properties = {
            key: schema if key in ALWAYS else self._cut(schema)
            for key, schema in whole["properties"].items()
        }
        return {**whole, "properties": properties, "required": required}

    def _lean_component(self, name: str) -> Json:
        """A component of its own, so that generated clients have a name for it. What requires no key stays."""
        schemas, lean = self.components.schemas, f"Lean{name}"
        if "required" not in schemas[name]:
            return reference(name)
        schemas.setdefault(lean, self._cut(schemas[name]))
        return reference(lean)

    def _cut(self, node: Any) -> Any:
        """The schema of a value, or of the entries of a list, none of whose keys is required."""
        if "$ref" in node:
            return {**node, **self._lean_component(node["$ref"].removeprefix(SCHEMAS))}
        if "anyOf" in node:
            return {**node, "anyOf": [self._cut(one) for one in node["anyOf"]]}
        if "items" in node:
            return {**node, "items": self._cut(node["items"])}
        return {key: value for key, value in node.items() if key != "required"}

    def _name(self, general: str) -> str:
        return f"{general}-{self.pack.name}"

    def _own(self, node: Any) -> Any:
        """The same schema with the pack's codes, outputs and own components."""
        if isinstance(node, list):
            return [self._own(item) for item in node]
        if not isinstance(node, dict):
            return node
        if CODES in node:
            return self._codes(node)
        if BY_OUTPUT in node:
            return self._by_output(node)
        if node.get("$ref", "").rpartition("/")[2] in self.general:
            return {**node, **reference(self._name(node["$ref"].rpartition("/")[2]))}
        return {key: self._own(value) for key, value in node.items()}

    def _codes(self, node: Json) -> Json:
        match node[CODES]:
            case "actions":
                codes = self.outputs.action_code()
            case "pack":
                codes = {"type": "string", "const": self.pack.name}
            case _ if self.pack.contingency:
                codes = self.outputs.value(self.pack.outputs[self.pack.contingency.output])
            case _:
                codes = TEXT
        is_nullable = isinstance(node.get("type"), list)
        about = {key: node[key] for key in ("description",) if key in node}
        return {**(nullable(codes) if is_nullable else codes), **about}

    def _by_output(self, node: Json) -> Json:
        lifted = {name: self.pack.outputs[name] for name in self.pack.lifted}
        match node[BY_OUTPUT]:
            case "since":
                name, moment = "Since", {"type": "string", "format": "date-time"}
                properties = dict.fromkeys(lifted, moment)
            case "lifted":
                name = "Bounds"
                properties = {key: self.outputs.lifted(output) for key, output in lifted.items()}
            case _:
                name = "Outputs"
                properties = {
                    key: self.outputs.output(one) for key, one in self.pack.outputs.items()
                }
        about = {key: node[key] for key in ("description",) if key in node}
        return {
            **self.components.add(self._name(name), open_object(properties, properties)),
            **about,
        }
