"""Writes the generated parts of the pages.

These are docs/problems.md, one answer (short in README.md, long in docs/api.md), the table of its keys in docs/api.md, the tables
of the language in docs/rules.md, the table of who may in docs/operators.md, and docs/law.md: the register of laws of the default pack.

`python docs/build.py` writes them. `--check` writes nothing and fails if a part is out of date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from law_page import law_page
from marshmallow import Schema
from marshmallow.fields import Dict, List, Nested

from schemas.assessment import AssessmentSchema, LiftedSchema
from schemas.files.names import OUTPUT_TYPES
from schemas.strict_json import read_json
from service.access.roles import ROLES, TABLE
from service.answering import answer
from service.asking.posted import Posted
from service.config import Config
from service.language.conditions.functions import FUNCTIONS, METHODS
from service.language.declared.hit_policies import HIT_POLICIES
from service.language.model import HitPolicy
from service.language.problem_codes import PROBLEM_CODES
from service.problem_details import CODES, FINER_CODES, TITLES
from service.serving.deployment import load_packs

ROOT = Path(__file__).parent.parent
PROBLEMS = ROOT / "docs" / "problems.md"
README = ROOT / "README.md"
API = ROOT / "docs" / "api.md"
RULES = ROOT / "docs" / "rules.md"
OPERATORS = ROOT / "docs" / "operators.md"
LAW = ROOT / "docs" / "law.md"
CONFLICT = "conflict"
LIFTED = "each output that the pack lifts, each notice"
SHORT: dict[str, tuple[str, ...]] = {
    "grade": ("code", "level", "text"),
    "type": ("code", "text"),
    "warning": ("code", "text"),
    "provisional": (),
    "actions": ("code", "owner", "due_at", "because"),
    "blocked": ("code", "ground", "instead"),
    "held": ("code", "until"),
    "reasons": ("rule", "text"),
    "unknowns": ("fact", "question", "ask_text"),
    "at_best": ("grade",),
}
"""The keys in the README's answer, each with the keys shown of its value; without any the whole value is shown."""
SHOWN = 2
"""How many elements of a list the long answer shows."""
Json = dict[str, Any]


def problems_page() -> str:
    lines = [
        "# Problems and their codes",
        "",
        "Codes are stable: tools may depend on them. `docs/build.py` writes this page.",
        "",
        "## In an author's file (`tocsin check`, `/readyz`)",
        "",
        "| code | what it means and what to do |",
        "|---|---|",
        *(f"| `{code}` | {text} |" for code, text in sorted(PROBLEM_CODES.items())),
        "",
        "## In HTTP and `tocsin assess` (`application/problem+json`, RFC 9457)",
        "",
        "| status | code | title |",
        "|---|---|---|",
    ]
    for status, title in TITLES.items():
        for code in (CODES[status], *FINER_CODES.get(status, ())):
            lines.append(f"| {status} | `{code}` | {title} |")
    return "\n".join(lines) + "\n"


def answer_of_readme(readme: str) -> Json:
    """The answer to the curl of the README."""
    match = re.search(r"--data '(.*?)'", readme, re.DOTALL)
    assert match, "README.md has no curl with --data '…'"
    packs = load_packs(Config(packs=ROOT / "rules", pack="pr_crisis").deployment())
    return answer(packs, Posted(read_json(match.group(1).encode()), datetime.now(UTC)))


def with_answer(page: str, answer: str) -> str:
    """The page with this answer between its two markers."""
    assert page.count("<!-- answer -->") == 1, "the page has no place for the answer"
    return re.sub(
        r"(<!-- answer -->\n```json\n).*?(```\n<!-- end -->)",
        lambda found: f"{found[1]}{answer}\n{found[2]}",
        page,
        flags=re.DOTALL,
    )


def api_page(text: str) -> str:
    """The API page with a table of all keys of an answer, read from its schema."""
    objects = [
        *_objects("the answer", "", AssessmentSchema()),
        *_objects(LIFTED, "", LiftedSchema()),
    ]
    rows = [f"| {name} | {', '.join(_keys(schema))} |" for name, schema in objects]
    table = "\n".join(["| object | keys |", "|---|---|", *rows])
    return _filled_in(text, "keys", table + "\n")


def rules_page(text: str) -> str:
    """The page for authors of rules with the tables of functions and hit policies."""
    text = _filled_in(text, "functions", _table("function | result", _functions()))
    text = _filled_in(
        text, "hit policies", _table("hit policy | for | result | `min` and `max`", _policies())
    )
    return _filled_in(text, "examples", _table("hit | for | given | comes out", _examples()))


def operators_page(text: str) -> str:
    """The page for operators with the table of who may."""
    headings = " | ".join(["address", "without a token", *(f"`{role}`" for role in ROLES)])
    return _filled_in(text, "roles", _table(headings, _permissions()))


