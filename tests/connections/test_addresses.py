"""The forms of TOCSIN_BIND: which are read, which are refused, and where a client on the same machine asks."""

from __future__ import annotations

import pytest

from service.server.listening.addresses import BindError, TcpAddress, read_bind

GOOD = [
    ("127.0.0.1:8000", ["127.0.0.1:8000"]),
    ("localhost:0", ["localhost:0"]),
    ("tocsin.example:65535", ["tocsin.example:65535"]),
    ("[::1]:8000", ["[::1]:8000"]),
    ("[::]:8000", ["[::]:8000"]),
    ("unix:/run/tocsin.sock", ["unix:/run/tocsin.sock"]),
    ("unix:///run/tocsin.sock", ["unix:/run/tocsin.sock"]),
    ("127.0.0.1:8000, unix:/a,[::1]:80", ["127.0.0.1:8000", "unix:/a", "[::1]:80"]),
]
WRONG = [
    "8101",
    "127.0.0.1",
    "127.0.0.1:99999",
    "127.0.0.1:65536",
    "127.0.0.1:http",
    "127.0.0.1:-1",
    "127.0.0.1:٣",
    "127.0.0.1:80:90",
    ":8000",
    "::1:8000",
    "[::1]",
    "[::g]:8000",
    "[127.0.0.1]:8000",
    "http://127.0.0.1:8000",
    "tcp://127.0.0.1:8000",
    "fd://3",
    "unix:",
    "127.0.0.1:8000,",
    " ",
    "a b:80",
]


@pytest.mark.parametrize(("text", "shown"), GOOD)
def test_a_well_formed_address_is_read_and_shown_as_it_is(text: str, shown: list[str]) -> None:
    assert [str(address) for address in read_bind(text, "TOCSIN_BIND")] == shown


@pytest.mark.parametrize("text", WRONG)
def test_another_form_is_refused_with_the_forms_that_are_allowed(text: str) -> None:
    with pytest.raises(BindError) as refused:
        read_bind(text, "TOCSIN_BIND")
    assert str(refused.value) == (
        f"TOCSIN_BIND is {text!r}, but must be HOST:PORT, [IPV6]:PORT or unix:/PATH, "
        "PORT from 0 to 65535; commas separate several"
    )


def test_the_message_is_one_line_whatever_the_setting_is() -> None:
    with pytest.raises(BindError) as refused:
        read_bind("127.0.0.1\n:8000", "TOCSIN_BIND")
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("host", "from_here"),
    [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("10.0.0.7", "10.0.0.7"), ("host", "host")],
)
def test_an_address_that_stands_for_all_is_asked_on_the_loopback(host: str, from_here: str) -> None:
    assert TcpAddress(host, 80).from_here() == TcpAddress(from_here, 80)
