"""Forgetting a person: their rows go from the landing files, and a tombstone keeps them from coming back.

A tombstone is a keyed digest of the person's pseudonym: it tells a row that comes again, and names nobody. The next
night ignores such rows, deletes those it has stored, and computes all marts anew (macros/landing/forget_erased.sql).
"""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import itertools
import json
import lzma
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from learning_loop import atomic
from learning_loop.landing.declaration import Feed, folded, person_keys
from learning_loop.landing.folder import entries, known_feeds, path_pattern

ATTEMPTS = 3
CHUNK_BYTES = 4 << 20
PACKED: dict[bytes, Callable[[Path], IO[bytes]]] = {  # how a packed file begins, and what unpacks it
    b"\x1f\x8b": gzip.GzipFile,  # type: ignore[dict-item]
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
DELIMITERS = (",", ";", "\t")
MAX_RECORD = 4 << 20  # characters: beyond it a quote is taken for one that was left open
MAX_DEPTH = 500  # of nested JSON that is parsed: what Python's own parser bears differs by version and by caller
_SPACE = re.compile(r"[ \t\r\n]*")
_NO_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[^\[\]{}"]+', re.DOTALL)
# A record of CSV (RFC 4180): what a quote closes is followed by a delimiter or the record's end.
RECORDS = {
    delimiter: re.compile(rf"{field}(?:{delimiter}{field})*")
    for delimiter in DELIMITERS
    for field in [rf'(?:"(?:[^"]|"")*"|(?!")[^{delimiter}\r\n]*)']
}
UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, csv.Error, duckdb.Error, pa.ArrowException, ValueError)


@dataclass
class Held:
    """What one landing file holds of a person.

    ``rows`` are the person's own; ``mentions`` are other rows in which the id stands, for people to look at.
    ``left`` says why a file is none that a night reads, where it holds the id or cannot be looked into.
    """

    path: Path
    feed: str
    rows: int = 0
    mentions: int = 0
    error: str | None = None
    left: str | None = None


def search(landing: Path, feeds: list[Feed], user_id: str) -> list[Held]:
    """Name each file below the landing folder that holds the id, with how many rows are the person's own.

    Every entry is looked at, whether a night reads it or not: an ending that none reads, a writer's unfinished file, a
    folder of no feed. A file that cannot be read to its end has its ``error`` set; a link that leaves the folder, and
    what is no file, is ``left``. A file that several links lead to is one.
    """
    found: list[Held] = []
    person, root, seen = Person(user_id), landing.resolve(), set()
    listed = [entry for entry in entries(landing, feeds, is_whole=True) if entry.kind != "folder"]
    # What a night reads comes first, and files before links: of two names of one file that is the one that counts.
    listed.sort(key=lambda entry: (entry.kind is None, (landing / entry.path).is_symlink(), entry.path))
    for entry in listed:
        held = Held(landing / entry.path, entry.feed.name if entry.feed and entry.kind else "")
        target = Path(os.path.realpath(held.path))
        if target not in seen:
            _find(held, target, root, person)
        seen.add(target)
        if held.rows or held.mentions or held.error or held.left:
            found.append(held)
    return found


def _find(held: Held, target: Path, root: Path, person: Person) -> None:
    """Look for the person in what an entry leads to, unless that cannot be, or must not be."""
    if not target.is_relative_to(root):
        held.left = f"it is a link that leads out of the landing folder, to {target}, which was not looked into"
        return
    try:
        is_file, is_folder, is_there = target.is_file(), target.is_dir(), target.exists()
    except OSError as error:
        held.error = type(error).__name__
        return
    if is_file:
        _look(held, person, is_read=held.feed != "")
    elif is_folder:  # one that could be listed is no entry, and where a link leads has its own
        held.error = None if held.path.is_symlink() else "it cannot be listed"
    elif is_there:
        held.left = "it is no file"


def _look(held: Held, person: Person, is_read: bool) -> None:
    try:
        if not is_read:
            if _stands_in(held.path, person):
                held.left = "it holds the id"
            return
        for _ in _read(held.path, person, held):
            pass
    except UNREADABLE as error:
        if is_read:
            held.error = type(error).__name__
        else:
            held.left = f"it cannot be looked into ({type(error).__name__})"


def _stands_in(path: Path, person: Person) -> bool:
    """Say whether the id stands in a file of any kind; a compressed one is unpacked."""
    if path.name.lower().endswith(".parquet"):
        return any(True for _ in _parquet_records(path, person))
    with path.open("rb") as file:
        head = file.read(6)
    pack = next((pack for magic, pack in PACKED.items() if head.startswith(magic)), None)
    last = ""
    with pack(path) if pack else path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            text = last + chunk.decode("utf-8", errors="replace")
            if person.is_mentioned(text):
                return True
            last = text[-4 * len(person.user_id) - 64 :]
    return False


def rewrite(held: Held, user_id: str) -> None:
    """Write a file anew without the person's rows; it is replaced as a whole, other rows stay as they are.

    In JSON lines and CSV a row becomes an empty line, which is no row: the numbers of the others stand, and their
    bytes. A Parquet file loses the row.

    A file that cannot be rewritten has its ``error`` set: someone writes to it all the while, or it cannot be read.
    """
    if held.left or not held.rows:
        return
    path = Path(os.path.realpath(held.path))  # a link stays one: what it leads to is written anew
    unfinished = path.with_name(f".{path.name}.erasing")
    for _ in range(ATTEMPTS):
        try:
            before = path.stat()
            unfinished.unlink(missing_ok=True)
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _write(held, path, unfinished, Person(user_id))
            with contextlib.suppress(PermissionError):  # only root may give a file away
                os.chown(unfinished, before.st_uid, before.st_gid)
            shutil.copymode(path, unfinished)
            atomic.sync(unfinished)  # before the comparison, which a slow disk must not make old
            now = path.stat()
            if (now.st_size, now.st_mtime_ns, now.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino):
                atomic.replace(unfinished, path)
                return
        except UNREADABLE as error:
            held.error = type(error).__name__
            return
        finally:
            unfinished.unlink(missing_ok=True)
    held.error = "it is being written to all the while"


@dataclass
class Person:
    """Tells the rows of one person, and texts that mention them."""

    user_id: str
    _token: re.Pattern[str] = field(init=False)
    _keys: set[str] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the pattern: the id as it stands or as JSON escapes it, and no part of a longer word."""
        forms = {self.user_id, json.dumps(self.user_id)[1:-1], json.dumps(self.user_id, ensure_ascii=False)[1:-1]}
        words = "|".join(re.escape(form) for form in sorted(forms))
        self._keys = person_keys(known_feeds())
        self._token = re.compile(rf"(?<![A-Za-z0-9_@-])(?:{words})(?![A-Za-z0-9_@-])")

    def _is_named_by(self, value: object) -> bool:
        if isinstance(value, dict | list):
            return any(map(self._is_named_by, value.values() if isinstance(value, dict) else value))
        return isinstance(value, str) and value.strip() == self.user_id.strip()

    def may_be_in(self, text: str) -> bool:
        """Say whether a row's text must be looked at: it holds the id, or escapes that could hide it."""
        return self.user_id in text or "\\" in text

    def is_mentioned(self, text: str) -> bool:
        """Say whether the id stands in a text."""
        return self._token.search(text) is not None

    def owns(self, text: str) -> bool:
        """Say whether a JSON row is the person's: a field for persons says so, at any depth, also in JSON in a text.

        What is no JSON and holds the id is taken for the person's: nothing else could be made of it.
        """
        found = False

        def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            nonlocal found
            for key, value in pairs:
                found = found or (folded(key) in self._keys and self._is_named_by(value))
                if isinstance(value, str) and value[:1] == "{" and self.may_be_in(value):
                    found = found or self.owns_within(value)
            return dict(pairs)

        try:
            _parse(text, object_pairs_hook=look, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            return self.is_mentioned(text)
        return found

    def owns_within(self, text: str) -> bool:
        """Say whether a text within a row is JSON that is the person's."""
        try:
            _parse(text)
        except (ValueError, RecursionError):
            return False
        return self.owns(text)


def _parse(text: str, **how: Any) -> Any:
    """Parse JSON; ValueError for what is none, or nests too deeply."""
    _must_not_be_deep(text)
    return json.loads(text, **how)


def _must_not_be_deep(text: str) -> None:
    """Refuse (ValueError) what one version of Python parses and another does not: strings aside, brackets tell."""
    if text.count("[") + text.count("{") > MAX_DEPTH:
        steps = (1 if bracket in "[{" else -1 for bracket in _NO_BRACKETS.sub("", text))
        if max(itertools.accumulate(steps), default=0) > MAX_DEPTH:
            raise ValueError(f"nests deeper than {MAX_DEPTH}")


def _read(path: Path, person: Person, held: Held) -> Iterator[tuple[str, bool]]:
    """Yield (raw record, is the person's) of a text file, or (row number, is the person's) rows of Parquet."""
    is_of_persons = held.feed in {feed.name for feed in known_feeds() if feed.person_columns}
    for raw, text, is_owned in _records(path, person, held.path.name):
        is_erased = is_of_persons and is_owned
        held.rows += is_erased
        held.mentions += not is_erased and (is_owned or person.is_mentioned(text))
        yield raw, is_erased


def _records(path: Path, person: Person, name: str) -> Iterator[tuple[str, str, bool]]:
    """Yield (raw record, what to search, is it the person's), record by record; the name says how it is read."""
    form = name.lower().removesuffix(".gz")
    if form.endswith(".parquet"):
        yield from _parquet_records(path, person)
        return
    with _open(path, "r", name) as file:
        if form.endswith(".csv"):
            yield from _csv_records(file, person)
        elif form.endswith(".json"):
            yield from _json_records(file.read(), person)
        else:
            for line in file:
                yield line, line, person.may_be_in(line) and person.owns(line.rstrip("\r\n"))


def _json_records(text: str, person: Person) -> Iterator[tuple[str, str, bool]]:
    """Yield the elements of one array, each with the comma before it; or one document; or lines."""
    body = text.removeprefix("\ufeff")
    if not body.lstrip().startswith("["):
        try:
            _parse(body)
            yield text, text, person.may_be_in(text) and person.owns(body)
        except ValueError:
            for line in text.splitlines(keepends=True):
                yield line, line, person.may_be_in(line) and person.owns(line.rstrip("\r\n"))
        return
    _must_not_be_deep(text)
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    yield text[:at], "", False
    is_first = True  # of those that stay: it has no comma before it
    while True:
        start = _SPACE.match(text, at).end()  # type: ignore[union-attr]
        if text[start : start + 1] == "]":
            yield text[at:], "", False
            return
        if text[start : start + 1] == ",":
            start = _SPACE.match(text, start + 1).end()  # type: ignore[union-attr]
        _, end = decoder.raw_decode(text, start)
        element = text[start:end]
        is_owned = person.may_be_in(element) and person.owns(element)
        raw = text[at:end]
        if is_first and raw.lstrip().startswith(","):
            raw = raw.replace(",", "", 1)
        is_first = is_first and is_owned
        yield raw, element, is_owned
        at = end


def _csv_records(file: IO[str], person: Person) -> Iterator[tuple[str, str, bool]]:
    """Yield the records as a strict reader tells them apart: a quote that is left open costs its own line alone."""
    lines = list(file)
    header: list[str] | None = None
    delimiter, at = ",", 0
    while at < len(lines):
        if header is None:
            delimiter = max(DELIMITERS, key=lines[0].count)
        count = _lines_of_record(lines, at, delimiter)
        raw = "".join(lines[at : at + max(count, 1)])
        at += max(count, 1)
        if header is not None and not person.may_be_in(raw):
            yield raw, raw, False
            continue
        record = next(csv.reader(io.StringIO(raw.replace("\0", ""), newline=""), delimiter=delimiter), [])
        if header is None:
            header = [name.removeprefix("\ufeff").strip() for name in record]
            yield raw, raw, False
        elif not count or len(record) != len(header):
            yield raw, raw, person.is_mentioned(raw)
        else:
            text = json.dumps(dict(zip(header, record, strict=True)))
            yield raw, text, person.owns(text)


def _lines_of_record(lines: list[str], at: int, delimiter: str) -> int:
    """Return how many lines a record spans from the line ``at`` on; 0 if its quotes never close as they must."""
    if '"' not in lines[at]:
        return 1
    whole, text, quotes = RECORDS[delimiter], "", 0
    for count, line in enumerate(lines[at:], 1):
        text += line
        quotes += line.count('"')
        if (count == 1 or quotes % 2 == 0) and whole.fullmatch(text.rstrip("\r\n")):
            return count
        if quotes % 2 == 0 or len(text) > MAX_RECORD:
            break
    return 0


def _parquet_records(path: Path, person: Person) -> Iterator[tuple[str, str, bool]]:
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select file_row_number, to_json(file_row)::varchar as text"
            " from read_parquet($1, file_row_number = true, hive_partitioning = false) as file_row"
            " where contains(text, $2) or contains(text, '\\')",
            [path_pattern(path), json.dumps(person.user_id, ensure_ascii=False)[1:-1]],
        )
        for number, text in rows.fetchall():
            yield str(number), text, person.owns(text)


def _write(held: Held, path: Path, out: Path, person: Person) -> None:
    anew = Held(held.path, held.feed)
    if held.path.name.lower().endswith(".parquet"):
        _write_parquet(path, out, {int(number) for number, is_erased in _read(path, person, anew) if is_erased})
        return
    is_array = False
    with _open(out, "w", held.path.name) as file:
        for raw, is_erased in _read(path, person, anew):
            is_array = is_array or (not is_erased and raw.removeprefix("\ufeff").strip() == "[")
            file.write(("" if is_array else _line_end(raw)) if is_erased else raw)


def _write_parquet(path: Path, out: Path, erased: set[int]) -> None:
    with pq.ParquetFile(path) as source:
        codec = source.metadata.row_group(0).column(0).compression.lower() if source.num_row_groups else "snappy"
        compression = {"uncompressed": "none"}.get(codec, codec)
        with pq.ParquetWriter(out, source.schema_arrow, compression=compression) as writer:
            first = 0
            for batch in source.iter_batches():
                keep = pa.array([number not in erased for number in range(first, first + batch.num_rows)], pa.bool_())
                writer.write_batch(batch.filter(keep))
                first += batch.num_rows


def _open(path: Path, mode: str, name: str) -> IO[str]:
    """Open a text file so that what is read is what is written, byte for byte, also where it is no UTF-8."""
    if name.lower().endswith(".gz"):
        file: IO[bytes] = gzip.GzipFile(path, mode + "b", mtime=0)  # type: ignore[assignment]
    else:
        file = path.open(mode + "b")
    newline = "" if name.lower().removesuffix(".gz").endswith(".csv") else "\n"
    return io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline=newline)


def _line_end(raw: str) -> str:
    return raw[len(raw.rstrip("\r\n")) :]
