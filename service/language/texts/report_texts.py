"""The words a report needs beside the pack's own: a default set in files, and what a pack says otherwise. Writes none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from schemas.closest import did_you_mean
from schemas.vocabulary import Text
from service.language.files.source import Source
from service.language.problem import Problem
from service.language.texts.placeholders import names_in, placeholder_problems

HEADINGS = "headings"


@cache
def default_texts() -> Mapping[str, Text]:
    text = files("service.language.texts").joinpath("report_texts.yaml").read_text("utf-8")
    texts: dict[str, Text] = yaml.safe_load(text)
    return texts


def read_report(about: Mapping[str, Any], source: Source) -> tuple[dict[str, Text], list[Problem]]:
    """Every text of a report, the pack's own before the defaults."""
    own = own_texts(about)
    defaults = default_texts()
    problems = [*_unknown_keys(own, source), *_placeholders(own, source)]
    texts: dict[str, Text] = {key: {**text, **own.get(key, {})} for key, text in defaults.items()}
    problems += _unspoken(texts, tuple(about["title"]), source)
    return texts, problems


def own_texts(about: Mapping[str, Any]) -> Mapping[str, Text]:
    """The texts of a report that the pack's author wrote."""
    texts: Mapping[str, Text] = about.get("report", {}).get(HEADINGS, {})
    return texts


def _unknown_keys(own: Mapping[str, Text], source: Source) -> Iterator[Problem]:
    for key in own:
        if key not in default_texts():
            hint = did_you_mean(key, default_texts())
            message = f"'{key}' is not a text of a report"
            path = ("report", HEADINGS, key)
            yield source.problem(path, "unknown-key", message, hint, key=True)


def _placeholders(own: Mapping[str, Text], source: Source) -> Iterator[Problem]:
    for key, text in own.items():
        known = sorted(names_in(default_texts().get(key, text).values()))
        allowed = "there are: " + ", ".join(known) if known else "there is none"
        what = f"nothing that is filled in here; {allowed}"
        yield from placeholder_problems(source, text, ("report", HEADINGS, key), known, what)


def _unspoken(
    texts: Mapping[str, Text], languages: tuple[str, ...], source: Source
) -> Iterator[Problem]:
    """One for each language of the pack that reports cannot be written in."""
    for language in languages:
        lacking = [key for key, text in texts.items() if language not in text and "*" not in text]
        if lacking:
            yield source.problem(
                ("title", language),
                "missing-translation",
                f"a report in '{language}' lacks {len(lacking)} texts, such as '{lacking[0]}'",
                f"add report: {{{HEADINGS}: {{{lacking[0]}: {{{language}: …}}, …}}}}",
                key=True,
                severity="warning",
            )
