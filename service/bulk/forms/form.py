"""The forms in which answers are written: JSON lines, CSV, Parquet. It must not say where to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal, get_args

from schemas.strict_json import Json, write_json
from service.bulk.errors import BulkUsageError
from service.bulk.forms import csv_table
from service.bulk.forms.columns import TableColumn
from service.bulk.reading.blocks import BlockSize
from service.bulk.reading.compression import Compression, without_ending

FormName = Literal["ndjson", "csv", "parquet"]
FORM_NAMES: tuple[FormName, ...] = get_args(FormName)
_LINES = BlockSize(lines=256, bytes=1024 * 1024)
_PARTS = BlockSize(lines=4096, bytes=32 * 1024 * 1024)
"""Each block is a file, and very many small files are slow to read."""


@dataclass(frozen=True, slots=True)
class Form:
    """`zone` is that of moments in Parquet. Without columns a form needs none."""

    name: FormName
    compression: Compression = Compression.NONE
    columns: Sequence[TableColumn] = ()
    zone: str = "UTC"
    _compressed: Callable[[bytes], bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compressed", self.compression.compressor())

    @property
    def block_size(self) -> BlockSize:
        return _PARTS if self.name == "parquet" else _LINES

    def head(self) -> bytes:
        """What stands before the first block."""
        if self.name != "csv":
            return b""
        return self._compressed(csv_table.header(self.columns))

    def block(self, lines: Iterable[Json]) -> bytes:
        """The lines of one block. The dictionaries are read one after the other, and none is kept."""
        match self.name:
            case "ndjson":
                return self._compressed(b"".join(write_json(line) + b"\n" for line in lines))
            case "csv":
                return self._compressed(csv_table.rows(self.columns, lines))
            case "parquet":
                from service.bulk.forms import (
                    parquet_table,  # pyarrow is an extra, and slow to import
                )

                return parquet_table.part(self.columns, self.zone, lines)


def check_library(form: FormName) -> None:
    """Raises BulkUsageError if this Python cannot write this form."""
    if form == "parquet" and find_spec("pyarrow") is None:
        raise BulkUsageError(
            "--to parquet needs the library pyarrow: pip install --require-hashes -r requirements-parquet.txt"
        )


def form_of_name(place: str) -> FormName:
    """The form that the ending of a name means, such as answers.csv.gz. Otherwise JSON lines."""
    name = without_ending(place)
    return next((form for form in FORM_NAMES if name.endswith(f".{form}")), "ndjson")
