"""Reads grounds.yaml, and puts the texts of grounds in place of their names in the files of actions and rules.

So the engine knows no register.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.closest import did_you_mean
from schemas.vocabulary import Fact
from service.language.collector import BoundValue
from service.language.files.read_file import LoadedFile
from service.language.model import RegisteredGround
from service.language.place import Path
from service.language.texts.ground_texts import GroundTexts

GROUNDS = "grounds"
CITING = ("ground", "source")
"""The keys under which the name of a ground may stand."""
NAME = re.compile(rf"{GROUNDS}\.\S+")
"""A text of this form is meant as a name: no law is called so."""


@dataclass(slots=True)
class Register:
    """The grounds of a pack by their names. Whatever reads a file adds to `cited` what cites each.

    `is_whole` is false if a file of grounds has a mistake: a name that is missing may follow from it.
    """

    texts: GroundTexts = field(default_factory=GroundTexts)
    by_name: dict[str, RegisteredGround] = field(default_factory=dict)
    cited: dict[str, dict[str, None]] = field(default_factory=dict)
    is_whole: bool = True

    def add(self, file: LoadedFile) -> None:
        """The entries of grounds.yaml, those of the parts too."""
        for name, entry in file.data[GROUNDS].items():
            at = file.here.at(GROUNDS, name).key.place
            self.by_name[name] = RegisteredGround(name=name, at=at, **entry)

    def listed(self) -> dict[str, RegisteredGround]:
        """The grounds, each with what cites it."""
        return {
            name: replace(one, cited_by=tuple(self.cited.get(name, ())))
            for name, one in self.by_name.items()
        }

    def folded(self, data: Any, text: str, here: BoundValue) -> Any:
        """The data of a file with texts in place of names. Each name that is no ground is reported. `text` is the whole file."""
        return _Fold(self, data, here).value(data, ()) if f"{GROUNDS}." in text else data


@dataclass(frozen=True, slots=True)
class _Fold:
    """`whole` is the data of the whole file, `here` is bound to it."""

    register: Register
    whole: Any
    here: BoundValue

    def value(self, data: Any, path: Path) -> Any:
        if path and path[-1] in CITING and path[-2:-1] != ("then",):
            names = data if isinstance(data, list) else [data]
            if names and all(isinstance(one, str) and NAME.fullmatch(one) for one in names):
                return self._printed(data, names, path)
        if isinstance(data, Mapping):
            return {key: self.value(inner, (*path, key)) for key, inner in data.items()}
        if isinstance(data, list):
            return [self.value(inner, (*path, number)) for number, inner in enumerate(data)]
        return data

    def _printed(self, data: Any, names: list[str], path: Path) -> Any:
        """The text. An unknown name stays, so that nothing else is reported of it."""
        register, at = self.register, self.here.at(*path)
        shorts = [name.removeprefix(f"{GROUNDS}.") for name in names]
        for number, short in enumerate(shorts):
            register.cited.setdefault(short, {})[citing(self.whole, path)] = None
            if short not in register.by_name and register.is_whole:
                message = f"'{names[number]}' is not in the pack's grounds.yaml"
                known = [f"{GROUNDS}.{name}" for name in register.by_name]
                place = at.at(number) if isinstance(data, list) else at
                place.error("unknown-ground", message, did_you_mean(names[number], known))
        if not all(short in register.by_name for short in shorts):
            return "; ".join(names)
        return register.texts.printed([register.by_name[short] for short in shorts])


def citing(whole: Any, path: Path) -> str:
    """What cites a ground at `path`: the code of an action, the id of a rule or of a row of a table, else the section."""
    found, last = [], whole
    for key in path:
        last = last[key]
        if isinstance(last, Mapping) and isinstance(last.get("id"), str):
            found.append(last["id"])
    return ".".join(found) or str(path[0] if len(path) <= 2 else path[1])


def check_places(
    entries: Mapping[str, Any],
    places: str | None,
    posted: Mapping[str, Fact],
    about: BoundValue,
    here: BoundValue,
) -> None:
    """Check that the fact `places` of pack.yaml has values, and that the place of each entry is one of them.

    `about` is bound to pack.yaml, `here` to grounds.yaml.
    """
    if places is not None and places not in posted:
        message = f"'{places}' is not a fact that a caller can post"
        about.at("places").error("unknown-fact", message, did_you_mean(places, posted))
        return
    type_ = posted[places].type if places is not None else None
    known = (type_.item or type_).values if type_ is not None else ()
    if places is not None and not known:
        message = f"'{places}' has no values: the places of grounds must be some"
        about.at("places").error("ground-place", message)
        return
    for name, entry in entries.items():
        place, at = entry.get("place"), here.at(GROUNDS, name, "place")
        if place is None or place in known:
            continue
        if places is None:
            message = "pack.yaml does not say of which fact this is a value"
            at.error("ground-place", message, "write places: group.fact in pack.yaml")
        else:
            hint = did_you_mean(place, known)
            at.error("unknown-value", f"'{place}' is not a value of '{places}'", hint)


def uncited(register: Register, elsewhere: Iterable[bytes]) -> list[RegisteredGround]:
    """Those that nothing cites, also not the bytes of files that are not read."""
    left = [one for name, one in register.by_name.items() if name not in register.cited]
    texts = list(elsewhere) if left else []
    return [
        one for one in left if not any(f"{GROUNDS}.{one.name}".encode() in text for text in texts)
    ]
