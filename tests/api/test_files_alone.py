"""A fact, an output, an action, a rule and a language are added to a copy of the default pack by its files alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from service.authoring.check import check_pack
from service.language.texts.report_texts import default_texts
from tests.server import ROOT, Server, running


def add_in_files(pack: Path) -> None:
    text = (pack / "facts.yaml").read_text("utf-8")
    fact = "  weather.storm: {type: boolean, text: {en: Storm, zh: 风暴}}\n"
    (pack / "facts.yaml").write_text(text.replace("facts:\n", f"facts:\n{fact}", 1), "utf-8")
    text = (pack / "pack.yaml").read_text("utf-8")
    output = "  mood: {type: enum, hit: priority, default: calm, values: {angry: {text: {en: angry, zh: 愤怒}}, calm: {text: {en: calm, zh: 平静}}}, text: {en: Mood, zh: 情绪}}\n"
    text = text.replace("outputs:\n", f"outputs:\n{output}", 1)
    (pack / "pack.yaml").write_text(text.replace("[grade, type, ", "[grade, type, mood, "), "utf-8")
    text = (pack / "actions.yaml").read_text("utf-8")
    action = "  OPEN_UMBRELLA: {text: {en: Open the umbrella, zh: 撑伞}, owner: pr, due: 1h}\n"
    (pack / "actions.yaml").write_text(
        text.replace("actions:\n", f"actions:\n{action}", 1), "utf-8"
    )
    (pack / "90_weather.yaml").write_text(
        """rules:
  - id: weather.storm
    when: weather.storm
    then: {mood: angry, grade: orange, actions: OPEN_UMBRELLA}
    because: {en: "a storm: {weather.storm}", zh: "风暴：{weather.storm}"}
    source: {en: "default, tune it", zh: 默认}
""",
        "utf-8",
    )


def say_reports_in_french(pack: Path) -> None:
    """Tocsin has no French texts for reports, so the pack gives all of them."""
    lines = [
        f"    {key}: {{fr: {json.dumps(text['en'] + ' (fr)')}}}\n"
        for key, text in default_texts().items()
    ]
    about = pack / "pack.yaml"
    own = re.sub(r"^report:\n(?:  .*\n)*", "", about.read_text("utf-8"), flags=re.MULTILINE)
    about.write_text(own + "report:\n  headings:\n" + "".join(lines), "utf-8")


def rewrite_texts(path: Path) -> None:
    """Adds French texts to the file. Conditions and numbers stay as their author wrote them."""
    text = path.read_text("utf-8")
    text = re.sub(
        r'\{(?!en: \d+,)((?:zh|en): (?:"[^"]*"|[^,{}"]+), (?:zh|en): (?:"[^"]*"|[^,{}"]+))\}',
        _add,
        text,
    )
    text = re.sub(r"(\{en: \{one: [^{}]*\}, zh: [^{},]+)\}", r"\1, fr: unité}", text)
    pairs = r"^(( +)(?:en|zh): .*\n\2(?:en|zh): .*\n)"
    text = re.sub(pairs, r"\1\2fr: en français\n", text, flags=re.MULTILINE)
    path.write_text(text, "utf-8")


def _add(match: re.Match[str]) -> str:
    french = "280" if re.search(r": \d+$", match[1]) else '"en français"'
    return f"{{{match[1]}, fr: {french}}}"


def storm(server: Server, locale: str) -> Any:
    return server.post({"facts": {"weather": {"storm": True}}, "locale": locale}).json


def test_everything_that_is_added_in_files_works_in_a_request(tmp_path: Path) -> None:
    pack = tmp_path / "packs" / "pr_crisis"
    shutil.copytree(ROOT / "rules" / "pr_crisis", pack)
    shutil.rmtree(pack / "cases")
    add_in_files(pack)
    for path in sorted(pack.rglob("*.yaml")):
        rewrite_texts(path)
    say_reports_in_french(pack)
    assert check_pack(pack)[1] == []
    with running(pack.parent, tmp_path / "log") as server:
        answer = storm(server, "en")
        assert (answer["grade"]["code"], answer["mood"]["text"]) == ("orange", "angry")
        assert "OPEN_UMBRELLA" in [action["code"] for action in answer["actions"]]
        reason = next(r for r in answer["reasons"] if r["rule"] == "weather.storm")
        assert (reason["text"], reason["facts"]) == ("a storm: yes", {"weather.storm": True})
        assert storm(server, "fr")["mood"]["text"] == "en français"
        assert server.get("/v1/packs").json["packs"][0]["languages"] == ["zh", "en", "fr"]
        facts = server.get("/openapi.json").json["components"]["schemas"]["Facts-pr_crisis"]
        assert "weather" in facts["properties"]
