"""Words that no practitioner says are in no text of the default pack, nor of reports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from service.language.texts.report_texts import default_texts
from tests.packs import default_assessor, default_pack
from tests.rules.incidents import AS_OF, Incidents
from tests.server import ROOT

PACK = ROOT / "rules" / "pr_crisis"

NEVER = {
    "zh": (
        "知悉时间已过",
        "未指向其他结论",
        "加密监测",
        "核看",
        "名册",
        "言辞已难",
        "知者甚少",
        "据以表态",
        "预警复燃",
        "逐词监测",
        "虚假或内部人员评价",
        "冻结广告",
        "预设内容",
        "推人顶责",
        "替罪羊",
        "未知之事",
    ),
    "en": ("temptation is there", "Judge again", "word by word", "insider reviews"),
}
"""The left column of the table: what was printed, and no practitioner says."""
ONE_OF_MANY = re.compile(
    r"(?<![\d.,–-])1 (people|persons|statements|reports|mentions|complaints|authors|followers|records|promises|days|hours"
    r"|responses|incidents)\b"
)


def texts(data: Any, language: str) -> Iterator[str]:
    """Every text of this language in a file."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == language and isinstance(value, str):
                yield value
            else:
                yield from texts(value, language)
    elif isinstance(data, list):
        for item in data:
            yield from texts(item, language)


@pytest.mark.parametrize("language", sorted(NEVER))
def test_no_text_has_words_of_the_left_column(language: str) -> None:
    files = [path for path in sorted(PACK.rglob("*.yaml")) if "cases" not in path.parts]
    assert len(files) > 20
    written = [(path.name, yaml.safe_load(path.read_text("utf-8"))) for path in files]
    for name, data in [*written, ("report_texts.yaml", dict(default_texts()))]:
        for text in texts(data, language):
            for word in NEVER[language]:
                assert word not in text, (name, text)


def test_one_is_never_many() -> None:
    assert ONE_OF_MANY.search("so 1 people, 2 reports")
    assert not ONE_OF_MANY.search("0.1 people, 11 reports, level 1")
    assessor, incidents, seen = (
        default_assessor(),
        Incidents(default_pack(), seed=3),
        0,
    )
    for _ in range(60):
        incident = incidents.draw()
        counts = {
            name: 1
            for name, value in incident.facts.items()
            if isinstance(value, int) and not isinstance(value, bool)
        }
        answer = assessor.assess({**incident.facts, **counts}, AS_OF, "en", drafts=True)
        for text in printed(answer):
            seen += bool(re.search(r"\b1 \w", text))
            assert not ONE_OF_MANY.search(text), text
    assert seen > 20


def printed(answer: Mapping[str, Any]) -> Iterator[str]:
    """The reasons, the page and the drafts of an answer."""
    yield from (reason["text"] for reason in answer["reasons"])
    yield from (str(line["text"]) for line in answer["brief"]["lines"])
    yield from (draft["text"] for draft in answer["drafts"])
