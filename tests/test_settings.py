"""The settings are read from the environment: empty ones are their defaults, wrong ones are one line."""

from __future__ import annotations

import re

import pytest

from service.config import ConfigError, read_config, read_limits, read_server_settings
from tests.server import ROOT

PAGE = (ROOT / "docs" / "operators.md").read_text("utf-8")
NAMES = re.findall(r"^\| `(TOCSIN_[A-Z_]+)`", PAGE, re.MULTILINE)
"""All settings: another test compares the page with the code."""


def test_an_empty_setting_is_the_default() -> None:
    empty = dict.fromkeys(NAMES, "")
    for read in (read_config, read_limits, read_server_settings):
        assert read(empty) == read({})


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "٣", " 4", "1e3", "1000000000", "0000000000000001", "many\nlines"]
)
def test_a_wrong_number_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_limits({"TOCSIN_BODY_RATE": text})
    said = f"TOCSIN_BODY_RATE is {text!r}, but must be a whole number from 1 to 100000000"
    assert (str(refused.value), len(said.splitlines())) == (said, 1)


@pytest.mark.parametrize(
    ("text", "share"), [("1", 1), ("1.0", 1), ("0.1", 0.1), ("0.000000001", 1e-9)]
)
def test_a_share_is_above_none_and_at_most_all(text: str, share: float) -> None:
    assert read_config({"TOCSIN_CROSS_CHECK": text}).cross_check == share


@pytest.mark.parametrize(
    "text", ["0", "0.0", "1.1", "-0.5", ".5", "1e-3", "nan", "10%", "0,1", "٠.١"]
)
def test_a_wrong_share_is_refused_and_none_at_all_is_called_by_its_name(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_config({"TOCSIN_CROSS_CHECK": text})
    said = (
        f"TOCSIN_CROSS_CHECK is {text!r}, but must be a number above 0 and at most 1, such as 0.1"
    )
    assert str(refused.value) == f"{said}; to check no answer, set TOCSIN_ENGINE=reference"


def test_a_connection_is_kept_for_longer_than_load_balancers_keep_theirs() -> None:
    assert read_server_settings({}).keep_alive_seconds > 60


OWN = [
    "https://desk.example.com",
    "http://[::1]:3000",
    "https://a.example:80",
    "http://a.example:443",
]
NO_ORIGINS = [
    "https://a.example/",
    "a.example",
    "null",
    "https://*.example",
    "ftp://a.example",
    "https://危.example",
    "https://a.example:443",
    "HTTP://a.example:80",
]


def test_origins_are_as_browsers_send_them() -> None:
    assert read_config({"TOCSIN_CORS_ORIGINS": ", ".join(OWN)}).cors_origins == tuple(OWN)
    assert read_config({"TOCSIN_CORS_ORIGINS": "*"}).cors_origins == ("*",)


@pytest.mark.parametrize("text", NO_ORIGINS)
def test_what_no_browser_sends_as_origin_is_refused(text: str) -> None:
    """It would allow no page, and nothing would say so."""
    with pytest.raises(ConfigError, match="TOCSIN_CORS_ORIGINS"):
        read_config({"TOCSIN_CORS_ORIGINS": f"https://desk.example.com {text}"})
