"""Reads a landing file once to its end, so that one broken file never costs the rest of the night."""

from __future__ import annotations

import codecs
import csv
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from isal import igzip, isal_zlib

from learning_loop.landing.folder import format_of, path_pattern

CHUNK_BYTES = 4 << 20
MAX_LINE_BYTES = 4 << 20  # a row's text may be 1 MiB; a longer line can hold no good row, and costs its buffer
UNREADABLE: tuple[type[Exception], ...] = (
    OSError, EOFError, zlib.error, isal_zlib.error, duckdb.Error, csv.Error, ValueError,  # type: ignore[assignment]
)  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A file after the check: where to read it, whether its last line still lacks its newline, or why it can't be."""

    path: Path
    is_gzip: bool
    is_open_ended: bool
    error: str | None = None


def check(path: Path, repaired: Path) -> Checked:
    """Read ``path`` once to its end and say whether DuckDB can; write ``repaired`` where it needs another form.

    A line that is no UTF-8 or longer than MAX_LINE_BYTES becomes a line that is no JSON, in its place, so that line
    numbers stand and the row is quarantined like any other. A gzip of a form that DuckDB refuses is unpacked. CSV
    becomes JSON lines, a record each; a document (run.json) becomes one line.
    """
    kind = format_of(path.name)
    is_gzip = path.name.endswith(".gz")
    try:
        if kind == "parquet":
            _read_parquet_once(path)
            return Checked(path, False, False)
        if kind == "csv":
            _csv_to_lines(path, repaired)
            return Checked(repaired, False, False)
        if kind == "document":
            _document_to_line(path, repaired)
            # A run may still be writing it: what is no JSON yet is looked at again tomorrow.
            return Checked(repaired, False, True)
        is_clean, is_open_ended = _scan(path, is_gzip)
        if is_clean:
            return Checked(path, is_gzip, is_open_ended)
        _repair(path, is_gzip, repaired)
        return Checked(repaired, False, is_open_ended)
    except UNREADABLE as error:
        return Checked(path, is_gzip, False, f"{type(error).__name__}: {_without_path(error, path)}"[:500])


def _open(path: Path, is_gzip: bool) -> igzip.IGzipFile:
    return igzip.open(path, "rb") if is_gzip else path.open("rb")


def lines(path: Path, is_gzip: bool) -> Iterator[str]:
    """Yield the lines of a file that `check` has read or repaired, without their ends."""
    with _open(path, is_gzip) as file:
        for line in file:
            yield line.decode().rstrip("\n")


def parquet_rows(path: Path) -> list[str]:
    """Return the rows of a Parquet file as JSON texts."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select to_json(file_row)::varchar from read_parquet(?, hive_partitioning = false) as file_row",
            [path_pattern(path)],
        ).fetchall()
    return [row for (row,) in rows]


def _read_parquet_once(path: Path) -> None:
    """Raise duckdb.Error unless DuckDB can read every value, as the night will: a good footer says little."""
    with duckdb.connect(config={"threads": 1, "memory_limit": "1GB"}) as connection:
        connection.execute(
            "select count(to_json(file_row)::varchar) from read_parquet($1, hive_partitioning = false) as file_row",
            [path_pattern(path)],
        ).fetchall()


def _scan(path: Path, is_gzip: bool) -> tuple[bool, bool]:
    """Return (DuckDB reads all lines: UTF-8 of bearable length, in a form it knows; the last byte is no newline)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    carried, size, last, is_clean = 0, 0, b"\n", True
    with _open(path, is_gzip) as file:
        while chunk := file.read(CHUNK_BYTES):
            last = chunk[-1:]
            size += len(chunk)
            if not is_clean:
                continue  # a gzip must still be read to its end: only its last bytes say that it is whole
            first = chunk.find(b"\n")
            is_clean = carried + (len(chunk) if first < 0 else first) <= MAX_LINE_BYTES
            carried = carried + len(chunk) if first < 0 else len(chunk) - chunk.rfind(b"\n") - 1
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_clean = False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        is_clean = False
    return is_clean and (not is_gzip or _is_one_plain_member(path, size)), last != b"\n"


def _is_one_plain_member(path: Path, size: int) -> bool:
    """Say whether a whole gzip of ``size`` bytes is one member (RFC 1952) with no field but a name, and no padding.

    DuckDB refuses an empty file, other fields (bgzip writes one) and padding, and with them the whole night.
    """
    if size == 0:
        return False
    with path.open("rb") as file:
        flags = file.read(4)[3]
        file.seek(-4, os.SEEK_END)
        return flags & ~0x08 == 0 and int.from_bytes(file.read(), "little") == size % 2**32


def _repair(path: Path, is_gzip: bool, repaired: Path) -> None:
    repaired.parent.mkdir(parents=True, exist_ok=True)
    with _open(path, is_gzip) as file, repaired.open("wb") as out:
        while line := file.readline(MAX_LINE_BYTES + 1):
            length = len(line)
            if length > MAX_LINE_BYTES and not line.endswith(b"\n"):
                head = line[:2000]
                while line and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE_BYTES)
                    length += len(line)
                out.write(_marker("line_too_long", f"{length} bytes", head))
                continue
            try:
                line.decode()
                out.write(line)
            except UnicodeDecodeError as error:
                out.write(_marker("not_utf8", f"byte {error.start + 1}: {error.reason}", line))


def _document_to_line(path: Path, repaired: Path) -> None:
    """Write a JSON file as one line. Line breaks in JSON are white space: within its texts they are escaped."""
    repaired.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file:
        content = file.read(MAX_LINE_BYTES + 1)
    if len(content) > MAX_LINE_BYTES:
        line = _marker("line_too_long", f"{path.stat().st_size} bytes", content)
    else:
        try:
            content.decode()
            line = b" ".join(content.split(b"\n")).replace(b"\r", b" ").strip() + b"\n"
        except UnicodeDecodeError as error:
            line = _marker("not_utf8", f"byte {error.start + 1}: {error.reason}", content)
    repaired.write_bytes(line)


def _marker(defect: str, detail: str, line: bytes) -> bytes:
    """Return the stand-in for a line that cannot be read: no JSON, with the defect and what can be shown of it."""
    text = line[:2000].decode(errors="replace").replace("\n", " ").replace("\r", " ")
    return f"!{defect}!{detail}!{text}\n".encode()


def _csv_to_lines(path: Path, repaired: Path) -> None:
    repaired.parent.mkdir(parents=True, exist_ok=True)
    csv.field_size_limit(MAX_LINE_BYTES)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file, repaired.open("wb") as out:
        records = csv.reader(line.replace("\0", "\\u0000") for line in file)
        header = next(records, [])
        for record in records:
            if not record:
                out.write(b"\n")
            elif len(record) != len(header):
                detail = f"{len(record)} fields, the header has {len(header)}"
                out.write(_marker("ragged_record", detail, ",".join(record).encode(errors="replace")))
            else:
                text = json.dumps({key: value for key, value in zip(header, record, strict=True) if value})
                if "\\udc" in text and any("\udc80" <= c <= "\udcff" for value in record for c in value):
                    out.write(_marker("not_utf8", "a field", ",".join(record).encode(errors="replace")))
                else:
                    out.write(text.encode() + b"\n")


def _without_path(error: Exception, path: Path) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said.splitlines()[0].replace(str(path), path.name) if said else ""
