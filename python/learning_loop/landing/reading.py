"""Reads a landing file once to its end, so that one broken file never costs the rest of the night.

What the night then loads is lines, a row each: the file itself, where DuckDB reads it as this module does, else a
private copy in the one form that both read alike.
"""

from __future__ import annotations

import codecs
import csv
import errno
import functools
import io
import json
import os
import re
import shutil
import stat as modes
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import IO, BinaryIO

import duckdb
import pyarrow as pa
from isal import igzip, isal_zlib

from learning_loop.landing import parquet
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import has_pattern, kind_of

CHUNK_BYTES = 4 << 20
MAX_LINE_BYTES = 4 << 20  # a row's text may be 1 MiB; a longer line can hold no good row, and costs its buffer
WAITING = '"a last record without the end of its line"'  # no row, like every last line that is still being written
BOM = "\ufeff"


class NoRoom(Exception):
    """A file unpacks to more than there is room for."""


UNREADABLE: tuple[type[Exception], ...] = (
    OSError, EOFError, zlib.error, isal_zlib.error, duckdb.Error, pa.ArrowException, csv.Error, ValueError,  # type: ignore[assignment]
    NoRoom, RecursionError,
)  # fmt: skip
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Checked:
    """A file after the check: where to read it, whether its last line still lacks its newline, or why it can't be."""

    path: Path
    is_gzip: bool
    is_open_ended: bool
    error: str | None = None


class Room:
    """How many bytes the copies of one night may take together, and any one file unpacked."""

    def __init__(self, limit: int) -> None:
        """Give this many bytes."""
        self.limit = limit
        self._left = limit
        self._lock = threading.Lock()

    @classmethod
    def beside(cls, folder: Path) -> Room:
        """Return half the room that the disk of `folder` has, but no more than LEARNING_LOOP_TEMP_LIMIT."""
        there = next(path for path in (folder, *folder.parents) if path.is_dir())
        said = os.environ.get("LEARNING_LOOP_TEMP_LIMIT") or "50GB"
        found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?)(i?)B?\s*", said, re.IGNORECASE)
        allowed = (
            float(found[1]) * (1024 if found[3] else 1000) ** "_kmgt".index(found[2].lower() or "_") if found else 5e10
        )
        return cls(int(min(shutil.disk_usage(there).free / 2, allowed)))

    def take(self, size: int) -> None:
        """Use up `size` bytes.

        Raises:
            NoRoom: they are not there.
        """
        with self._lock:
            self._left -= size
            if self._left < 0:
                raise NoRoom


def check(
    path: Path,
    copy: Path,
    kind: str | None = None,
    feed: Feed | None = None,
    room: Room | None = None,
    is_settled: bool = False,
) -> Checked:
    """Read ``path`` once to its end and say where the night finds its lines: there, or in ``copy``, another form of it.

    A line that is no UTF-8 or longer than MAX_LINE_BYTES becomes a line that is no JSON, in its place, so that line
    numbers stand and the row is quarantined like any other. A gzip of a form that DuckDB refuses is unpacked. A record
    of CSV, an element of a JSON array and a row of Parquet become a line each; a document (run.json) becomes one line.

    Args:
        path: the file, which may be a link; nothing but a regular file is opened.
        copy: where to write its lines, should it be needed.
        kind: how it is read; by its name when absent.
        feed: whose columns it may hold, which are found whatever their case (Parquet).
        room: what the copies may take; by the disk when absent.
        is_settled: the file is what it was a night ago, so that its last record is whole.
    """
    kind = kind or kind_of(path.name) or "lines"
    is_gzip = path.name.lower().endswith(".gz")
    room = room or Room.beside(copy.parent)
    if not (has_pattern(path) and has_pattern(copy)):
        return Checked(path, is_gzip, False, "ValueError: its path holds a backslash beside one of * ? [")
    try:
        if kind == "json" and _is_array(path, is_gzip):
            try:
                with _open(path, is_gzip) as file:
                    _write(copy, room, _array_to_lines(_text(file, "\n")))
                return Checked(copy, False, True)
            except _NoArrayError:
                pass
        if kind in ("lines", "json"):
            is_clean, is_open_ended = _scan(path, is_gzip, room)
            if is_clean:
                return Checked(path, is_gzip, is_open_ended)
            with _open(path, is_gzip) as file:
                _write(copy, room, _repaired(file))
            return Checked(copy, False, is_open_ended)
        if kind == "csv":
            with _open(path, is_gzip) as file:
                _write(copy, room, _csv_to_lines(_text(file, ""), is_settled))
            return Checked(copy, False, not is_settled)
        with _open_regular(path) as file:
            if kind == "document":
                _write(copy, room, [_document_to_line(file)])
                # A run may still be writing it: what is no JSON yet is looked at again tomorrow.
                return Checked(copy, False, True)
        _write(copy, room, parquet.lines(path, feed, MAX_LINE_BYTES))
        return Checked(copy, False, False)
    except UNREADABLE as error:
        copy.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
            raise
        return Checked(path, is_gzip, False, _explained(error))


def lines(path: Path, is_gzip: bool) -> Iterator[str]:
    """Yield the lines of a file that `check` has read or copied, without their ends."""
    with _open(path, is_gzip) as file:
        for line in file:
            yield line.decode().removeprefix(BOM).rstrip("\r\n")


