"""Reads a landing file once to its end, so that one broken file never costs the rest of the night.

What the night then loads is what was read here: the lines of a private copy, a row each.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import functools
import io
import json
import os
import re
import stat as modes
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import IO, Any, BinaryIO

import duckdb
import numpy as np
import pyarrow as pa
from isal import igzip, isal_zlib

from learning_loop.landing import copies, parquet
from learning_loop.landing.copies import NoRoom, Room
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import has_pattern, kind_of

CHUNK_BYTES = 4 << 20
MAX_LINE_BYTES = 4 << 20  # a row's text may be 1 MiB; a longer line can hold no good row, and costs its buffer
WAITING = '"a last record without the end of its line"'  # no row, like every last line that is still being written
BOM = "\ufeff"
ODD_FIRSTS = [ord("!"), BOM.encode()[0]]
UNREADABLE: tuple[type[Exception], ...] = (
    OSError, EOFError, zlib.error, isal_zlib.error, duckdb.Error, pa.ArrowException, csv.Error, ValueError,  # type: ignore[assignment]
    NoRoom, RecursionError,
)  # fmt: skip
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Checked:
    """A file after the check: the lines of its copy, whether the last may still grow, or why it can't be read."""

    line_count: int
    is_open_ended: bool = False
    error: str | None = None


def check(
    path: Path,
    copy: Path,
    kind: str | None = None,
    feed: Feed | None = None,
    room: Room | None = None,
    is_settled: bool = False,
    root: Path | None = None,
    source_file: str | None = None,
) -> Checked:
    """Read ``path`` once to its end, and write its lines to ``copy``: what the night loads is what was read here.

    A line that is no UTF-8 or longer than MAX_LINE_BYTES becomes a line that is no JSON, in its place, so that line
    numbers stand and the row is quarantined like any other. A record of CSV, an element of a JSON array and a row of
    Parquet are a line each; a document (run.json) is one line.

    Args:
        path: the file, which may be a link; nothing but a regular file below ``root`` is opened.
        copy: where to write its lines; of a file without any, and of one that cannot be read, there is no copy.
        kind: how it is read; by its name when absent.
        feed: whose columns it may hold, which are found whatever their case (Parquet).
        room: what the copies may take; by the disk when absent.
        is_settled: the file is what it was a night ago, so that its last record is whole.
        root: the landing folder; the file's own when absent.
        source_file: what the ledger calls the file; by its place below ``root`` when absent.
    """
    kind = kind or kind_of(path.name) or "lines"
    root, room = root or path.parent, room or Room.beside(copy.parent)
    if not has_pattern(copy):
        return Checked(0, error="ValueError: the path of its copy holds a backslash beside one of * ? [")
    source = _Source(root, path, room)

    def written(lines: Iterable[pa.Array]) -> int:
        return copies.write(copy, source_file or path.relative_to(root).as_posix(), room, lines)

    try:
        if kind == "json" and source.is_array():
            with contextlib.suppress(_NoArrayError), source.open() as file:
                return Checked(written(copies.as_texts(_array_to_lines(_text(file, "\n")))), True)
        if kind in ("lines", "json"):
            with source.open() as file:
                lines = _Lines(file)
                return Checked(written(lines), lines.is_open_ended)
        if kind == "csv":
            with source.open() as file:
                return Checked(written(copies.as_texts(_csv_to_lines(_text(file, ""), is_settled))), not is_settled)
        with source.open_packed() as file:
            if kind == "document":
                # A run may still be writing it: what is no JSON yet is looked at again tomorrow.
                return Checked(written(copies.as_texts([_document_to_line(file)])), True)
            return Checked(written(parquet.lines(f"/dev/fd/{file.fileno()}", feed, MAX_LINE_BYTES)))
    except UNREADABLE as error:
        copy.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
            raise
        return Checked(0, error=_explained(error))


def _explained(error: Exception) -> str:
    """Say why a file cannot be read: never in the words of a library, which may quote what stands in the file."""
    if isinstance(error, NoRoom):
        return "NoRoom: it unpacks to more than there is room for"
    if isinstance(error, OSError) and error.errno and error.strerror:
        return f"{type(error).__name__}: {os.strerror(error.errno)}"
    return f"{type(error).__name__}: it cannot be read to its end"


def open_below(root: Path, path: Path) -> BinaryIO:
    """Open a regular file below a folder, and nothing else: a pipe would wait for ever.

    Where links lead is asked once, and the way there is then gone without following any: a folder or a file may have
    become a link since the folder was listed.

    Raises:
        OSError: it is none, or lies elsewhere.
    """
    top = os.path.realpath(root)
    steps = Path(os.path.relpath(os.path.realpath(path), top)).parts
    if steps[0] == os.pardir:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    at = os.open(top, FOLDER)
    try:
        for step in steps[:-1]:
            inner = os.open(step, FOLDER, dir_fd=at)
            os.close(at)
            at = inner
        handle = os.open(steps[-1], os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)
    finally:
        os.close(at)
    if not modes.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return os.fdopen(handle, "rb")


