"""The file of TOCSIN_TOKENS: what is read, what is refused in one line, and that no message has a part of it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from service.access.new_token import line_of, new_token
from service.access.token_list import Holder, TokenFileError, read_file, read_tokens
from service.access.token_watcher import TokenWatcher
from service.log_queue import LogQueue
from tests.command import tocsin
from tests.tokens import TOKENS, UNKNOWN, line

POST = line("desk", "post", TOKENS["post"])
DIGEST = POST.split()[2]


def test_a_token_has_its_holder_and_another_text_has_none() -> None:
    found = read_tokens((POST + line("eye", "read", TOKENS["read"])).encode())
    assert found.holder(TOKENS["post"]) == Holder("desk", "post")
    assert found.holder(TOKENS["read"]) == Holder("eye", "read")
    for other in (UNKNOWN, "", DIGEST, TOKENS["post"][:-1], f"{TOKENS['post']} ", "é\udc80"):
        assert found.holder(other) is None


@pytest.mark.parametrize(
    "text",
    [
        f"# the desk\n\n  \n{POST}",
        POST.replace(" ", "\t "),
        f"\ufeff{POST}",
        POST.replace("\n", "\r\n"),
        POST.strip(),
        POST.replace(DIGEST, DIGEST.upper()),
        f"  # 危机\n  {POST}",
    ],
)
def test_comments_empty_lines_and_spaces_say_nothing(text: str) -> None:
    assert read_tokens(text.encode()).holder(TOKENS["post"]) == Holder("desk", "post")


FORM = "a line must be: name role sha256, as 'tocsin token NAME ROLE' prints it"
WRONG = {
    "empty": ("", f"has no token; {FORM}"),
    "only comments": ("# none yet\n", f"has no token; {FORM}"),
    "two fields": ("desk post\n", f"has a mistake in line 1: 2 instead of 3 fields; {FORM}"),
    "the token itself": (
        TOKENS["post"],
        f"has a mistake in line 1: 1 instead of 3 fields; {FORM}",
    ),
    "a comment after it": (f"\n{POST.strip()} # desk", "line 2: 5 instead of 3 fields"),
    "no such role": (POST.replace("post", "write"), "line 1: the role is wrong: it is one of post"),
    "no such name": (POST.replace("desk", "-desk"), "line 1: the name is wrong: it has 1 to 64"),
    "a long name": (POST.replace("desk", "d" * 65), "line 1: the name is wrong"),
    "a short digest": (POST[:-2], "line 1: the third field is no SHA-256 of 64"),
    "a token for a digest": (f"desk post {TOKENS['post']}", "line 1: the third field is no SHA"),
    "a name twice": (
        f"{POST}\n{line('desk', 'read', UNKNOWN)}",
        "line 3: the name of line 1 again: each token needs its own",
    ),
    "a token twice": (
        f"{POST}{POST.replace('desk', 'other')}",
        "line 2: the token of line 1 again: make another for each name",
    ),
    "UTF-16": (POST.encode("utf-16").decode("latin-1"), "line 1: "),
    "too many": (
        "".join(line(f"n{at}", "post", str(at)) for at in range(1001)),
        "has more than 1000 tokens",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_in_one_line_without_a_part_of_it(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(text.encode("latin-1") if "\xff\xfe" in text else text.encode())
    with pytest.raises(TokenFileError) as refused:
        TokenWatcher(path)
    message = str(refused.value)
    assert said in message
    assert message.startswith(f"TOCSIN_TOKENS is '{path}', but that file has ")
    assert len(message.splitlines()) == 1
    assert not re.search(f"{DIGEST[:16]}|{TOKENS['post'][:20]}", message)


READABLE = ". It must be a file that this user can read; 'tocsin token NAME ROLE >> FILE' makes it"


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"#" * (256 * 1024 + 1))
    for name, why in (
        ("missing", "cannot be read: No such file or directory"),
        ("", "cannot be read: it is not a regular file"),
        ("pipe", "cannot be read: it is not a regular file"),
        ("nul\0", "cannot be read: embedded null byte"),
        ("large", "has more than 256 KiB"),
    ):
        with pytest.raises(TokenFileError) as refused:
            read_file(tmp_path / name)
        assert str(refused.value).removesuffix(READABLE) == why


def test_a_token_has_256_random_bits_and_the_log_knows_it() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"tocsin_[A-Za-z0-9_-]{43}", token) for token in made)


def test_no_line_of_the_log_has_a_token_whatever_is_around_it() -> None:
    written: list[bytes] = []

    class Kept:
        def write(self, data: bytes) -> int:
            written.append(data)
            return 0

    queue, token = LogQueue(), new_token()
    for text in (token, f'{{"path": "/{token}/{token}?a={token}"}}', f"危{token}危"):
        queue.put(text, Kept())
    queue.flush(30)
    assert token.encode() not in b"".join(written)
    assert b"".join(written).count("tocsin_…".encode()) == 5


def test_the_command_prints_the_token_for_the_caller_and_the_line_for_the_file(
    tmp_path: Path,
) -> None:
    status, printed, said = tocsin("token", "desk-1", "operate")
    (token,) = re.findall(r"^  (\S+)$", said, re.MULTILINE)
    assert (status, printed) == (0, f"{line_of(token, 'desk-1', 'operate')}\n")
    assert printed == line("desk-1", "operate", token)
    assert read_tokens(printed.encode()).holder(token) == Holder("desk-1", "operate")
    assert "shown only now" in said
    assert "TOCSIN_TOKENS" in said


@pytest.mark.parametrize("wrong", [("-a", "post"), ("a", "admin")])
def test_the_command_makes_no_token_for_a_wrong_name_or_role(wrong: tuple[str, str]) -> None:
    status, printed, said = tocsin("token", "--", *wrong)
    assert (status, printed) == (2, "")
    assert "tocsin_" not in said