def _explained(error: Exception) -> str:
    """Say why a file cannot be read: never in the words of a library, which may quote what stands in the file."""
    if isinstance(error, NoRoom):
        return "NoRoom: it unpacks to more than there is room for"
    if isinstance(error, OSError) and error.errno and error.strerror:
        return f"{type(error).__name__}: {os.strerror(error.errno)}"
    return f"{type(error).__name__}: it cannot be read to its end"


def _open_regular(path: Path) -> BinaryIO:
    """Open a regular file, and nothing else: a pipe would wait for ever, and a link may have been put in its place."""
    handle = os.open(os.path.realpath(path), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not modes.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    return os.fdopen(handle, "rb")


class _Unpacked(igzip.IGzipFile):  # type: ignore[misc]
    """A gzip that closes its file with itself."""

    def __init__(self, packed: BinaryIO) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


def _open(path: Path, is_gzip: bool) -> IO[bytes]:
    file = _open_regular(path)
    return io.BufferedReader(_Unpacked(file), 1 << 20) if is_gzip else file


def _text(file: IO[bytes], newline: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline=newline)


def _write(copy: Path, room: Room, rows: Iterable[str | bytes]) -> None:
    """Write a private copy, a row a line: what a landing file says of persons, nobody else reads here."""
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(copy, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as out:
        batch: list[bytes] = []
        size = 0
        for row in rows:
            line = row if isinstance(row, bytes) else row.encode(errors="replace")
            batch.append(line)
            size += len(line) + 1
            if size > 1 << 20:
                room.take(size)
                out.write(b"\n".join(batch) + b"\n")
                batch, size = [], 0
        if batch:
            room.take(size)
            out.write(b"\n".join(batch) + b"\n")


def _scan(path: Path, is_gzip: bool, room: Room) -> tuple[bool, bool]:
    """Return (DuckDB reads all lines: UTF-8 of bearable length, in a form it knows; the last byte is no newline)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    carried, size, last, is_clean = 0, 0, b"\n", True
    with _open(path, is_gzip) as file:
        while chunk := file.read(CHUNK_BYTES):
            if chunk.endswith(b"\r"):
                chunk += file.read(1)
            last = chunk[-1:]
            size += len(chunk)
            if is_gzip and size > room.limit:
                raise NoRoom
            if not is_clean:
                continue  # a gzip must still be read to its end: only its last bytes say that it is whole
            first = chunk.find(b"\n")
            # DuckDB takes the one for the end of a column, the other for that of a line, and loses what follows.
            is_clean = b"\x01" not in chunk and chunk.count(b"\r") == chunk.count(b"\r\n")
            is_clean = is_clean and carried + (len(chunk) if first < 0 else first) <= MAX_LINE_BYTES
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
    with _open_regular(path) as file:
        flags = file.read(4)[3]
        file.seek(-4, os.SEEK_END)
        return flags & ~0x08 == 0 and int.from_bytes(file.read(), "little") == size % 2**32


def _repaired(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(MAX_LINE_BYTES + 1):
        length = len(line)
        if length > MAX_LINE_BYTES and not line.endswith(b"\n"):
            head = line[:2000]
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE_BYTES)
                length += len(line)
            yield _marker("line_too_long", f"{length} bytes", head)
            continue
        try:
            text = line.decode().removeprefix(BOM).removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            yield _marker("not_utf8", f"byte {error.start + 1}: {error.reason}", line)
            continue
        if "\x01" in text or "\r" in text:
            try:
                json.loads(text, parse_int=str, parse_float=str)
            except (ValueError, RecursionError):
                yield _marker("not_json", "a control character", line)
            else:
                yield text.replace("\r", " ").encode()
        else:
            # A sender's line is none of the marks that stand in for lines: it is no JSON all the same.
            yield (" " + text if text.startswith("!") else text).encode()


def _document_to_line(file: IO[bytes]) -> bytes:
    """Return a JSON file as one line. Line breaks in JSON are white space: within its texts they are escaped."""
    content = file.read(MAX_LINE_BYTES + 1)
    if len(content) > MAX_LINE_BYTES:
        return _marker("line_too_long", f"{os.fstat(file.fileno()).st_size} bytes", content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _marker("not_utf8", f"byte {error.start + 1}: {error.reason}", content)
    return text.replace("\n", " ").replace("\r", " ").replace("\x01", "\x02").strip().encode()


def _marker(defect: str, detail: str, line: bytes) -> bytes:
    """Return the stand-in for a line that cannot be read: no JSON, with the defect and what can be shown of it."""
    text = line[:2000].decode(errors="replace").translate(str.maketrans("\n\r\x01", "   "))
    return f"!{defect}!{detail}!{text}".encode()


class _NoArrayError(Exception):
    """What stands in the file is more than one array."""


def _is_array(path: Path, is_gzip: bool) -> bool:
    with _open(path, is_gzip) as file:
        return file.read(1 << 16).removeprefix(BOM.encode()).lstrip()[:1] == b"["


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
    source = _Lines(file)
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


class _Lines:
    """Lines of bounded length that can be put back, and which of them were taken since."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._next = functools.partial(file.readline, MAX_LINE_BYTES + 1)
        self._back: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
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
