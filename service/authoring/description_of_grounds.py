"""The register of laws of a pack as JSON for people and tools."""

from __future__ import annotations

from schemas.strict_json import Json
from service.authoring.description_of_brief import Say
from service.language.model import Pack, RegisteredGround


def describe_grounds(pack: Pack, say: Say) -> list[Json]:
    return [_ground(one, say) for one in pack.grounds.values()]


def _ground(ground: RegisteredGround, say: Say) -> Json:
    texts = {key: say(getattr(ground, key)) for key in ("clock", "deadline", "binds", "to")}
    optional = {"place": ground.place, **texts, "in_force": _day(ground)}
    return {
        "name": ground.name,
        "text": say(ground.text),
        "says": say(ground.says),
        **{key: value for key, value in optional.items() if value},
        "source": say(ground.source),
        "checked": ground.checked.isoformat(),
        "read": ground.read,
        "cited_by": list(ground.cited_by),
    }


def _day(ground: RegisteredGround) -> str | None:
    return None if ground.in_force is None else ground.in_force.isoformat()
