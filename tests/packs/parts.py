"""The harbour pack with three parts, each with facts, constants, an action, rules and a case of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.packs import HARBOUR, copy_of_harbour

PARTS = ("ferries", "fish", "ice")


def harbour_with_parts(
    folder: Path, listed: str = "ferries, fish", changes: Mapping[str, str] | None = None
) -> Path:
    copy = copy_of_harbour(folder)
    about = (HARBOUR / "pack.yaml").read_text("utf-8")
    about = about.replace("answer: [alert]", f"parts: [{listed}]\nanswer: [alert]")
    files = {"pack.yaml": about}
    for part in PARTS:
        files |= {f"parts/{part}/{name}": text for name, text in _part(part).items()}
    for name, text in {**files, **(changes or {})}.items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text, "utf-8")
    return copy


def _part(name: str) -> dict[str, str]:
    action = f"STOP_{name.upper()}"
    return {
        "facts.yaml": f"facts:\n  {name}.count: {{type: integer, min: 0, text: {{en: {name}, zh: {name}}}}}\n",
        "constants.yaml": f"constants:\n  most_{name}: {{type: integer, value: 3, text: {{en: Most, zh: 上限}}}}\n",
        "actions.yaml": f"actions:\n  {action}: {{text: {{en: Stop, zh: 停}}, kind: signal, owner: keeper, due: 1h}}\n",
        "10_rules.yaml": f"""rules:
  - id: {name}.many
    when: {name}.count > constants.most_{name} && wind.speed > 5
    then: {{alert: gale, actions: [{action}]}}
    because: {{en: "{{{name}.count}}", zh: "{{{name}.count}}"}}
""",
        "cases/many.yaml": f"""cases:
  - name: many {name}
    as_of: 2026-06-01
    facts: {{{name}: {{count: 4}}, wind: {{speed: 6}}}}
    expect: {{alert: gale, actions: [{action}]}}
""",
    }