class _Source:
    """A landing file that is opened as it is, or unpacked."""

    def __init__(self, root: Path, path: Path, room: Room) -> None:
        self._root, self._path, self._room = root, path, room

    def open_packed(self) -> BinaryIO:
        return open_below(self._root, self._path)

    def open(self) -> IO[bytes]:
        file = self.open_packed()
        if not self._path.name.lower().endswith(".gz"):
            return file
        return io.BufferedReader(_Unpacked(file, self._room.limit), 1 << 20)

    def is_array(self) -> bool:
        with self.open() as file:
            return file.read(1 << 16).removeprefix(BOM.encode()).lstrip()[:1] == b"["


class _Unpacked(igzip.IGzipFile):  # type: ignore[misc]
    """A gzip that closes its file with itself, and unpacks to no more than there is room for."""

    def __init__(self, packed: BinaryIO, limit: int) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed
        self._left = limit

    def readinto(self, into: Any) -> int:
        count: int = super().readinto(into)
        self._left -= count
        if self._left < 0:
            raise NoRoom
        return count

    def close(self) -> None:
        super().close()
        self._packed.close()


def _text(file: IO[bytes], newline: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=newline)


class _Lines:
    """The lines of a file as arrays of texts, some MB at a time, and whether the last one lacks its end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.is_open_ended = False

    def __iter__(self) -> Iterator[pa.Array]:
        rest = b""
        while chunk := self._read():
            cut = chunk.rfind(b"\n") + 1
            if not cut and len(rest) + len(chunk) > MAX_LINE_BYTES:
                stand_in, chunk = self._pass_over(rest + chunk)
                yield from copies.as_texts([stand_in])
                rest, cut = b"", chunk.rfind(b"\n") + 1
            if cut:
                yield _lines(b"".join((rest, memoryview(chunk)[:cut])))
                rest = b""
            rest += chunk[cut:]
        if rest:
            yield _lines(rest + b"\n")

    def _read(self) -> bytes:
        chunk = self._file.read(CHUNK_BYTES)
        if chunk:
            self.is_open_ended = not chunk.endswith(b"\n")
        return chunk

    def _pass_over(self, start: bytes) -> tuple[bytes, bytes]:
        """Return what stands in for a line of which this is the start, and what was read of those after it."""
        length, end = len(start), 0
        while not end and (chunk := self._read()):
            end = chunk.find(b"\n") + 1
            length += end or len(chunk)
        return _too_long(length, start), chunk[end:] if end else b""


def _lines(block: bytes) -> pa.Array:
    """Return the lines of a block, without their ends: none of them is looked at by itself.

    But in a block in which something is odd: bytes that are no UTF-8, a line that is too long, begins with a BOM,
    or that looks like a stand-in for a line and is none.
    """
    text = block.replace(b"\r\n", b"\n") if b"\r" in block else block
    signs = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    firsts = signs[np.append(0, ends[:-1] + 1)]
    places = np.zeros(len(ends) + 1, np.int32)
    places[1:] = ends - np.arange(len(ends))
    parts = [None, pa.py_buffer(places), pa.py_buffer(text.replace(b"\n", b""))]
    found = pa.Array.from_buffers(pa.string(), len(ends), parts)
    if np.diff(places).max() <= MAX_LINE_BYTES and not np.isin(firsts, ODD_FIRSTS).any():
        with contextlib.suppress(pa.ArrowInvalid):
            found.validate(full=True)
            return found
    return pa.concat_arrays(copies.as_texts(_mended(line) for line in text.split(b"\n")[:-1]))


def _mended(line: bytes) -> bytes:
    if len(line) > MAX_LINE_BYTES:
        return _too_long(len(line) + 1, line)
    try:
        text = line.decode().removeprefix(BOM)
    except UnicodeDecodeError as error:
        return _marker("not_utf8", f"byte {error.start + 1}: {error.reason}", line)
    # A sender's line is none of the marks that stand in for lines: it is no JSON all the same.
    return (" " + text if text.startswith("!") else text).encode()


def _too_long(length: int, start: bytes) -> bytes:
    return _marker("line_too_long", f"{length} bytes", start)


def _document_to_line(file: IO[bytes]) -> bytes:
    """Return a JSON file as one line. Line breaks in JSON are white space: within its texts they are escaped."""
    content = file.read(MAX_LINE_BYTES + 1)
    if len(content) > MAX_LINE_BYTES:
        return _marker("line_too_long", f"{os.fstat(file.fileno()).st_size} bytes", content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _marker("not_utf8", f"byte {error.start + 1}: {error.reason}", content)
    line = text.replace("\n", " ").replace("\r", " ").strip()
    return (" " + line if line.startswith("!") else line).encode()  # a sender's text is none of the stand-ins


def _marker(defect: str, detail: str, line: bytes) -> bytes:
    """Return the stand-in for a line that cannot be read: no JSON, with the defect and what can be shown of it."""
    text = line[:2000].decode(errors="replace").translate(str.maketrans("\n\r", "  "))
    return f"!{defect}!{detail}!{text}".encode()


class _NoArrayError(Exception):
    """What stands in the file is more than one array."""


_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


def _array_to_lines(file: IO[str]) -> Iterator[str | bytes]:
    """Yield the elements of a JSON array, a line each, as they stand in the file.

    What follows the place where an array breaks off is one line that is no JSON.

    Raises:
        _NoArrayError: text follows the array.
    """
    text, at, is_end = "", 0, False

    def skip(at: int) -> int:
        nonlocal text, is_end
        while (at := _SPACE.match(text, at).end()) == len(text) and not is_end:  # type: ignore[union-attr]
            more = file.read(1 << 20)
            text, is_end = text + more, not more
        return at

    at = skip(skip(0) + 1)
    while text[at : at + 1] != "]":
        try:
            end = _DECODER.raw_decode(text, at)[1]
        except (ValueError, RecursionError):
            end = -1
        if (end < 0 or end == len(text)) and not is_end and len(text) - at <= MAX_LINE_BYTES:
            more = file.read(1 << 20)
            text, is_end = text + more, not more
            continue
        if end < 0:
            break
        yield _element(text[at:end])
        at = skip(end)
        if text[at : at + 1] == ",":
            at = skip(at + 1)
        elif text[at : at + 1] != "]":
            break
        if at > 1 << 20:
            text, at = text[at:], 0
    if text[at : at + 1] == "]":
        if skip(at + 1) < len(text):
            raise _NoArrayError
    elif at < len(text):
        yield _marker("not_json", "the array breaks off here", text[at : at + 2000].encode(errors="replace"))


def _element(text: str) -> str | bytes:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return _marker("not_utf8", "an element", text.encode(errors="replace"))
    if size > MAX_LINE_BYTES:
        return _marker("line_too_long", f"{size} bytes", text[:2000].encode())
    return text.replace("\n", " ").replace("\r", " ")


def _csv_to_lines(file: IO[str], is_settled: bool) -> Iterator[str | bytes]:
    """Yield each record of RFC 4180 as a JSON object, by the names of the header; an empty field is absent.

    A record whose quotes are broken is its first line alone: reading goes on with the next. A last record without the
    end of its line may be half of one, and waits until the file is settled.

    Raises:
        ValueError: there is no telling what the header says.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    source = _Records(file)
    header = next((line for line in source if line.strip("\r\n")), "")
    delimiter = max(",;\t", key=lambda sign: len(_split(header, sign)))
    names = [name.strip() for name in _split(header, delimiter)]
    if header.count('"') % 2 or len(header) > MAX_LINE_BYTES:
        raise ValueError
    keys = [(at, quoted(name) + ": ") for at, name in enumerate(names) if name not in names[:at]]
    records = csv.reader(source, strict=True, delimiter=delimiter)
    for line in source:
        if len(line) > MAX_LINE_BYTES:
            yield _marker("line_too_long", f"over {MAX_LINE_BYTES} characters", line[:2000].encode(errors="replace"))
            source.skip_line(line)
            continue
        source.taken = [line]
        if '"' in line:
            source.put_back(source.taken)
            try:
                record = next(records)
            except csv.Error:
                line, *rest = source.taken
                source.put_back(rest)
                if not is_settled and not line.endswith(("\n", "\r")):
                    yield WAITING
                else:
                    yield _marker("bad_quoting", "a quote that does not close its field", line.encode(errors="replace"))
                continue
        else:
            record = line.removeprefix(BOM).rstrip("\r\n").split(delimiter)
        if not is_settled and not source.taken[-1].endswith(("\n", "\r")):
            yield WAITING
        elif record == [""] or not record:
            yield ""
        elif len(record) != len(names):
            detail = f"{len(record)} fields, the header has {len(names)}"
            yield _marker("ragged_record", detail, "".join(source.taken).encode(errors="replace"))
        else:
            yield _object(record, keys)


