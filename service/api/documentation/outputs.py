"""The outputs of one pack in the OpenAPI document: at the top of an answer, and under `outputs` with the values they can have."""

from __future__ import annotations

from schemas.components import Components, nullable, open_object
from schemas.fact_json_schema import value_json_schema
from schemas.strict_json import Json
from schemas.vocabulary import Fact
from service.language.model import ACTION_OUTPUTS, Output, Pack

TEXT: Json = {"type": "string"}


class OutputSchemas:
    def __init__(self, pack: Pack, components: Components) -> None:
        self.pack, self.components = pack, components

    def lifted(self, output: Output) -> Json:
        """An output at the top of the answer."""
        value = self.value(output)
        if output.type.name != "enum":
            properties = {"value": self._or_null(output, value), "text": TEXT}
        else:
            properties = {"code": self._or_null(output, value)}
            if output.value_levels:
                about = "1 is the worst"
                if output.below_scale:
                    about += f"; no incident: {', '.join(output.below_scale)}"
                properties["level"] = {"type": "integer", "minimum": 1, "description": about}
            properties["text"] = TEXT
        always = [key for key in properties if key != "level" or self._always_has_level(output)]
        return self.components.add(
            f"Lifted-{self.pack.name}.{output.name}", open_object(properties, always)
        )

    def _always_has_level(self, output: Output) -> bool:
        return output.default is not None and output.value_levels.keys() >= set(output.type.values)

    def output(self, output: Output) -> Json:
        """An output with the values it can have. Outputs of one type share a schema."""
        value, type_name = self.value(output), self._type_name(output)
        each = self._or_null(output, value)
        if output.policy.is_collected:
            type_name, each = f"list-of-{type_name}", {"type": "array", "items": value}
            can_be = self.components.add(
                f"CanBe-{type_name}",
                open_object({"sure": each, "possible": each}, ("sure", "possible")),
            )
        elif output.type.is_numeric:
            can_be = self.components.add(
                f"CanBe-{type_name}", open_object({"min": each, "max": each}, ("min", "max"))
            )
        else:
            can_be = {"type": "array", "items": each}
        properties = {
            "value": each,
            "text": TEXT,
            "established": {
                "type": "boolean",
                "description": "No unknown fact could change the value",
            },
            "can_be": can_be,
        }
        return self.components.add(f"Output-{type_name}", open_object(properties, properties))

    def _type_name(self, output: Output) -> str:
        """The name of the output's type, by which its schema is found again."""
        value = self.value(output)
        name = value["$ref"].rpartition("/")[2] if "$ref" in value else output.type.name
        return f"{name}-or-null" if self._has_null(output) else name

    def value(self, output: Output) -> Json:
        """One value of the output, which is not null."""
        if output.name in ACTION_OUTPUTS:
            return self.action_code()
        of = Fact(output.name, output.type, {})
        value = value_json_schema(self.pack.name, of, self.components)
        return {key: value[key] for key in ("$ref", "type", "format") if key in value}

    def _or_null(self, output: Output, value: Json) -> Json:
        return nullable(value) if self._has_null(output) else value

    def _has_null(self, output: Output) -> bool:
        return output.default is None and not output.policy.is_collected

    def action_code(self) -> Json:
        """Any text if the pack has no actions: an enum without codes would be no schema."""
        codes = list(self.pack.actions)
        schema = {"type": "string", "enum": codes} if codes else TEXT
        return self.components.add(f"ActionCode-{self.pack.name}", schema)
