"""Computes the longest page that a pack's brief can have, after all rows that give way were left out. It must fit on one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.file_fields import ANY_LANGUAGE
from schemas.types import Type
from schemas.vocabulary import Fact, Text
from service.language.collector import BoundValue
from service.language.declared.briefing.exclusive import conjuncts, most_together
from service.language.model import Output, Pack, Sentence
from service.language.model.brief import (
    ASK,
    CHANGES,
    DECISION,
    HOW_BAD,
    IN_THE_PLAN,
    LATE,
    MOST_CHARACTERS,
    MOST_DONE,
    MOST_FIGURES,
    MOST_LINES,
    MOST_OF_A_POSTED_TEXT,
    MOST_QUESTIONS,
    MOST_ROWS,
    MOST_WORDS,
    NEVER_SAY,
    NEXT,
    OPTIONS,
    SAY,
    TREND,
    WARNING,
    Brief,
    BriefDecision,
    BriefRow,
)
from service.language.texts.placeholders import PLACEHOLDER, WITH_UNIT, parted

TIME, OFFSET = "23:59 (+00:00)", "+00:00"
"""A time has its offset in an hour through which the clocks run twice."""
MOMENT = f"2026-12-31 {TIME}"
NUMBER = "-9,223,372,036,854,775,807"
DURATION = "P999999999DT23H59M59.999999S"
WHEN = ("brief_by", "brief_now_at_once", "brief_undated")
WITHOUT_BLANKS = ("zh", "ja")


def check_longest_page(pack: Pack, here: BoundValue) -> None:
    """Reports in which languages the longest possible page is longer than a page may be. `here` is bound to the brief."""
    if pack.brief is None:
        return
    for language in pack.languages:
        page = _Longest(pack, language).page(pack.brief)
        lines, size = sum(row.lines for row in page), sum(row.size for row in page)
        most, unit = _most(language)
        if lines > MOST_LINES or size > most:
            longest = sorted(page, key=lambda row: -row.size)[:3]
            names = ", ".join(f"{row.name} {row.size}" for row in longest)
            message = (
                f"the longest page in '{language}' has {lines} lines and {size} {unit}; "
                f"a page may have {MOST_LINES} and {most}; its longest rows: {names}"
            )
            hint = "shorten the texts of these rows, or name other rows in gives_way"
            here.key.error("brief-too-long", message, hint)


def _most(language: str) -> tuple[int, str]:
    if language.startswith(WITHOUT_BLANKS):
        return MOST_CHARACTERS, "characters"
    return MOST_WORDS, "words"


@dataclass(frozen=True, slots=True)
class RowLength:
    name: str
    lines: int
    size: int


@dataclass(frozen=True, slots=True)
class _Longest:
    """The most characters or words that each text can have in one language."""

    pack: Pack
    language: str
    _values: dict[str, int] = field(default_factory=dict)

    def page(self, brief: Brief) -> list[RowLength]:
        """The rows that do not give way. Of the others no more than there is room for; they are counted as they are."""
        rows = [RowLength("title", 1, self._title(brief)), *self._rows(brief)]
        return [row for row in rows if row.size and row.name not in brief.gives_way]

    def _title(self, brief: Brief) -> int:
        fixed = self._fixed("brief_title", "brief_forward", "do_not_forward")
        return fixed + self._sentences(brief.title) + self._moment() + self._size(OFFSET)

    def _rows(self, brief: Brief) -> Iterator[RowLength]:
        yield RowLength(HOW_BAD, 1, sum(map(self._reasoned, brief.how_bad)))
        yield RowLength(WARNING, 1, self._sentences(brief.warning))
        yield RowLength(CHANGES, 1, self._changes(brief))
        yield RowLength(TREND, 1, self._trend())
        yield RowLength(LATE, 1, self._late(brief))
        yield from self._now(brief)
        yield self._collected(SAY, "brief_say", brief.say)
        yield self._collected(NEVER_SAY, "brief_never", brief.never_say)
        yield from self._decisions(brief.decision)
        asked = sorted((self._question(one.fact) for one in brief.ask), reverse=True)
        yield RowLength(ASK, min(len(asked), MOST_QUESTIONS), sum(asked[:MOST_QUESTIONS]))
        review = self._fixed("brief_next") + self._moment() if self.pack.review else 0
        yield RowLength(NEXT, 1, review)

    # Rows of actions

    def _now(self, brief: Brief) -> Iterator[RowLength]:
        """All rows that never give way, and the longest of the others, as many as there is room for."""
        gives_way = frozenset(brief.gives_way)
        rows = {row.name: self._row(row) for row in brief.now if row.name not in gives_way}
        never = [row.name for row in brief.now if row.protects or self._has_duty(row)]
        others = sorted((rows[name], name) for name in rows if name not in never)[::-1]
        chosen = {name for _, name in others[:MOST_ROWS]}
        for name, size in rows.items():
            if name in never or name in chosen:
                yield RowLength(name, 1, size)
        if brief.now:
            yield RowLength("nothing_now", 1, self._fixed("brief_nothing"))
        if brief.quiet_when is not None:
            yield RowLength(IN_THE_PLAN, 1, self._fixed("brief_in_plan") + self._size("99"))

    def _has_duty(self, row: BriefRow) -> bool:
        return any(self.pack.actions[one.code].statutory for one in row.actions)

    def _row(self, row: BriefRow) -> int:
        actions = [self.pack.actions[one.code] for one in row.actions]
        size = self._fixed("brief_now", "brief_channels", "approval_of", "brief_if", *WHEN)
        size += self._size("99") + self._moment() + 2 * self._fixed("brackets")
        size += max(self._role(action.owner) for action in actions)
        for one, action in zip(row.actions, actions, strict=True):
            size += max(self._sentences(one.text), self._text(action.text))
            size += self._fixed("stop")
            if action.statutory:
                size += self._fixed("brackets", "overdue", *WHEN) + self._moment()
        size += sum(self._listed_size(code) for one in actions for code in one.channels)
        roles = {code for one in actions for code in one.approval}
        return size + sum(self._role(code) + 1 for code in roles)

    def _listed_size(self, code: str) -> int:
        return self._size(code) + 1

    def _role(self, code: str | None) -> int:
        role = self.pack.roles.get(code or "")
        return self._text(role.text) if role else self._size(code or "") + self._fixed("nobody")

    # Situation and words

    def _reasoned(self, name: str) -> int:
        """An output with its value and the longest reason that a rule gives for one."""
        reasons = [
            self._text(rule.because)
            for rule in self.pack.rules
            if any(given.output == name for given in rule.then)
        ]
        fixed = self._fixed("colon", "brackets", "stop")
        return fixed + self._named(name) + self._value(name) + max(reasons, default=0)

    def _changes(self, brief: Brief) -> int:
        if not brief.changes:
            return 0
        size = self._fixed("brief_since", "colon", "brief_done") + self._moment()
        for name in brief.changes:
            size += self._named(name) + 2 * self._value(name)
            size += self._fixed("colon", "change", "stop", "brief_same")
        texts = sorted((self._text(one.text) for one in self.pack.actions.values()), reverse=True)
        return size + sum(texts[:MOST_DONE]) + MOST_DONE * self._fixed("stop")

    def _trend(self) -> int:
        fixed = self._fixed("brief_figure", "brackets", "percent", "stop") + 2 * self._size(NUMBER)
        names = (self.pack.vocabulary.facts[name].text for name in self.pack.trend)
        return sum(
            sorted((fixed + self._text(text) for text in names), reverse=True)[:MOST_FIGURES]
        )

    def _late(self, brief: Brief) -> int:
        """The numbers of all rows, none of them in one range with another, and the time since the first moment of the clock."""
        facts = self._facts
        names = [self._text(facts[name].text) for name in self.pack.clock if name in facts]
        if not brief.now and not names:
            return 0
        fixed = self._fixed("late_since", "known_for", "hours", "minutes", "days", "late")
        numbers = len(brief.now) * (self._size("99") + self._fixed("comma"))
        return fixed + max(names, default=0) + self._size(NUMBER) + numbers

    def _collected(self, row: str, key: str, name: str | None) -> RowLength:
        if name is None:
            return RowLength(row, 0, 0)
        output = self.pack.outputs[name]
        values = [self._one(output, code) + self._fixed("stop") for code in output.type.values]
        return RowLength(row, 1, self._fixed(key) + sum(values))

    def _decisions(self, decisions: Sequence[BriefDecision]) -> Iterator[RowLength]:
        yield RowLength(DECISION, 1, max(map(self._decision, decisions), default=0))
        options = max(map(self._options, decisions), default=0)
        lines = max((len(one.options) + 1 for one in decisions), default=0)
        yield RowLength(OPTIONS, lines, options)

    def _decision(self, one: BriefDecision) -> int:
        owner = self._role(self.pack.actions[one.action].owner)
        fixed = self._fixed("brief_decide", *WHEN) + self._moment()
        return fixed + owner + self._text(one.question)

    def _options(self, one: BriefDecision) -> int:
        size = self._fixed("brief_delay") + self._text(one.delay)
        for option in one.options:
            size += max(self._fixed("brief_advised"), self._fixed("brief_option")) + 1
            size += self._text(option.text) + self._text(option.cost)
        return size

    def _question(self, name: str) -> int:
        fact = self.pack.vocabulary.facts[name]
        asked = self._text(fact.question) or self._text(fact.text)
        return self._fixed("brief_ask") + self._role(fact.ask) + asked

    # Texts and values

    @property
    def _facts(self) -> dict[str, Fact]:
        """All facts, derived ones too."""
        derived = {one.fact.name: one.fact for one in self.pack.derived}
        return {**self.pack.vocabulary.facts, **derived}

    def _sentences(self, sentences: Sequence[Sentence]) -> int:
        """The most of the sentences that can be said at once: two whose conditions exclude each other are not."""
        sizes = [self._text(one.text) for one in sentences]
        return most_together(sizes, [conjuncts(one.when) for one in sentences])

    def _fixed(self, *keys: str) -> int:
        """Texts of reports without what is filled in."""
        return sum(
            self._size(PLACEHOLDER.sub(" ", self._say(self.pack.report[key]))) for key in keys
        )

    def _moment(self) -> int:
        """A moment on the page: its day, the longest month, and its time."""
        months = self._say(self.pack.report["months"]).split()
        longest = max(map(self._size, months), default=0)
        return self._fixed("day_and_time") + self._size("31") + longest + self._size(TIME)

    def _text(self, text: Text) -> int:
        said = self._say(text)
        names = [match.group(1) for match in PLACEHOLDER.finditer(said)]
        return self._size(PLACEHOLDER.sub(" ", said)) + sum(map(self._value, names))

    def _say(self, text: Text) -> str:
        for language in (self.language, ANY_LANGUAGE, self.pack.locale):
            if language in text:
                return text[language]
        return next(iter(text.values()), "")

    def _size(self, text: str) -> int:
        """Characters that are no blanks, or words. What stands between two texts joins words and never adds any."""
        words = text.split()
        return sum(map(len, words)) if self.language.startswith(WITHOUT_BLANKS) else len(words)

    def _named(self, output: str) -> int:
        return self._text(self.pack.outputs[output].text) or self._size(output)

    def _value(self, name: str) -> int:
        if name not in self._values:
            fact, view = parted(name)
            size = self._longest_value(fact)
            self._values[name] = size + self._unit(fact) if view == WITH_UNIT else size
        return self._values[name]

    def _unit(self, name: str) -> int:
        fact = self._facts[name]
        return max(self._text(fact.unit), self._text({**fact.unit, **fact.unit_of_one}))

    def _longest_value(self, name: str) -> int:
        output = self.pack.outputs.get(name)
        if output is not None and output.type.name != "string":
            return self._value_of_output(output)
        fact = self._facts.get(name)
        if fact is None or fact.type.name in ("string", "list"):
            return self._posted()
        texts = [self._said(fact.value_texts.get(code, {}), code) for code in fact.type.values]
        return max([*texts, self._plain(fact.type)])

    def _posted(self) -> int:
        """A text of MOST_OF_A_POSTED_TEXT characters has at most half as many words."""
        if self.language.startswith(WITHOUT_BLANKS):
            return MOST_OF_A_POSTED_TEXT
        return MOST_OF_A_POSTED_TEXT // 2

    def _value_of_output(self, output: Output) -> int:
        values = [self._one(output, code) for code in output.type.values]
        if output.policy.is_collected:
            return sum(values) + len(values)
        return max([*values, self._plain(output.type)])

    def _one(self, output: Output, code: str) -> int:
        actions = {code: one.text for code, one in self.pack.actions.items()}
        return self._said(output.value_texts.get(code) or actions.get(code, {}), code)

    def _said(self, text: Text, code: str) -> int:
        return self._text(text) if text else self._size(code)

    def _plain(self, type_: Type) -> int:
        """The longest value of a type that has no values of its own, or the word for an unknown one."""
        words = [
            self._say(self.pack.words.get(key, {})) or key for key in ("unknown", "true", "false")
        ]
        longest = {"integer": NUMBER, "number": NUMBER, "datetime": MOMENT, "duration": DURATION}
        told = words if type_.name == "boolean" else words[:1]
        return max(map(self._size, [*told, longest.get(type_.name, "")]))
