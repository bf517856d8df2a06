"""The fixed texts of reports: the defaults in report_texts.yaml, and those with which a pack replaces them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from schemas.closest import did_you_mean
from schemas.vocabulary import Text
from service.language.collector import BoundValue
from service.language.texts.placeholders import check_placeholders, names_in

HEADINGS = "headings"


@cache
def default_texts() -> Mapping[str, Text]:
    text = files("service.language.texts").joinpath("report_texts.yaml").read_text("utf-8")
    texts: dict[str, Text] = yaml.safe_load(text)
    return texts


def read_report(about: Mapping[str, Any], here: BoundValue) -> dict[str, Text]:
    """Every text of a report. A text of the pack replaces the default. `here` is bound to pack.yaml."""
    own = own_texts(about)
    defaults = default_texts()
    _check_keys(own, here.at("report", HEADINGS))
    _check_placeholders(own, here.at("report", HEADINGS))
    texts: dict[str, Text] = {key: {**text, **own.get(key, {})} for key, text in defaults.items()}
    _check_languages(texts, tuple(about["title"]), here.at("title"))
    return texts


def own_texts(about: Mapping[str, Any]) -> Mapping[str, Text]:
    """The texts of a report that the pack's author wrote."""
    texts: Mapping[str, Text] = about.get("report", {}).get(HEADINGS, {})
    return texts


def _check_keys(own: Mapping[str, Text], here: BoundValue) -> None:
    for key in own:
        if key not in default_texts():
            hint = did_you_mean(key, default_texts())
            here.at(key).key.error("unknown-key", f"'{key}' is not a text of a report", hint)


def _check_placeholders(own: Mapping[str, Text], here: BoundValue) -> None:
    for key, text in own.items():
        known = sorted(names_in(default_texts().get(key, text).values()))
        allowed = "names: " + ", ".join(known) if known else "it has none"
        what = f"not a name that this text can use; {allowed}"
        check_placeholders(text, known, here.at(key), what)


def _check_languages(
    texts: Mapping[str, Text], languages: tuple[str, ...], here: BoundValue
) -> None:
    """Warns of each language of the pack in which reports lack texts."""
    for language in languages:
        lacking = [key for key, text in texts.items() if language not in text and "*" not in text]
        if lacking:
            here.at(language).key.warning(
                "missing-translation",
                f"a report in '{language}' lacks {len(lacking)} texts, such as '{lacking[0]}'",
                f"add report: {{{HEADINGS}: {{{lacking[0]}: {{{language}: …}}, …}}}}",
            )
            if not here.collector.takes_warnings:
                return
