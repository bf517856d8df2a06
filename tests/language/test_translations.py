"""Every text of a pack must be written in the languages of its title, wherever it is in the files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from marshmallow import Schema, fields

from schemas.file_fields import NamedEntries, Words
from schemas.files.actions_file import ActionsFile
from schemas.files.brief_file import BriefAction
from schemas.files.constants_file import ConstantsFile
from schemas.files.facts_file import FactsFile
from schemas.files.grounds_file import GroundsFile
from schemas.files.pack_file import PackFile
from schemas.files.rules_file import RulesFile
from schemas.files.sentences import Sentences
from service.language.collector import Collector
from service.language.files.source import read_source
from service.language.load import load_pack

LANGUAGES = ("en", "zh")
FILES: dict[str, Any] = {
    "pack.yaml": {
        "pack": "full",
        "version": "1.0.0",
        "title": {"en": "Full", "zh": "全"},
        "help": {},
        "verdict": [{"text": {}}, {"when": 'values == "facts"', "text": {}}],
        "brief": {
            "title": [{"text": {}}],
            "warning": [{"text": {}}],
            "annex": [{"text": {}, "kinds": ["roles"]}],
            "now": [{"row": "go", "actions": [{"action": "GO", "text": [{"text": {}}]}, "LOOK"]}],
            "decision": [
                {
                    "action": "GO",
                    "question": {},
                    "options": [{"text": {}, "cost": {}}, {"text": {}, "cost": {}}],
                    "delay": {},
                }
            ],
        },
        "locale": "en",
        "timezone": "UTC",
        "answer": ["values"],
        "words": {"true": {}, "false": {}, "unknown": {}},
        "outputs": {
            "values": {
                "type": "enum",
                "hit": "priority",
                "default": "text",
                "text": {},
                "help": {},
                "values": {"facts": {"text": {}, "help": {}}, "text": {"text": {}}},
            },
            "actions": {"type": "actions", "hit": "collect", "text": {}, "help": {}},
            "blocked": {"type": "actions", "hit": "collect", "text": {}},
            "held": {"type": "actions", "hit": "collect", "text": {}},
        },
    },
    "facts.yaml": {
        "facts": {
            "a.kind": {
                "type": "enum",
                "values": {"x": {"text": {}, "help": {}}},
                "values_by": {},
                "unit": {},
                "text": {},
                "help": {},
                "source": {},
                "assume": "x",
                "assume_because": {},
                "question": {},
            },
            "a.count": {"type": "integer", "text": {}},
        },
        "derived": {
            "a.same": {
                "type": "enum",
                "values_by": {},
                "values": {"x": {"text": {}, "help": {}}},
                "value": "a.kind",
                "text": {},
            },
            "a.twice": {
                "type": "integer",
                "value": "a.count * 2",
                "unit": {},
                "text": {},
                "help": {},
                "source": {},
            },
        },
    },
    "constants.yaml": {
        "constants": {
            "few": {"type": "integer", "value": 1, "unit": {}, "text": {}, "help": {}, "source": {}}
        },
        "lists": {"kinds": {"of": "a.kind", "values": ["x"], "text": {}, "help": {}, "source": {}}},
    },
    "grounds.yaml": {
        "grounds": {
            "law": {
                "text": {},
                "says": {},
                "clock": {},
                "deadline": {},
                "binds": {},
                "to": {},
                "source": {},
                "checked": "2026-01-02",
                "read": "text",
            }
        }
    },
    "actions.yaml": {
        "defaults": {"source": {}},
        "roles": {"actions": {"text": {}}},
        "kinds": {"roles": {"text": {}, "help": {}, "source": {}}},
        "actions": {
            "LOOK": {"text": {}, "help": {}, "until": {}, "ground": {}, "source": {}},
            "AGAIN": {"text": {}, "again_when": [{"after": "24h", "text": {}}]},
            "GO": {
                "text": {},
                "ground": {},
                "by_case": [{"when": "a.count > 2", "text": {}, "ground": {}, "source": {}}],
            },
        },
    },
    "10_rules.yaml": {
        "defaults": {"source": {}},
        "rules": [
            {
                "id": "of_the_law",
                "when": "a.count > 3",
                "then": {"actions": ["LOOK"]},
                "because": {},
                "source": "grounds.law",
            },
            {
                "id": "a",
                "when": "a.count > constants.few && a.kind in lists.kinds",
                "then": {"actions": ["LOOK", "GO"]},
                "because": {},
            },
            {
                "id": "b",
                "when": "a.twice > 2",
                "then": {
                    "blocked": [
                        {
                            "action": "LOOK",
                            "ground": {},
                            "by_case": [{"when": "a.count > 2", "ground": {}}],
                        }
                    ]
                },
                "because": {},
                "source": {},
            },
            {
                "id": "c",
                "when": 'a.kind == "x"',
                "then": {"held": {"action": "GO", "ground": {}}},
                "because": {},
            },
        ],
        "tables": [
            {
                "id": "t",
                "output": "values",
                "rows": [
                    {
                        "id": "r",
                        "fact": "a.count",
                        "at_least": {"facts": 3},
                        "because": {},
                        "source": {},
                    }
                ],
            }
        ],
    },
}
"""A pack with every text that is possible. Each is empty here and filled in below. Some names look like keys on purpose."""


class Text(NamedTuple):
    file: str
    path: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.file}: {'.'.join(map(str, self.path))}"


def texts(data: Any, file: str, path: tuple[str | int, ...] = ()) -> Iterator[Text]:
    """The places in FILES that need a text."""
    if data == {}:
        yield Text(file, path)
    elif isinstance(data, dict | list):
        for key, inner in data.items() if isinstance(data, dict) else enumerate(data):
            yield from texts(inner, file, (*path, key))


TEXTS = [text for file, data in FILES.items() for text in texts(data, file)]


def filled(data: Any, lacking: tuple[str | int, ...] | None) -> Any:
    """All texts in both languages, except that the text at `lacking` is in the first language only."""
    if data == {}:
        return {
            language: f"said in {language}" for language in LANGUAGES[: 1 if lacking == () else 2]
        }
    if not isinstance(data, dict | list):
        return data
    inner = {
        key: filled(value, lacking[1:] if lacking and lacking[0] == key else None)
        for key, value in (data.items() if isinstance(data, dict) else enumerate(data))
    }
    return inner if isinstance(data, dict) else list(inner.values())


def written(folder: Path, lacking: Text | None) -> Path:
    for file, data in FILES.items():
        path = lacking.path if lacking and lacking.file == file else None
        (folder / file).write_text(json.dumps(filled(data, path)), "utf-8")
    return folder


def test_a_pack_with_every_text_in_every_language_has_no_problem(tmp_path: Path) -> None:
    assert load_pack(written(tmp_path, None))[1] == []


@pytest.mark.parametrize("text", TEXTS, ids=str)
def test_a_text_that_lacks_a_language_is_reported_at_its_place(text: Text, tmp_path: Path) -> None:
    found = load_pack(written(tmp_path, text))[1]
    assert [problem.code for problem in found] == ["missing-translation"]
    source = read_source((tmp_path / text.file).read_bytes(), text.file, Collector())
    assert source is not None
    mark = source.nodes[text.path].start_mark
    assert (Path(found[0].file).name, found[0].line, found[0].column) == (
        text.file,
        mark.line + 1,
        mark.column + 1,
    )


NAME = "*"
"""Stands for a name that the author chose, or a position."""


def declared(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path to each text in a file's schema."""
    for name, field in schema.fields.items():
        yield from _declared(field, (*path, field.data_key or name))


def _declared(field: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(field, Words):
        yield path
    elif isinstance(field, fields.Nested):
        yield from declared(field.schema, path)
    elif isinstance(field, fields.List):
        yield from _declared(field.inner, (*path, NAME))
    elif isinstance(field, NamedEntries | Sentences):
        yield from declared(field.entry, (*path, NAME))
    elif isinstance(field, BriefAction):
        yield from declared(field.entry, path)


def leads_to(way: tuple[str, ...], text: Text) -> bool:
    return len(way) == len(text.path) and all(
        step in (NAME, key) for step, key in zip(way, text.path, strict=True)
    )


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("pack.yaml", PackFile),
        ("facts.yaml", FactsFile),
        ("constants.yaml", ConstantsFile),
        ("grounds.yaml", GroundsFile),
        ("actions.yaml", ActionsFile),
        ("10_rules.yaml", RulesFile),
    ],
)
def test_no_text_that_a_file_can_have_is_left_out_here(file: str, schema: type[Schema]) -> None:
    """The title is left out: it says which languages there are."""
    here = [text for text in TEXTS if text.file == file]
    ways = set(declared(schema())) - {("title",)}
    assert len(ways) > 3
    assert [way for way in sorted(ways) if not any(leads_to(way, text) for text in here)] == []
