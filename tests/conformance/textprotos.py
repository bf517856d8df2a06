"""Reads the tests of the CEL specification: protobuf's text format, by the messages that the specification itself defines.

Only `make conformance` imports this: its packages are in an environment of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    text_format,
    timestamp_pb2,
)
from grpc_tools import protoc

from schemas.types import BOOLEAN, DATETIME, DURATION, INTEGER, NUMBER, STRING, list_of
from tests.conformance.cel import ERROR, CelTest, Foreign

FILE = "cel.expr.conformance.test.SimpleTestFile"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PROTOBUF = "protobuf messages and enums"
DYNAMIC = "conversions, `dyn` and types as values"
_FOREIGN = {
    "null_value": "`null`",
    "null": "`null`",
    "uint64_value": "unsigned integers",
    "bytes_value": "bytes",
    "map_value": "maps",
    "map_type": "maps",
    "type_value": DYNAMIC,
    "message_type": PROTOBUF,
    "wrapper": PROTOBUF,
    "enum_value": PROTOBUF,
}
_TYPES = {
    ("primitive", 1): BOOLEAN,
    ("primitive", 2): INTEGER,
    ("primitive", 4): NUMBER,
    ("primitive", 5): STRING,
    ("well_known", 2): DATETIME,
    ("well_known", 3): DURATION,
    ("primitive", 3): Foreign("unsigned integers"),
    ("primitive", 6): Foreign("bytes"),
}


def tests_of(folder: Path) -> Iterator[tuple[str, Any]]:
    """Each test of the cloned repository with its name: file, section, test."""
    pool = _definitions(folder / "proto")
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName(FILE))
    for path in sorted((folder / "tests" / "simple" / "testdata").glob("*.textproto")):
        parsed = text_format.Parse(path.read_text("utf-8"), message(), descriptor_pool=pool)
        for section in parsed.section:
            for test in section.test:
                yield f"{path.stem}/{section.name}/{test.name}", test


def _definitions(protos: Path) -> descriptor_pool.DescriptorPool:
    """The definitions of messages. They are compiled now, so that none is copied into this repository."""
    sources = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
    with TemporaryDirectory() as made:
        compiled = Path(made) / "descriptors"
        included = files("grpc_tools") / "_proto"
        arguments = [f"-I{protos}", f"-I{included}", f"--descriptor_set_out={compiled}"]
        if protoc.main(["protoc", *arguments, "--include_imports", *sources]):
            raise OSError(f"{protos} has no definitions that can be compiled")
        found = descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in found.file:
        pool.Add(file)
    return pool


def read_tests(folder: Path) -> Iterator[CelTest]:
    for name, test in tests_of(folder):
        yield CelTest(
            name,
            test.expr,
            _expected(test),
            facts={key: _value(bound.value) for key, bound in test.bindings.items()},
            types={one.name: _type(one) for one in test.type_env},
            container=test.container,
        )


def _expected(test: Any) -> Any:
    kind = test.WhichOneof("result_matcher")
    if kind in ("eval_error", "any_eval_errors"):
        return ERROR
    if kind == "typed_result":
        if test.check_only:
            return _of_type(test.typed_result.deduced_type)
        return _value(test.typed_result.result)
    return True if kind is None else _value(test.value)


def _value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind in ("int64_value", "double_value", "string_value", "bool_value"):
        return getattr(value, kind)
    if kind == "list_value":
        return tuple(map(_value, value.list_value.values))
    if kind == "object_value":
        return _object(value.object_value)
    return Foreign(_FOREIGN.get(kind, PROTOBUF))


def _object(packed: Any) -> Any:
    for message in (duration_pb2.Duration(), timestamp_pb2.Timestamp()):
        if packed.Unpack(message):
            microseconds = message.seconds * 10**6 + message.nanos // 1000
            span = timedelta(microseconds=microseconds)
            return span if "Duration" in packed.type_url else EPOCH + span
    return Foreign(PROTOBUF)


def _type(declared: Any) -> Any:
    if declared.WhichOneof("decl_kind") == "function":
        return Foreign("functions that a test declares")
    return _of_type(declared.ident.type)


def _of_type(type_: Any) -> Any:
    kind = type_.WhichOneof("type_kind")
    if kind == "list_type":
        item = _of_type(type_.list_type.elem_type)
        return item if isinstance(item, Foreign) else list_of(item)
    known = (
        _TYPES.get((kind, getattr(type_, kind))) if kind in ("primitive", "well_known") else None
    )
    return known or Foreign(_FOREIGN.get(kind, DYNAMIC))