def _permissions() -> Iterator[str]:
    for (method, path), row in TABLE.items():
        others = (row.less or "yes") if row.is_open else ""
        cells = ["yes" if role in row.roles else others for role in ROLES]
        yield " | ".join([f"`{method} {path}`", others, *cells])


def _functions() -> Iterator[str]:
    for one in dict.fromkeys([*FUNCTIONS.values(), *METHODS.values()]):
        written = ", ".join(f"`{form}`" for form in (one.function, one.method) if form)
        yield f"{written} | {one.about}"


def _policies() -> Iterator[str]:
    for policy in HIT_POLICIES.values():
        yield f"`{policy.name}` | {_takes(policy)} | {policy.about} | {_limits(policy)}"


def _examples() -> Iterator[str]:
    for policy in HIT_POLICIES.values():
        for given, result in policy.examples:
            comes_out = result if result == CONFLICT else f"`{result}`"
            yield f"`{policy.name}` | {_takes(policy)} | `{given}` | {comes_out}"


def _takes(policy: HitPolicy) -> str:
    return "every type" if policy.takes == OUTPUT_TYPES else ", ".join(policy.takes)


def _limits(policy: HitPolicy) -> str:
    if policy.is_collected or "integer" not in policy.takes:
        return ""
    return "limit the result" if policy.is_clamped else "limit what a rule may give"


def _table(headings: str, rows: Iterable[str]) -> str:
    """A table with an empty line before and after it, so that the marks around it are not rows of it."""
    dashes = "---|" * (headings.count("|") + 1)
    return "\n".join(["", f"| {headings} |", f"|{dashes}", *(f"| {row} |" for row in rows), "\n"])


def _filled_in(text: str, mark: str, part: str) -> str:
    """The page's text with this part between the mark and the next end."""
    filled, found = re.subn(
        rf"(<!-- {mark} -->\n).*?(<!-- end -->)",
        lambda found: found[1] + part + found[2],
        text,
        flags=re.DOTALL,
    )
    assert found == 1, f"the page has {found} places for {mark}"
    return filled


def _objects(name: str, path: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """An object and the objects inside it, each with its path."""
    yield name, schema
    for key, field in schema.fields.items():
        inner = f"{path}.{field.data_key or key}".removeprefix(".")
        while isinstance(field, List | Dict):
            inner += "[]" if isinstance(field, List) else ".*"
            field = field.inner if isinstance(field, List) else field.value_field
        if isinstance(field, Nested):
            yield from _objects(f"`{inner}`", inner, field.schema)


def _keys(schema: Schema) -> Iterator[str]:
    for name, field in schema.fields.items():
        yield f"`{field.data_key or name}`{'' if field.required else '?'}"


def short(answer: Json) -> str:
    """The keys of SHORT, one line each; of a list only the first element."""
    lines = [f"  {_text(key)}: {_text(_part(answer[key], keys))}" for key, keys in SHORT.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def _part(value: Any, keys: Sequence[str]) -> Any:
    if isinstance(value, list):
        more = [f"… {len(value) - 1} more"] if len(value) > 1 else []
        return [*(_part(one, keys) for one in value[:1]), *more]
    return {key: value[key] for key in keys} if keys else value


def long(answer: Json) -> str:
    """Every key except `outputs`; of a list only the first elements."""
    return _joined(json.dumps(_cut(answer), ensure_ascii=False, indent=2))


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items() if key != "outputs"}
    if isinstance(value, list) and len(value) > SHOWN and isinstance(value[0], dict):
        return [*map(_cut, value[:SHOWN]), f"… {len(value) - SHOWN} more"]
    return value


def _joined(text: str) -> str:
    """The text with each innermost list and object on one line."""
    return re.sub(
        r"([\[{])\n\s+([^\[\]{}]*?)\n\s*([\]}])",
        lambda found: found[1] + re.sub(r",\n\s+", ", ", found[2]) + found[3],
        text,
    )


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def generated() -> dict[Path, str]:
    """The text that each page should have."""
    readme, api = README.read_text("utf-8"), API.read_text("utf-8")
    answer = answer_of_readme(readme)
    return {
        PROBLEMS: problems_page(),
        README: with_answer(readme, short(answer)),
        API: api_page(with_answer(api, long(answer))),
        RULES: rules_page(RULES.read_text("utf-8")),
        LAW: law_page(ROOT / "rules" / "pr_crisis"),
        OPERATORS: operators_page(OPERATORS.read_text("utf-8")),
    }


def main() -> int:
    pages = generated()
    stale = [
        path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text
    ]
    if "--check" not in sys.argv:
        for path in stale:
            path.write_text(pages[path], "utf-8")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is out of date: run python docs/build.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
