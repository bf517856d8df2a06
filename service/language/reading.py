"""Reads the files of a pack by their forms, those of its parts too, with values in place of the names of constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import Schema

from schemas.files.actions_file import ActionsFile, PartActionsFile
from schemas.files.calendar_file import CalendarFile
from schemas.files.cases_file import CasesFile
from schemas.files.constants_file import ConstantsFile
from schemas.files.facts_file import FactsFile
from schemas.files.grounds_file import GroundsFile
from schemas.files.pack_file import PackFile
from schemas.files.rules_file import RulesFile
from schemas.vocabulary import Fact, Text
from service.language.collector import BoundValue, Collector
from service.language.constants import (
    check_lists,
    folded,
    names_written,
    read_constants,
    texts_of_values,
    unused,
)
from service.language.declared.calendars.read import (
    CALENDARS_FOLDER,
    is_calendar,
    read_calendar,
)
from service.language.defaults import extensions_with_defaults, kinds_of, with_defaults
from service.language.files.active_parts import part_of
from service.language.files.compose import MAX_NODES
from service.language.files.look import (
    ACTIONS_FILE,
    CONSTANTS_FILE,
    ENDING,
    FACTS_FILE,
    GROUNDS_FILE,
    PACK_FILE,
)
from service.language.files.pack_files import PackFiles
from service.language.files.read_file import Fold, LoadedFile, as_written, read_file
from service.language.files.source import Source, read_source
from service.language.grounds import Register, check_places, uncited
from service.language.model import Calendar, Constants
from service.language.parts import check_listed, extended, merged
from service.language.texts.ground_texts import ground_texts

CITING = (ActionsFile, PartActionsFile, RulesFile)
"""The files that may cite grounds."""


@dataclass(frozen=True, slots=True)
class PackReader:
    """Reads each file once, and keeps in `texts` those that have texts in several languages."""

    files: PackFiles
    collector: Collector
    constants: Constants = field(default_factory=Constants)
    grounds: Register = field(default_factory=Register)
    texts: list[LoadedFile] = field(default_factory=list)
    _constants: list[LoadedFile] = field(default_factory=list)
    _grounds: list[LoadedFile] = field(default_factory=list)
    _nodes: list[int] = field(default_factory=list)
    _facts: dict[str, Source | None] = field(default_factory=dict)

    def pack(self) -> LoadedFile | None:
        """pack.yaml. The constants are read before it: it can name them. The grounds are read after it, before all that cites them."""
        self._read_constants()
        file = self.read(PACK_FILE, PackFile)
        if file is not None and file.data is not None:
            listed = file.data.get("parts", [])
            check_listed(listed, self.files.known_parts, file.here.at("parts"))
            self.grounds.texts = ground_texts(file.data)
        self._read_grounds()
        return file

    def facts(self) -> LoadedFile | None:
        """The facts of the base and of all parts that count. None if a file has another form."""
        files = self._of_all(FACTS_FILE, FactsFile)
        return None if files is None else merged(files, "facts", "derived")

    def actions(self) -> LoadedFile | None:
        """The same of the actions, filled in with what their files and kinds have as defaults."""
        files = self._of_all(ACTIONS_FILE, ActionsFile, PartActionsFile)
        if files is None:
            return None
        kinds = kinds_of((file.data, file.here.source) for file in files)
        filled = []
        for file in files:
            entries, here = with_defaults(file.data, file.here, kinds)
            added, here = extensions_with_defaults(file.data, here)
            data = {**file.data, "actions": entries, "extends": added}
            filled.append(replace(file, data=data, here=here))
        return extended(merged(filled, "actions", "roles", "kinds"), filled)

    def rules(self) -> list[LoadedFile]:
        found = [self.read(name, RulesFile) for name in self.files.rule_files()]
        return [file for file in found if file is not None]

    def cases(self) -> list[LoadedFile]:
        found = [self.read(name, CasesFile) for name in self.files.cases]
        return [file for file in found if file is not None]

    def calendars(self) -> dict[str, Calendar]:
        """The calendars by the names of their files."""
        found = {}
        for name in sorted(filter(is_calendar, self.files.contents)):
            file = self.read(name, CalendarFile)
            if file is not None and file.data is not None:
                short = name.removeprefix(f"{CALENDARS_FOLDER}/").removesuffix(ENDING)
                found[short] = read_calendar(file.data, short, file.here)
        return found

    def check_constants(self, posted: Mapping[str, Fact]) -> None:
        """Check the lists against the facts whose values they have. Warn of each constant that is not used, also not by a part that does not count."""
        for file in self._constants:
            check_lists(self.constants, posted, file.here)
        if self.collector.has_errors():
            return
        for one in unused(self.constants, self._elsewhere()):
            self.collector.at(one.place).warning("unused-constant", f"nothing uses '{one.name}'")

    def check_grounds(self, about: LoadedFile, posted: Mapping[str, Fact]) -> None:
        """Check the places of grounds. Warn of each that nothing cites, also not a part that does not count."""
        entries, at = {}, about.here
        for file in self._grounds:
            entries, at = file.data["grounds"], file.here
        check_places(entries, about.data.get("places"), posted, about.here, at)
        if not self.collector.has_errors():
            for one in uncited(self.grounds, self._elsewhere()):
                message = f"nothing cites 'grounds.{one.name}'"
                self.collector.at(one.at).warning("unused-ground", message)

    def _elsewhere(self) -> list[bytes]:
        """The files of the parts that do not count."""
        parts = (None, *self.files.parts)
        return [raw for name, raw in self.files.contents.items() if part_of(name) not in parts]

    def _of_all(
        self, name: str, schema: type[Schema], of_part: type[Schema] | None = None
    ) -> list[LoadedFile] | None:
        base = self.read(name, schema)
        of_parts = [
            self.read(inside, of_part or schema)
            for part in self.files.parts
            if (inside := self.files.of_part(part, name)) in self.files.contents
        ]
        files = [base, *of_parts]
        found = [file for file in files if file is not None and file.data is not None]
        return found if len(found) == len(files) else None

    def read(self, name: str, schema: type[Schema]) -> LoadedFile | None:
        raw = self.files.contents.get(name)
        if raw is None:
            return None  # it is refused, which is reported
        if sum(self._nodes) > MAX_NODES:
            message = f"the files before this one have more than {MAX_NODES:,} keys and values"
            self.collector.at(self.files.place(name)).error("pack-too-large", message)
            return None
        file = read_file(raw, self.files.path(name), schema, self.collector, self._fold(schema))
        self._nodes.append(len(file.source.nodes) + len(file.source.keys) if file else 0)
        if file is not None and schema is not CasesFile:
            self.texts.append(file)
        return file

    def _fold(self, schema: type[Schema]) -> Fold:
        """Constants and cases are read as they are written: a case with a constant would prove nothing of its value."""
        if schema in (ConstantsFile, CasesFile):
            return as_written
        if schema not in CITING:
            return lambda source, here: folded(source, self.constants, here)

        def fold(source: Source, here: BoundValue) -> Any:
            return self.grounds.folded(folded(source, self.constants, here), source.text, here)

        return fold

    def _read_grounds(self) -> None:
        names = [self.files.of_part(part, GROUNDS_FILE) for part in (None, *self.files.parts)]
        read = [self.read(name, GroundsFile) for name in names if name in self.files.contents]
        found = [file for file in read if file is not None and file.data is not None]
        self.grounds.is_whole = len(found) == len(read)
        if found:
            self._grounds.append(merged(found, "grounds"))
            self.grounds.add(self._grounds[0])

    def _read_constants(self) -> None:
        names = [self.files.of_part(part, CONSTANTS_FILE) for part in (None, *self.files.parts)]
        read = {
            name: self.read(name, ConstantsFile) for name in names if name in self.files.contents
        }
        self.constants.unread.update(name for name, file in read.items() if not _is_mapping(file))
        files = [file for file in read.values() if file is not None]
        found = [file for file in files if file.data is not None]
        if found:
            self._constants.append(merged(found, "constants", "lists"))
            self.constants.by_name.update(read_constants(self._constants[0], self._value_texts))
        declared = {name for file in files for name in names_written(file)}
        self.constants.wrong.update(declared - self.constants.by_name.keys())

    def _value_texts(self, fact: str) -> Mapping[str, Text]:
        """The texts of a fact's values, before the files of facts are read with the constants."""
        for part in (None, *self.files.parts):
            name = self.files.of_part(part, FACTS_FILE)
            if fact.encode() not in self.files.contents.get(name, b""):
                continue
            if texts := texts_of_values(self._facts_as_written(name), fact):
                return texts
        return {}

    def _facts_as_written(self, name: str) -> Source | None:
        """A file of facts before it is read with the constants. Its mistakes are reported when it is."""
        if name not in self._facts:
            self._facts[name] = read_source(self.files.contents[name], "", Collector())
        return self._facts[name]


def _is_mapping(file: LoadedFile | None) -> bool:
    return file is not None and (file.data is not None or file.source.keys_written(()) is not None)
