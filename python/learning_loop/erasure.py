"""Forgetting a person: their rows go from the landing files, and a tombstone keeps them from coming back.

A tombstone is a keyed digest of the person's pseudonym: it tells a row that comes again, and names nobody. The next
night ignores such rows, deletes those it has stored, and computes all marts anew (macros/landing/forget_erased.sql).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from learning_loop import approvals
from learning_loop.identity import pseudonym
from learning_loop.landing import Feed, landing_files, path_pattern

FEED = "erasures"
TOMBSTONE = re.compile(r"[0-9a-f]{64}")  # sha256 in hex; anything else names nobody
PERSON_FEEDS = {"events", "ingest_editor_labels", "quality_flags"}  # those that give their persons pseudonyms
PERSON_STORES = [
    ("stg_events", "user_id"),
    ("stg_ingest_editor_labels", "actor_user_id"),
    ("stg_quality_flags", "raised_by"),
]
PERSON_KEYS = {"pseudonymized_user_id", "actor_user_id", "user_id", "raised_by"}  # as in macros/landing/quarantine_text
SIGNED = pa.schema([(name, pa.string()) for name in ("actor", "erased_at", "tombstone")])
ATTEMPTS = 3
UNREADABLE = (OSError, EOFError, zlib.error, csv.Error, duckdb.Error, pa.ArrowException)


@dataclass
class Held:
    """What one landing file holds of a person.

    ``rows`` are the person's own; ``mentions`` are other rows in which the id stands, for people to look at.
    """

    path: Path
    feed: str
    rows: int = 0
    mentions: int = 0
    error: str | None = None


def tombstones(salt: str, user_id: str) -> list[str]:
    """Return the digests by which rows of a person are known: of their pseudonym, and of an id hashed by the sender.

    Each is sha256("<salt>:erased:<pseudonym>") in hex, as the SQL macro `tombstone` says it.
    """
    names = [pseudonym(salt, user_id)] + ([user_id] if user_id.startswith("u_") else [])
    return [hashlib.sha256(f"{salt}:erased:{name}".encode()).hexdigest() for name in names]


def recorded(landing: Path) -> set[str]:
    """Return the tombstones of the landing folder's erasures that were signed by someone who might erase then.

    Lines that cannot be read are left to the feed, which quarantines them.
    """
    found: list[dict[str, str]] = []
    for path in sorted((landing / FEED).rglob("*.jsonl")):
        if path.name.startswith("."):
            continue
        for line in path.read_text("utf-8", errors="replace").splitlines():
            try:
                row = json.loads(line)
                signed = {"actor": str(row["actor"]), "erased_at": str(row.get("created_at"))}
                found += [signed | {"tombstone": item} for item in row["tombstones"] if TOMBSTONE.fullmatch(item)]
            except (ValueError, KeyError, TypeError, RecursionError):
                continue
    return _signed_by_an_admin(found) if found else set()


def _signed_by_an_admin(rows: list[dict[str, str]]) -> set[str]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("erasures", pa.Table.from_pylist(rows, schema=SIGNED))
        found = connection.execute(
            f"""
            select distinct tombstone
            from (select *, coalesce(try_cast(erased_at as timestamptz), now()) as signed_at from erasures) as erasures
            inner join ({approvals.query()}) as approvals
                on approvals.role = 'admin' and (approvals.actor is null or approvals.actor = erasures.actor)
                    and erasures.signed_at >= approvals.valid_from and erasures.signed_at < approvals.valid_to
            """
        ).fetchall()
    return {row[0] for row in found}


def is_stored(warehouse: Path, landing: Path, salt: str) -> bool:
    """Say whether the published file stores rows of a person whom the landing folder says to erase."""
    erased = recorded(landing)
    if not erased or not warehouse.exists():
        return False
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        stored = {
            row[0]
            for row in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'staging'"
            ).fetchall()
        }
        names = " union ".join(
            f"select {column} as name from staging.{table}" for table, column in PERSON_STORES if table in stored
        )
        if not names:
            return False
        query = f"select count(*) from ({names}) where list_contains($2, sha256($1 || ':erased:' || name))"
        return bool(connection.execute(query, [salt, sorted(erased)]).fetchall()[0][0])


def search(landing: Path, feeds: list[Feed], user_id: str) -> list[Held]:
    """Name each landing file that holds the id, with how many rows are the person's own and how many mention it.

    A file that cannot be read to its end has its ``error`` set.
    """
    found = []
    for feed, relative in landing_files(landing, feeds):
        held = Held(landing / relative, feed.name)
        try:
            for _ in _read(held.path, Person(user_id), held):
                pass
        except UNREADABLE as error:
            held.error = type(error).__name__
        if held.rows or held.mentions or held.error:
            found.append(held)
    return found


def rewrite(held: Held, user_id: str) -> None:
    """Write a file anew without the person's rows; it is replaced as a whole, other rows stay as they are.

    In JSON lines and CSV a row becomes an empty line, which is no row: the numbers of the others stand, and their
    bytes. A Parquet file loses the row.

    A file that cannot be rewritten has its ``error`` set: someone writes to it all the while, or it cannot be read.
    """
    unfinished = held.path.with_name(f".{held.path.name}.erasing")
    for _ in range(ATTEMPTS):
        try:
            before = held.path.stat()
            _write(held.path, unfinished, Person(user_id))
            shutil.copymode(held.path, unfinished)
            os.chown(unfinished, before.st_uid, before.st_gid)
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            now = held.path.stat()
            if (now.st_size, now.st_mtime_ns, now.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino):
                unfinished.replace(held.path)
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

    def __post_init__(self) -> None:
        """Prepare the pattern: the id as it stands or as JSON escapes it, and no part of a longer word."""
        forms = {self.user_id, json.dumps(self.user_id)[1:-1], json.dumps(self.user_id, ensure_ascii=False)[1:-1]}
        words = "|".join(re.escape(form) for form in sorted(forms))
        self._token = re.compile(rf"(?<![A-Za-z0-9_@-])(?:{words})(?![A-Za-z0-9_@-])")

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
                found = found or (key in PERSON_KEYS and value == self.user_id)
                if isinstance(value, str) and value[:1] == "{" and self.may_be_in(value):
                    found = found or self.owns_within(value)
            return dict(pairs)

        try:
            json.loads(text, object_pairs_hook=look, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            return self.is_mentioned(text)
        return found

    def owns_within(self, text: str) -> bool:
        """Say whether a text within a row is JSON that is the person's."""
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return False
        return self.owns(text)