def _object(record: list[str], keys: list[tuple[int, str]]) -> str | bytes:
    text = "{" + ", ".join([key + quoted(record[at]) for at, key in keys if record[at]]) + "}"
    if "\\u0000" in text:
        # As a NUL it would be cut off; a text that says so of itself is told apart by its own backslash.
        text = (
            "{" + ", ".join([key + quoted(record[at].replace("\0", "\\u0000")) for at, key in keys if record[at]]) + "}"
        )
    if "\\udc" in text and any("\udc80" <= sign <= "\udcff" for value in record for sign in value):
        return _marker("not_utf8", "a field", ",".join(record).encode(errors="replace"))
    return text


def _split(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        return []


class _Records:
    """Lines of bounded length that can be put back, and which of them were taken since."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._next = functools.partial(file.readline, MAX_LINE_BYTES + 1)
        self._back: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> _Records:
        return self

    def __next__(self) -> str:
        line = self._back.pop() if self._back else self._next()
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def put_back(self, lines: list[str]) -> None:
        """Have these lines come again."""
        self._back += reversed(lines)
        self.taken = []

    def skip_line(self, piece: str) -> None:
        """Pass over what is left of a line of which a piece was read."""
        while piece and not piece.endswith(("\n", "\r")):
            piece = self._next()