def _read(path: Path, person: Person, held: Held) -> Iterator[tuple[str, bool]]:
    """Yield (raw record, is the person's) of a text file, or (row number, is the person's) rows of Parquet."""
    is_of_persons = held.feed in PERSON_FEEDS
    for raw, text, is_owned in _records(path, person):
        is_erased = is_of_persons and is_owned
        held.rows += is_erased
        held.mentions += not is_erased and (is_owned or person.is_mentioned(text))
        yield raw, is_erased


def _records(path: Path, person: Person) -> Iterator[tuple[str, str, bool]]:
    """Yield (raw record, what to search, is it the person's), record by record."""
    if path.name.endswith(".parquet"):
        yield from _parquet_records(path, person)
        return
    with _open(path, "r") as file:
        if path.name.endswith(".csv"):
            yield from _csv_records(file, person)
        elif path.name == "run.json":
            text = file.read()
            yield text, text, person.may_be_in(text) and person.owns(text)
        else:
            for line in file:
                yield line, line, person.may_be_in(line) and person.owns(line.rstrip("\r\n"))


def _csv_records(file: IO[str], person: Person) -> Iterator[tuple[str, str, bool]]:
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in file:
            taken.append(line)
            yield line

    csv.field_size_limit(4 << 20)
    records = csv.reader(line.replace("\0", "") for line in lines())
    header: list[str] | None = None
    for record in records:
        raw = "".join(taken)
        taken.clear()
        if header is None:
            header = [name.removeprefix("\ufeff") for name in record]
            yield raw, raw, False
        elif not person.may_be_in(raw):
            yield raw, raw, False
        elif len(record) != len(header):
            yield raw, raw, person.is_mentioned(raw)
        else:
            text = json.dumps(dict(zip(header, record, strict=True)))
            yield raw, text, person.owns(text)


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


def _write(path: Path, out: Path, person: Person) -> None:
    held = Held(path, next(iter(PERSON_FEEDS)))
    if path.name.endswith(".parquet"):
        _write_parquet(path, out, {int(number) for number, is_erased in _read(path, person, held) if is_erased})
        return
    with _open(out, "w", is_gzip=path.name.endswith(".gz")) as file:
        for raw, is_erased in _read(path, person, held):
            file.write(_line_end(raw) if is_erased else raw)


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


def _open(path: Path, mode: str, is_gzip: bool | None = None) -> IO[str]:
    """Open a text file so that what is read is what is written, byte for byte, also where it is no UTF-8."""
    if path.name.endswith(".gz") if is_gzip is None else is_gzip:
        file: IO[bytes] = gzip.GzipFile(path, mode + "b", mtime=0)  # type: ignore[assignment]
    else:
        file = path.open(mode + "b")
    newline = "" if path.name.endswith(".csv") or ".csv." in path.name else "\n"
    return io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline=newline)


def _line_end(raw: str) -> str:
    return raw[len(raw.rstrip("\r\n")) :]
