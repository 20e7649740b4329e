"""Hostile entries of a landing folder: files of every form and damage, links, pipes, names, permissions.

Each entry says what must become of it. All carry persons whose ids and addresses (`LEAK`) may be stored nowhere.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import random
import re
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

READ, NOT_READ, REFUSED, PASSED = "read", "not_read", "refused", "passed over"
SALT = "zqsalt of the hostile entries"
# The first letter is left out, for rows that escape it; a byte of UTF-16 may stand between.
LEAK = re.compile(b"|".join(b"\0?".join(bytes([c]) for c in word) for word in (b"qperson", b"qmail", b"qsalt")))
TAG = re.compile(r"e\d{5}")
Make = Callable[[bytes], None]


@dataclass(frozen=True)
class Entry:
    """One thing in the landing folder.

    ``path`` lies below the folder; ``tag``, in the path, finds it again in ledger and quarantine. ``fate`` holds all
    that may become of it: READ (a line of the ledger with its rows), NOT_READ (a line that says so), REFUSED (one row
    of the quarantine, nothing kept), PASSED (no word). ``reasons`` are those its quarantined rows may have (none said:
    any). ``rows_in`` and ``kept`` are known for some. ``then`` is done to it before the night after; ``then_kept`` and
    ``then_fate`` must hold after that one.
    """

    kind: str
    tag: str
    path: bytes
    make: Make
    fate: frozenset[str] = frozenset({READ})
    reasons: frozenset[str] | None = None
    rows_in: int | None = None
    kept: int | None = None
    then: Make | None = None
    then_fate: frozenset[str] | None = None
    then_kept: int | None = None
    opened: tuple[bytes, ...] = ()  # what to give its permissions back at the end


# --- rows


def person(tag: str, number: object) -> str:
    return f"zqperson-{tag}-{number}"


def signal(tag: str, number: int, **data: object) -> dict:
    return {
        "event_id": f"{tag}-{number}",
        "event_type": "learning.signal.logged",
        "timestamp": "2026-02-09T10:00:00Z",
        "data": {
            "signal_type": "workflow_violation",
            "user_ref": {"pseudonymized_user_id": person(tag, number)},
            "signature": {"issue_type": f"mail to zqmail.{tag}@example.org", "confidence_band": "high"},
            **data,
        },
    }


def label(tag: str, number: int) -> dict:
    return {
        "id": f"{tag}-{number}",
        "candidate_id": f"c-{tag}",
        "action": "promoted",
        "actor_user_id": person(tag, number),
        "created_at": "2026-02-09T10:00:00Z",
        "note": f"ask zqmail.{tag}@example.org",
    }


def candidate(tag: str, number: int) -> dict:
    return {
        "id": f"{tag}-{number}",
        "source_key": "s",
        "source_url": f"https://example.org/{tag}/{number}",
        "title": f"Write to zqmail.{tag}@example.org, number {number}",
        "created_at": "2026-02-09T10:00:00Z",
    }


def flag(tag: str, number: int) -> dict:
    return {
        "candidate_id": f"{tag}-{number}",
        "flag": "safety",
        "raised_at": "2026-02-09T10:00:00Z",
        "raised_by": person(tag, number),
    }


ROWS: dict[str, Callable[[str, int], dict]] = {
    "events": signal,
    "ingest_editor_labels": label,
    "ingest_candidates": candidate,
    "quality_flags": flag,
}
FLAT = ["ingest_editor_labels", "ingest_candidates", "quality_flags"]


def some(feed: str, tag: str, count: int) -> list[dict]:
    return [ROWS[feed](tag, number) for number in range(count)]


def lines(rows: list[dict]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def csv_of(rows: list[dict], delimiter: str = ",", end: str = "\n") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(rows[0])
    writer.writerows([value if isinstance(value, str) else json.dumps(value) for value in row.values()] for row in rows)
    return out.getvalue().encode()


def parquet_of(table: pa.Table, **how: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **how)
    return sink.getvalue()


def table_of(rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist(rows)


# --- deeds


def content(data: bytes) -> Make:
    def make(path: bytes) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        clear(path)
        with open(path, "wb") as file:
            file.write(data)

    return make


def clear(path: bytes) -> None:
    if os.path.lexists(path) and not os.path.isdir(path):
        os.unlink(path)


def link(target: Callable[[bytes], bytes]) -> Make:
    """Make a link; the function tells its target by the entry's own path."""

    def make(path: bytes) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        clear(path)
        os.symlink(target(path), path)

    return make


def fifo(path: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    clear(path)
    os.mkfifo(path)


def device(path: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # zeros without end
    except PermissionError:
        os.mkfifo(path)


def unix_socket(path: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as one:  # a socket's path may have 107 bytes
            one.bind(f"/proc/self/fd/{folder}/{os.path.basename(path).decode()}")
    finally:
        os.close(folder)


def too_long(data: bytes, name: bytes) -> Make:
    """Make a file whose whole path no call takes: each folder is made from within the one above."""

    def make(path: bytes) -> None:
        os.makedirs(path, exist_ok=True)
        at = os.open(path, os.O_RDONLY)
        for _ in range(22):
            os.mkdir(b"d" * 200, dir_fd=at)
            below = os.open(b"d" * 200, os.O_RDONLY, dir_fd=at)
            os.close(at)
            at = below
        file = os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=at)
        os.write(file, data)
        os.close(file)
        os.close(at)

    return make


def folder_of(data: bytes, mode: int) -> Make:
    def make(path: bytes) -> None:
        content(data)(path + b"/in.jsonl")
        os.chmod(path, mode)

    return make


def shut(data: bytes) -> Make:
    def make(path: bytes) -> None:
        content(data)(path)
        os.chmod(path, 0)

    return make


def above_landing(path: bytes, feed: str) -> bytes:
    """Return the folder that holds the landing folder, from an entry's path."""
    return path.split(b"/" + feed.encode() + b"/", 1)[0].rsplit(b"/", 1)[0]


# --- kinds: each draws entries of one sort

KINDS: dict[str, Callable[[Draw], Entry]] = {}


@dataclass
class Draw:
    """What a kind draws from: a random generator, a tag of its own, whether permissions bind who runs the night."""

    rng: random.Random
    tag: str
    is_bound: bool

    def entry(self, feed: str, name: str | bytes, make: Make, **said: object) -> Entry:
        inside = name if isinstance(name, bytes) else name.encode()
        return Entry("", self.tag, feed.encode() + b"/" + inside, make, **said)  # type: ignore[arg-type]

    def feed(self) -> str:
        return self.rng.choice(list(ROWS))

    def pick(self, **choices: object) -> tuple[str, object]:
        name = self.rng.choice(sorted(choices))
        return name, choices[name]


def kind(make: Callable[[Draw], Entry]) -> Callable[[Draw], Entry]:
    KINDS[make.__name__] = make
    return make


def fates(*which: str) -> frozenset[str]:
    return frozenset(which)


def because(*reasons: str) -> frozenset[str]:
    return frozenset(reasons)


UNREADABLE = {"fate": fates(REFUSED), "reasons": because("unreadable_file"), "kept": 0}
AS_IT_COMES: dict = {"fate": fates(READ, REFUSED)}


def cased(rng: random.Random, ending: str) -> str:
    return rng.choice([str.lower, str.lower, str.upper, str.title])(ending)


@kind
def ending_that_is_read(draw: Draw) -> Entry:
    feed = draw.rng.choice(FLAT)
    rows = some(feed, draw.tag, 5)
    array = json.dumps(rows, indent=draw.rng.choice([None, 2])).encode()
    ending, data = draw.rng.choice(
        [(".jsonl", lines(rows)), (".ndjson", lines(rows)), (".json", lines(rows)), (".json", array)]
        + [(".json", array + b"\n"), (".csv", csv_of(rows))]
    )
    if draw.rng.random() < 0.4:
        ending, data = ending + ".gz", gzip.compress(data)
    elif draw.rng.random() < 0.2:
        ending, data = ".parquet", parquet_of(table_of(rows))
    name = f"{draw.tag}{cased(draw.rng, ending)}"
    return draw.entry(feed, name, content(data), rows_in=5, kept=5)


@kind
def ending_that_is_not_read(draw: Draw) -> Entry:
    feed = draw.feed()
    data = lines(some(feed, draw.tag, 3))
    ending, packed = draw.rng.choice(
        [(ending, data) for ending in (".txt", ".tsv", ".xlsx", ".xml", ".json5", ".log", "", ".jsonl.bak", ".sql")]
        + [(".jsonl.bz2", bz2.compress(data)), (".jsonl.xz", lzma.compress(data)), (".jsonl.zst", data), (".gz", data)]
        + [(".jsonl.gz.gz", gzip.compress(data)), (".parquet.gz", gzip.compress(data)), (".jsonl.zip", data)]
        + [(".tar.gz", gzip.compress(data)), (".jsonlx", data), (".md5", data), (".CSV.ZIP", data), (".avro", data)]
    )
    return draw.entry(feed, draw.tag + ending, content(packed), fate=fates(NOT_READ), kept=0)


@kind
def beside_the_feeds(draw: Draw) -> Entry:
    data = lines(some("events", draw.tag, 3))
    path = draw.rng.choice([f"{draw.tag}.jsonl", f"{draw.tag}/a.jsonl", f"event-{draw.tag}/a/b.csv", f"{draw.tag}"])
    return Entry("", draw.tag, path.encode(), content(data), fates(NOT_READ), kept=0)


@kind
def stage_b_file_of_no_feed(draw: Draw) -> Entry:
    name = draw.rng.choice(["odd.jsonl", "m/selection.jsonl", "m/notes.csv", "ticket.parquet"])
    return draw.entry(
        "stage_b", f"{draw.tag}/{name}", content(lines([{"x": person(draw.tag, 1)}])), fate=fates(NOT_READ)
    )


@kind
def writers_name(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag
    name = draw.rng.choice(
        [f".{tag}.jsonl", f"{tag}.jsonl.tmp", f"{tag}.part", f"{tag}.jsonl~", f".{tag}/a.jsonl", f".{tag}.csv.Xy12"]
    )
    return draw.entry(feed, name, content(lines(some(feed, tag, 2))), fate=fates(PASSED))


@kind
def compression(draw: Draw) -> Entry:
    feed, rng = draw.feed(), draw.rng
    rows = some(feed, draw.tag, 4)
    data, half = lines(rows), lines(rows[:2])
    plain = gzip.compress(data, rng.choice([0, 1, 9]))
    flipped = bytearray(plain)
    flipped[rng.randrange(12, len(plain) - 8)] ^= 1 << rng.randrange(8)
    whole = {"rows_in": 4, "kept": 4}
    deflated = plain[10:]
    what, (packed, said) = draw.pick(
        plain=(plain, whole),
        members=(gzip.compress(half) + gzip.compress(lines(rows[2:])), whole),
        cut_between_members=(gzip.compress(data[:37]) + gzip.compress(data[37:]), whole),
        empty_member_first=(gzip.compress(b"") + plain, whole),
        empty_stream=(gzip.compress(b""), {"rows_in": 0, "kept": 0}),
        zeros_behind=(plain + b"\0" * rng.choice([1, 7, 512, 5000]), whole),
        bytes_behind=(plain + b"behind", AS_IT_COMES),
        name_in_head=(b"\x1f\x8b\x08\x08" + bytes(6) + b"name of a file\0" + deflated, whole),
        comment_in_head=(b"\x1f\x8b\x08\x10" + bytes(6) + b"a comment\0" + deflated, whole),
        extra_in_head=(b"\x1f\x8b\x08\x04" + bytes(6) + struct.pack("<H", 6) + b"BC\x02\x00\x1b\x00" + deflated, whole),
        sum_of_head=(with_sum_of_head(deflated), whole),
        text_flag=(b"\x1f\x8b\x08\x01" + plain[4:], whole),
        reserved_flags=(b"\x1f\x8b\x08\xe0" + plain[4:], AS_IT_COMES),
        other_method=(b"\x1f\x8b\x07" + plain[3:], UNREADABLE),
        bad_sum=(plain[:-8] + bytes([plain[-8] ^ 1]) + plain[-7:], UNREADABLE),
        bad_size=(plain[:-1] + bytes([plain[-1] ^ 1]), UNREADABLE),
        flipped_bit=(bytes(flipped), AS_IT_COMES),
        not_packed=(data, AS_IT_COMES),
        packed_twice=(gzip.compress(plain), AS_IT_COMES),
        only_zlib=(zlib.compress(data), UNREADABLE),
        bomb=(gzip.compress(b" " * (8 << 20) + b"\n" + data), AS_IT_COMES),
        long_line=(gzip.compress(b"x" * (5 << 20) + b"\n" + data), {"kept": 4, "reasons": because("line_too_long", "not_json")}),
        bom_within=(gzip.compress(b"\xef\xbb\xbf" + data), whole),
        nothing=(b"", {"rows_in": 0, "kept": 0}),
    )  # fmt: skip
    return draw.entry(feed, f"{draw.tag}-{what}.jsonl.gz", content(packed), **said)


def with_sum_of_head(deflated: bytes) -> bytes:
    head = b"\x1f\x8b\x08\x02" + bytes(6)
    return head + struct.pack("<H", zlib.crc32(head) & 0xFFFF) + deflated


@kind
def packed_without_saying_so(draw: Draw) -> Entry:
    feed = draw.feed()
    data = lines(some(feed, draw.tag, 3))
    ending = draw.rng.choice([".jsonl", ".csv", ".json", ".parquet"])
    packed = draw.rng.choice([gzip.compress, bz2.compress, lzma.compress])(data)
    return draw.entry(feed, draw.tag + ending, content(packed), kept=0, fate=fates(READ, REFUSED))


@kind
def form_of_another_ending(draw: Draw) -> Entry:
    feed = draw.rng.choice(FLAT)
    rows = some(feed, draw.tag, 3)
    data = draw.rng.choice([lines(rows), csv_of(rows), parquet_of(table_of(rows)), json.dumps(rows).encode()])
    ending = draw.rng.choice([".jsonl", ".csv", ".json", ".parquet"])
    return draw.entry(feed, draw.tag + ending, content(data), **AS_IT_COMES)


@kind
def encoding(draw: Draw) -> Entry:
    feed, rng = draw.feed(), draw.rng
    rows = some(feed, draw.tag, 3)
    data = lines(rows)
    bom = b"\xef\xbb\xbf"
    one = json.dumps(rows[0] | {"note": "x", "title": "caf@"}).encode()
    bad = {"rows_in": 4, "kept": 3, "reasons": because("not_utf8")}
    whole = {"rows_in": 3, "kept": 3}
    what, (written, said) = draw.pick(
        bom=(bom + data, whole),
        bom_on_every_line=(b"".join(bom + line + b"\n" for line in data.splitlines()), whole),
        bom_alone=(bom, {"rows_in": 0, "kept": 0}),
        bom_twice=(bom + bom + data, AS_IT_COMES),
        bom_and_blank_lines=(bom + b"\n\n" + data, whole),
        utf16=(data.decode().encode("utf-16"), AS_IT_COMES | {"kept": 0}),
        utf16_be=(data.decode().encode("utf-16-be"), AS_IT_COMES | {"kept": 0}),
        utf32=(data.decode().encode("utf-32"), AS_IT_COMES | {"kept": 0}),
        latin_1=(data + one.replace(b"@", b"\xe9") + b"\n", bad),
        windows=(data + one.replace(b"@", b"\x93\x80") + b"\n", bad),
        overlong=(one.replace(b"@", b"\xc0\xaf") + b"\n" + data, bad),
        surrogate=(one.replace(b"@", b"\xed\xa0\x80") + b"\n" + data, bad),
        cut_character=(data + one.replace(b'"caf@"}', b'"caf\xc3'), {"kept": 3}),
        shift_jis=(data + "テスト zqperson\n".encode("shift_jis"), bad),
        zero_byte=(data + one.replace(b"@", b"\0") + b"\n", {"rows_in": 4, "kept": 3}),
        carriage_returns=(data.replace(b"\n", b"\r\n"), whole),
        only_carriage_returns=(data.replace(b"\n", b"\r"), AS_IT_COMES),
        line_separators=(data.replace(b"workflow", "work\u2028flow\u2029\x85".encode()), whole),
        form_feeds=(data.replace(b"\n", b"\n\x0c\n\x0b\n"), {"kept": 3}),
        lone_escaped_surrogate=(one.replace(b"@", b"\\ud800") + b"\n" + data, {"rows_in": 4}),
        blank_lines=(b"\n \n\t\n" + data.replace(b"\n", b"\n\n\r\n"), whole),
    )  # fmt: skip
    if rng.random() < 0.3 and what != "cut_character":
        return draw.entry(feed, f"{draw.tag}-{what}.jsonl.gz", content(gzip.compress(written)), **said)
    return draw.entry(feed, f"{draw.tag}-{what}.jsonl", content(written), **said)


@kind
def size_0_or_1(draw: Draw) -> Entry:
    ending = draw.rng.choice([".jsonl", ".ndjson", ".json", ".csv", ".parquet", ".jsonl.gz", ".csv.gz", ".json.gz"])
    data = draw.rng.choice([b"", b"", b"\n", b"\r", b" ", b"x", b"{", b"[", b'"', b"\0", b"\xff", b"!", b","])
    name = f"{draw.tag}{cased(draw.rng, ending)}"
    if not data and ending == ".parquet":  # as much a table without rows as no table at all
        return draw.entry(draw.feed(), name, content(data), kept=0, **AS_IT_COMES)
    if not data or (data in b"\n " and ending in (".jsonl", ".ndjson", ".json", ".csv")):
        return draw.entry(draw.feed(), name, content(data), rows_in=0, kept=0)
    return draw.entry(draw.feed(), name, content(data), kept=0, **AS_IT_COMES)


@kind
def no_rows(draw: Draw) -> Entry:
    feed = draw.rng.choice(FLAT)
    rows = some(feed, draw.tag, 1)
    head = csv_of(rows).splitlines()[0]
    name, data = draw.rng.choice(
        [(".csv", head), (".csv", head + b"\n"), (".csv", b"\xef\xbb\xbf" + head + b"\r\n"), (".csv", b"\n\n")]
        + [
            (".parquet", parquet_of(table_of(rows).slice(0, 0))),
            (".parquet", parquet_of(table_of(rows).slice(0, 0), compression="none")),
        ]
        + [(".json", b"[]"), (".json", b" [ ]\n"), (".jsonl", b"\n\n\n"), (".csv.gz", gzip.compress(head + b"\n"))]
        + [(".parquet", parquet_of(pa.table({"nothing": pa.nulls(0)})))]
    )
    return draw.entry(feed, draw.tag + name, content(data), rows_in=0, kept=0)


@kind
def csv_file(draw: Draw) -> Entry:
    feed = "ingest_editor_labels"
    rows = some(feed, draw.tag, 5)
    data = csv_of(rows)
    head, *records = data.splitlines(keepends=True)
    whole = {"rows_in": 5, "kept": 5}
    odd = {"rows_in": 5, "kept": 4, "reasons": because("bad_quoting")}
    broken = records[2].rstrip(b"\n")
    note = broken.rsplit(b",", 1)[0]

    def with_third(record: bytes) -> bytes:
        return b"".join([head, *records[:2], record + b"\n", *records[3:]])

    what, (written, said) = draw.pick(
        semicolons=(csv_of(rows, ";"), whole),
        tabs=(csv_of(rows, "\t"), whole),
        carriage_returns=(csv_of(rows, end="\r\n"), whole),
        bom=(b"\xef\xbb\xbf" + data, whole),
        spaced_header=(data.replace(b",", b", "), AS_IT_COMES),
        open_quote=(with_third(note + b',"left open'), odd),
        text_behind_a_quote=(with_third(note + b',"a" and more'), odd),
        quote_within=(with_third(note + b',a "word" within'), {"rows_in": 5}),
        doubled_quotes=(with_third(note + b',"a ""word"" within"'), whole),
        line_break_within=(with_third(note + b',"two\nlines, and ""more"""'), whole),
        field_too_many=(with_third(broken + b",zqperson-more"), {"rows_in": 5, "kept": 4, "reasons": because("ragged_record")}),
        field_too_few=(with_third(note), {"rows_in": 5, "kept": 4, "reasons": because("ragged_record")}),
        not_utf8=(with_third(note + b",caf\xe9"), {"rows_in": 5, "kept": 4, "reasons": because("not_utf8")}),
        zero_byte=(with_third(note + b",a\0b"), {"rows_in": 5, "kept": 4}),
        pipes=(csv_of(rows, "|"), {"kept": 0} | AS_IT_COMES),
        says_its_delimiter=(b"sep=;\n" + csv_of(rows, ";"), {"kept": 0} | AS_IT_COMES),
        column_twice=(data.replace(b"note", b"id", 1), AS_IT_COMES),
        nameless_column=(data.replace(b"note", b"", 1), {"rows_in": 5}),
        upper_case_header=(head.upper() + b"".join(records), {"rows_in": 5}),
        quoted_header=(b",".join(b'"' + name + b'"' for name in head.strip().split(b",")) + b"\n" + b"".join(records), whole),
        blank_lines=(data.replace(b"\n", b"\n\n"), whole),
        long_field=(with_third(note + b"," + b"x" * (5 << 20)), {"kept": 4}),
        backslash_quotes=(with_third(note + b',"a \\"word\\" within"'), {"rows_in": 5, "kept": 4}),
        only_quotes=(b'"""\n"\n""\n', AS_IT_COMES),
    )  # fmt: skip
    if draw.rng.random() < 0.3:
        return draw.entry(feed, f"{draw.tag}-{what}.csv.gz", content(gzip.compress(written)), **said)
    return draw.entry(feed, f"{draw.tag}-{what}.csv", content(written), **said)


@kind
def json_file(draw: Draw) -> Entry:
    feed = draw.feed()
    rows = some(feed, draw.tag, 3)
    array = json.dumps(rows).encode()
    what, (written, said) = draw.pick(
        pretty_array=(json.dumps(rows, indent=4).encode(), {"rows_in": 3, "kept": 3}),
        array_in_array=(b"[" + array + b"]", {"kept": 0} | AS_IT_COMES),
        array_of_scalars=(b'[1, "zqperson", null, true]', {"kept": 0} | AS_IT_COMES),
        array_with_one_scalar=(array[:-1] + b', "zqperson"]', {"kept": 3}),
        array_cut=(array[: len(array) - draw.rng.randrange(1, len(array) - 1)], AS_IT_COMES),
        array_and_more=(array + b' {"x": "zqperson"}', AS_IT_COMES),
        array_with_a_last_comma=(array[:-1] + b",]", AS_IT_COMES),
        two_arrays=(array + b"\n" + json.dumps(some(feed, draw.tag + "b", 2)).encode(), AS_IT_COMES),
        array_behind_a_bom=(b"\xef\xbb\xbf" + array, {"rows_in": 3, "kept": 3}),
        array_behind_white_space=(b" \r\n\t" + array + b"\n\n", {"rows_in": 3, "kept": 3}),
        array_not_utf8=(array.replace(b"2026", b"\xff026", 1), AS_IT_COMES),
        one_object=(json.dumps(rows[0]).encode(), {"kept": 1}),
        pretty_object=(json.dumps(rows[0], indent=2).encode(), AS_IT_COMES),
        scalar=(b'"zqperson"', {"kept": 0} | AS_IT_COMES),
        null=(b"null", {"kept": 0} | AS_IT_COMES),
        python_repr=(repr(rows).encode(), {"kept": 0} | AS_IT_COMES),
        deep=(b"[" * 3000 + b"1" + b"]" * 3000, {"kept": 0} | AS_IT_COMES),
        deep_in_a_row=(array[:-1] + b', {"a": ' + b"[" * 3000 + b"]" * 3000 + b"}]", AS_IT_COMES),
        no_numbers=(array[:-1] + b", NaN, Infinity]", AS_IT_COMES),
        long_array=(json.dumps(some(feed, draw.tag, 300) + [{"x": "y" * (5 << 20)}]).encode(), AS_IT_COMES),
    )  # fmt: skip
    if draw.rng.random() < 0.3:
        return draw.entry(feed, f"{draw.tag}-{what}.json.gz", content(gzip.compress(written)), **said)
    return draw.entry(feed, f"{draw.tag}-{what}.json", content(written), **said)


@kind
def odd_lines(draw: Draw) -> Entry:
    feed, tag = "events", draw.tag
    rows = some(feed, tag, 3)
    one = signal(tag, 7)
    text = json.dumps(one)
    odd = draw.rng.choice(
        [
            repr(one), text[:-5] + "\n", text + text, f"[{text}]", text.replace('"', "'"), f'"{person(tag, 8)}"',
            text.replace("user_ref", "user_r\\u0065f"), text.replace("zqperson", "\\u007aqperson"),
            text.replace("zqmail", "\\u007aqmail").replace("@", "\\u0040"), text.replace("@example", "@ex\u00e4mple"),
            json.dumps(signal(tag, 7, user_ref=person(tag, 7))), json.dumps(signal(tag, 7, user_ref=[person(tag, 7)])),
            json.dumps(signal(tag, 7, user_ref=json.dumps({"pseudonymized_user_id": person(tag, 7)}))),
            json.dumps(signal(tag, 7, user_ref={"pseudonymized_user_id": {"is": person(tag, 7)}})),
            json.dumps(signal(tag, 7) | {"data": json.dumps(one["data"])}),
            json.dumps(signal(tag, 7) | {"data": [one["data"]]}), json.dumps(one | {"timestamp": f"zqmail.{tag}@example.org"}),
            text[:-1] + f', "event_id": "{tag}-8"}}', text[:-1] + f', "data": "{person(tag, 8)}"}}',
            text.replace('"event_id"', '"other"'), text + " zqperson", "zqperson " + text,
            text.replace("high", "\\u0000"), text.replace("high", "x" * (1 << 20)), text.replace("high", "x" * (5 << 20)),
            text.replace('"high"', '{"a":' * 70 + "1" + "}" * 70), "!not_utf8!zqperson!zqmail@example.org",
            "!unreadable_file!zqperson!zqperson", f"ValueError: zqperson at {text}", text.replace(":", "="),
        ]
    )  # fmt: skip
    data = lines(rows[:2]) + odd.encode("utf-8", "surrogatepass") + b"\n" + lines(rows[2:])
    return draw.entry(feed, f"{tag}.jsonl", content(data))


def parquet_types(count: int, word: str) -> dict[str, pa.Array]:
    """A column of every type that Parquet can hold; `word` stands in its texts."""
    moments = [datetime(2026, 2, 9, hour) for hour in range(count)]
    numbers = list(range(count))
    return {
        "struct": pa.array([{word: n} for n in numbers]),
        "struct_of_nothing": pa.array([{"a": None}] * count, pa.struct([("a", pa.null())])),
        "map": pa.array([[(word, n)] for n in numbers], pa.map_(pa.string(), pa.int64())),
        "list": pa.array([[word]] * count),
        "list_of_structs": pa.array([[{"a": [{"b": n}]}] for n in numbers]),
        "int8": pa.array(numbers, pa.int8()),
        "int64": pa.array([2**63 - 1 - n for n in numbers]),
        "uint64": pa.array([2**64 - 1 - n for n in numbers], pa.uint64()),
        "whole_double": pa.array([float(n) for n in numbers]),
        "double": pa.array([float("nan"), float("inf"), -0.0, 1e300, 0.1][:count]),
        "float": pa.array([0.5 + n for n in numbers], pa.float32()),
        "half": pa.array(np.arange(count, dtype=np.float16)),
        "decimal": pa.array([Decimal(n) / 4 for n in numbers], pa.decimal128(38, 10)),
        "wide_decimal": pa.array([Decimal(10) ** 60 + n for n in numbers], pa.decimal256(76, 0)),
        "boolean": pa.array([n % 2 == 0 for n in numbers]),
        "date": pa.array([date(2026, 2, 9)] * count),
        "time": pa.array([time(10, n) for n in numbers]),
        "timestamp_ns": pa.array(moments, pa.timestamp("ns")),
        "timestamp_us": pa.array(moments, pa.timestamp("us")),
        "timestamp_ms": pa.array(moments, pa.timestamp("ms")),
        "timestamp_of_a_zone": pa.array(moments, pa.timestamp("us", "Asia/Kolkata")),
        "far_timestamp": pa.array([2**62] * count, pa.timestamp("us")),
        "duration": pa.array([timedelta(seconds=n) for n in numbers]),
        "binary": pa.array([f"{word}-{n}".encode() for n in numbers]),
        "binary_of_no_text": pa.array([f"{word}{n}".encode() + b"\xff" for n in numbers]),
        "fixed_binary": pa.array([b"%08d" % n for n in numbers], pa.binary(8)),
        "text_of_no_text": bad_text([f"{word}{n}".encode() + b"\xff" for n in numbers]),
        "large_text": pa.array([f"{word}-{n}" for n in numbers], pa.large_string()),
        "text_view": pa.array([f"{word}-{n}" for n in numbers], pa.string_view()),
        "dictionary": pa.array([f"{word}-{n % 2}" for n in numbers]).dictionary_encode(),
        "nothing": pa.nulls(count),
        "json_text": pa.array([json.dumps({word: n}) for n in numbers]),
        "zero_character": pa.array([f"a\0{word}-{n}" for n in numbers]),
        "long_text": pa.array([word * 200_000] * count),
    }


def bad_text(values: list[bytes]) -> pa.Array:
    """Bytes that say they are text: no writer checks that."""
    binary = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(values), binary.buffers())


@kind
def parquet_column_of_another_type(draw: Draw) -> Entry:
    feed = draw.feed()
    table = table_of(some(feed, draw.tag, 5))
    place = draw.rng.randrange(table.num_columns)
    name = table.column_names[place]
    # Only of a field of persons nobody may read again what stood there.
    what, column = draw.pick(**parquet_types(5, "zqperson" if name in ("actor_user_id", "raised_by") else "word"))
    table = table.set_column(place, name, column)
    may_refuse = what in ("wide_decimal", "half", "text_of_no_text", "duration", "far_timestamp", "struct_of_nothing")
    said = AS_IT_COMES if may_refuse else {"rows_in": 5}
    return draw.entry(feed, f"{draw.tag}-{name}-{what}.parquet", content(parquet_of(table)), **said)


@kind
def parquet_file(draw: Draw) -> Entry:
    feed = draw.rng.choice(FLAT)
    rows = some(feed, draw.tag, 5)
    table = table_of(rows)
    whole = {"rows_in": 5, "kept": 5}
    plain = parquet_of(table, compression="none", use_dictionary=False)
    damaged = bytearray(parquet_of(table, compression=draw.rng.choice(["none", "snappy", "zstd"])))
    for _ in range(draw.rng.choice([1, 3, 40])):
        damaged[draw.rng.randrange(4, len(damaged) - 8)] ^= 1 << draw.rng.randrange(8)
    names = table.column_names
    other = table.rename_columns([names[0].upper(), *names[1:]])
    what, (written, said) = draw.pick(
        snappy=(parquet_of(table), whole),
        gzip=(parquet_of(table, compression="gzip"), whole),
        zstd=(parquet_of(table, compression="zstd"), whole),
        lz4=(parquet_of(table, compression="lz4"), whole),
        brotli=(parquet_of(table, compression="brotli"), whole),
        first_version=(parquet_of(table, version="1.0", data_page_version="2.0"), whole),
        row_groups=(parquet_of(table, row_group_size=1), whole),
        checked_pages=(parquet_of(table, write_page_checksum=True), whole),
        other_case=(parquet_of(other), whole),
        both_cases=(parquet_of(table.append_column(names[0].upper(), pa.array(["other"] * 5))), AS_IT_COMES),
        name_twice=(parquet_of(table.append_column(names[0], pa.array(["other"] * 5))), AS_IT_COMES),
        odd_names=(parquet_of(odd_columns(table)), whole),
        thousand_columns=(parquet_of(many_columns(table)), whole),
        damaged=(bytes(damaged), AS_IT_COMES),
        person_in_a_damaged_page=(plain.replace(b"zqperson", b"zqperson"[:-1] + b"\xff"), AS_IT_COMES),
        encrypted=(b"PARE" + plain[4:-4] + b"PARE", UNREADABLE),
        only_magic=(b"PAR1PAR1", UNREADABLE),
        foot_too_long=(plain[:-8] + b"\xff\xff\xff\x7fPAR1", UNREADABLE),
        no_foot=(plain[:-8] + bytes(4) + b"PAR1", UNREADABLE),
        bytes_behind=(plain + b"behind", UNREADABLE),
        text=(b"zqperson zqmail@example.org\n" * 20, UNREADABLE),
    )
    return draw.entry(feed, f"{draw.tag}-{what}.parquet", content(written), **said)


def odd_columns(table: pa.Table) -> pa.Table:
    names = ["filename", "file_row", "file_row_number", "file_index", "raw_row", "a.b", 'a"b', "a'b", "", "\n", "rowid"]
    for name in [*names, "select", "source_file", "line", "0", "x" * 300]:
        table = table.append_column(name, pa.array(["y"] * table.num_rows))
    return table


def many_columns(table: pa.Table) -> pa.Table:
    others = pa.table({f"column_{number}": pa.array([number] * table.num_rows) for number in range(1000)})
    for name in others.column_names:
        table = table.append_column(name, others[name])
    return table


@kind
def name_that_is_read(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag
    data = lines(some(feed, tag, 3))
    name = draw.rng.choice(
        [
            f"{tag}\n.jsonl", f"{tag}\t.jsonl", f"{tag}'.jsonl", f'{tag}".jsonl', f"{tag}*.jsonl", f"{tag}[a-z].jsonl",
            f"{tag}?.jsonl", f"{tag}{{a,b}}.jsonl", f"{tag}\\.jsonl", f"-{tag}.jsonl", f" {tag} .jsonl", f"{tag}%2F.jsonl",
            f"{tag}$HOME`id`.jsonl", f"{tag};drop table x;--.jsonl", f"{tag}#.jsonl", f"!unreadable_file!{tag}!.jsonl",
            f"{tag}👩‍👩‍👧.jsonl", f"{tag}\u202egnp.jsonl", f"{tag}e\u0301.jsonl", f"{tag}\x1b[31m.jsonl", f"{tag}\x7f\x01.jsonl",
            tag + "x" * (255 - len(tag) - 6) + ".jsonl", tag + "ж" * 120 + ".jsonl", f"date=2026-02-09/{tag}.jsonl",
            f"{tag}/date=2099-13-45/a.jsonl", f"__HIVE_DEFAULT_PARTITION__={tag}/a.jsonl", f"{tag}/" + "d/" * 60 + "a.jsonl",
            f"{tag}.jsonl/a.jsonl", f"{tag}.parquet/a.jsonl", f"{{{{ {tag} }}}}.jsonl", f"{tag}{{% raw %}}.jsonl", f"{tag}\r.jsonl",
            f"{tag}\u2028.jsonl", f"{tag}...jsonl", f"[{tag}]/[a]/*.jsonl", f"{tag}/**/a.jsonl", f"{tag}<b>&amp;.jsonl",
            f"{tag}.csv.jsonl", f"{tag}.tmp.jsonl", f"~{tag}.jsonl", f"http:/{tag}.jsonl", f"s3:/{tag}/a.jsonl", f"{tag}|x.jsonl",
        ]
    )  # fmt: skip
    if draw.rng.random() < 0.3:  # another reader opens it
        rows = some("quality_flags", tag, 3)
        if draw.rng.random() < 0.5:
            return draw.entry(
                "quality_flags",
                name.replace(".jsonl", ".parquet"),
                content(parquet_of(table_of(rows))),
                rows_in=3,
                kept=3,
            )
        return draw.entry("quality_flags", name.replace(".jsonl", ".csv"), content(csv_of(rows)), rows_in=3, kept=3)
    return draw.entry(feed, name, content(data), rows_in=3, kept=3)


@kind
def name_that_is_no_text(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag.encode()
    data = lines(some(feed, draw.tag, 2))
    refused = {"fate": fates(REFUSED), "reasons": because("unreadable_name"), "kept": 0}
    if draw.rng.random() < 0.2:
        # Of a path that no call takes the folders above are good: whoever refuses it may name any of them.
        refused["reasons"] = because("unreadable_name", "unreadable_folder", "unreadable_file")
        return draw.entry(feed, tag, too_long(data, b"a.jsonl"), **refused)
    name = draw.rng.choice(
        [tag + b"caf\xe9.jsonl", b"\xff\xfe" + tag + b".csv", tag + b"\xed\xa0\x80.jsonl", tag + b"\xc0\xaf.jsonl.gz"]
        + [tag + b"\xe9/a.jsonl", b"\x80" + tag + b"/b/c.jsonl", tag + b"\xf5.parquet", tag + b"\xe9\n'.json"]
    )
    return draw.entry(feed, name, content(data), **refused)


@kind
def link_elsewhere(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag
    ending = draw.rng.choice([".jsonl", ".csv", ".json", ".jsonl.gz", ".parquet", ".ndjson"])
    out = {"fate": fates(REFUSED), "reasons": because("outside_landing"), "kept": 0}

    def to(name: bytes, rows: bytes | None = None) -> Callable[[bytes], bytes]:
        def target(path: bytes) -> bytes:
            outside = os.path.join(above_landing(path, feed), name)
            if rows is not None:
                content(rows)(outside)
            return outside

        return target

    def relative(path: bytes) -> bytes:
        return os.path.relpath(to(b"outside/" + tag.encode(), lines(some(feed, tag, 2)))(path), os.path.dirname(path))

    name, target = draw.rng.choice(
        [
            ("salt", to(b"warehouse/learning_loop.salt")),
            ("file", to(b"outside/" + tag.encode(), lines(some(feed, tag, 2)))),
            ("relative", relative),
            ("warehouse", to(b"warehouse/learning_loop.duckdb")),
            ("passwords", lambda _: b"/etc/passwd"),
            ("environment", lambda _: b"/proc/self/environ"),
            ("memory", lambda _: b"/proc/self/maps"),
            ("zeros", lambda _: b"/dev/zero"),
            ("standard_input", lambda _: b"/dev/stdin"),
        ]
    )
    if name in ("zeros", "standard_input", "warehouse"):  # the first night of a warehouse has none yet
        out["reasons"] = because("outside_landing", "not_a_file")
    return draw.entry(feed, f"{tag}-{name}{ending}", link(target), **out)


@kind
def linked_folder(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag

    def outside(path: bytes) -> bytes:
        folder = os.path.join(above_landing(path, feed), b"outside-" + tag.encode())
        content(lines(some(feed, tag, 2)))(folder + b"/a.jsonl")
        return folder

    out = {"fate": fates(REFUSED), "reasons": because("outside_landing"), "kept": 0}
    name, (target, said) = draw.pick(
        outside=(outside, out),
        root=(lambda _: b"/", out),
        salts_folder=(lambda path: above_landing(path, feed) + b"/warehouse", out),
        itself=(lambda path: path, {"fate": fates(REFUSED), "reasons": because("not_a_file"), "kept": 0}),
        folder_above=(lambda _: b"..", {"fate": fates(REFUSED, READ), "kept": 0}),
        its_own=(lambda _: b".", {"fate": fates(REFUSED, READ), "kept": 0}),
    )
    return draw.entry(feed, f"{tag}-{name}", link(target), **said)


@kind
def link_inside(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag
    rows = lines(some(feed, tag, 3))

    def target(path: bytes) -> bytes:
        hidden = os.path.join(os.path.dirname(path), b"." + tag.encode())
        content(rows)(hidden)
        return draw.rng.choice([hidden, os.path.basename(hidden)])

    return draw.entry(feed, f"{tag}.jsonl", link(target), rows_in=3, kept=3)


@kind
def no_file(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag
    ending = draw.rng.choice([".jsonl", ".csv", ".json", ".jsonl.gz", ".parquet", ".ndjson", ".csv.gz"])
    name, make = draw.pick(
        fifo=fifo,
        socket=unix_socket,
        device=device,
        loop=link(os.path.basename),
        dangling=link(lambda _: b"nothing-there"),
        dangling_far=link(lambda _: b"/nothing/there"),
    )
    may = because("not_a_file", "outside_landing") if name == "dangling_far" else because("not_a_file")
    return draw.entry(feed, f"{tag}-{name}{ending}", make, fate=fates(REFUSED), reasons=may, kept=0)


@kind
def no_file_of_no_ending(draw: Draw) -> Entry:
    """What is no file and would not be read anyway: named all the same, and never opened."""
    make = draw.rng.choice([fifo, unix_socket, device, link(os.path.basename), link(lambda _: b"/etc/passwd")])
    return draw.entry(
        draw.feed(), draw.tag + draw.rng.choice(["", ".txt"]), make, fate=fates(REFUSED, NOT_READ), kept=0
    )


@kind
def hard_link_to_the_salt(draw: Draw) -> Entry:
    """A regular file inside the landing folder, as far as anybody can tell: its lines are no JSON."""
    feed = draw.feed()
    ending = draw.rng.choice([".jsonl", ".csv", ".json", ".parquet", ".jsonl.gz"])

    def make(path: bytes) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.link(above_landing(path, feed) + b"/warehouse/learning_loop.salt", path)

    return draw.entry(feed, draw.tag + ending, make, kept=0, **AS_IT_COMES)


@kind
def permission(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag
    rows = lines(some(feed, tag, 2))
    said: dict = {"rows_in": 2, "kept": 2}
    path = f"{feed}/{tag}".encode()
    mode = draw.rng.choice([None, 0, 0o400, 0o100, 0o300])
    if mode is None:
        if draw.is_bound:
            said = UNREADABLE
        return draw.entry(feed, f"{tag}.jsonl", shut(rows), opened=(path + b".jsonl",), **said)
    if draw.is_bound:
        reasons = because("unreadable_folder", "unreadable_file") if mode == 0o400 else because("unreadable_folder")
        said = {"fate": fates(REFUSED), "reasons": reasons, "kept": 0}
    return draw.entry(feed, tag, folder_of(rows, mode), opened=(path,), **said)


@kind
def grows(draw: Draw) -> Entry:
    """Half of it lies there in one night, all of it in the next: every row is kept, and nothing stays open."""
    feed = draw.rng.choice(FLAT)
    rows = some(feed, draw.tag, 6)
    ending, whole = draw.rng.choice(
        [(".jsonl", lines(rows)), (".ndjson", lines(rows)), (".csv", csv_of(rows)), (".csv", csv_of(rows, end="\r\n"))]
        + [
            (".csv", csv_of(rows, ";")),
            (".jsonl.gz", gzip.compress(lines(rows))),
            (".csv.gz", gzip.compress(csv_of(rows))),
        ]
        + [(".json", json.dumps(rows).encode()), (".parquet", parquet_of(table_of(rows)))]
        + [(".jsonl", lines(rows)[:-1]), (".csv", csv_of(rows)[:-1])]
    )
    cut = draw.rng.randrange(len(whole))
    said: dict = {"then": content(whole), "then_kept": 6, "then_fate": fates(READ)}
    if ending == ".csv" and not whole.endswith(b"\n"):
        said["then_kept"] = 5  # its last record waits one more night
    return draw.entry(feed, f"{draw.tag}-{cut}{ending}", content(whole[:cut]), **said, **AS_IT_COMES)


@kind
def becomes_something_else(draw: Draw) -> Entry:
    feed, tag = draw.feed(), draw.tag
    rows = content(lines(some(feed, tag, 3)))
    refused = {"fate": fates(REFUSED), "reasons": because("not_a_file"), "kept": 0}
    if draw.rng.random() < 0.5:
        return draw.entry(feed, f"{tag}.jsonl", fifo, **refused, then=rows, then_kept=3, then_fate=fates(READ))
    then = draw.rng.choice([fifo, link(os.path.basename), link(lambda _: b"/etc/passwd")])
    # Its rows stay: what was read before is not lost.
    return draw.entry(feed, f"{tag}.jsonl", rows, rows_in=3, kept=3, then=then, then_fate=fates(REFUSED, READ))


# --- what nights are made of


def entries(seed: int, count: int, is_bound: bool, first: int = 0) -> Iterator[Entry]:
    """Yield `count` entries, as many of each kind; the same for the same seed. `first` numbers their tags."""
    rng = random.Random(seed)
    names: list[str] = []
    for number in range(count):
        names = names or rng.sample(sorted(KINDS), k=len(KINDS))
        name = names.pop()
        yield replace(KINDS[name](Draw(rng, f"e{first + number:05}", is_bound)), kind=name)


def truncations() -> list[tuple[str, str, bytes, dict]]:
    """Return (feed, ending, bytes, what is expected) of small files cut behind every byte."""
    found: list[tuple[str, str, bytes, dict]] = []
    feed = "quality_flags"
    rows = some(feed, "cut", 2)
    text, table = (
        lines(rows),
        parquet_of(table_of(rows[:1]), compression="none", use_dictionary=False, write_statistics=False),
    )
    for cut in range(len(text)):
        kept = text[:cut].count(b"\n") + (cut in (text.find(b"\n"), len(text) - 1))
        found.append((feed, ".jsonl", text[:cut], {"kept": kept, "rows_in": kept}))
    comma = csv_of(rows)
    found += [(feed, ".csv", comma[:cut], {}) for cut in range(len(comma))]
    array = json.dumps(rows).encode()
    found += [(feed, ".json", array[:cut], AS_IT_COMES) for cut in range(len(array))]
    packed = gzip.compress(text)
    found += [(feed, ".jsonl.gz", packed[:cut], UNREADABLE) for cut in range(1, len(packed))]
    found += [(feed, ".parquet", table[:cut], UNREADABLE) for cut in range(1, len(table))]
    return found


def cuts(which: list[tuple[str, str, bytes, dict]], first: int) -> Iterator[Entry]:
    """Yield entries of truncated files, each with rows of its own."""
    for number, (feed, ending, data, said) in enumerate(which):
        tag = f"e{first + number:05}"
        own = data if ending.endswith((".gz", ".parquet")) else data.replace(b'"cut-', f'"{tag}-'.encode())
        own = re.sub(rb"(?m)^cut-", f"{tag}-".encode(), own) if ending == ".csv" else own
        yield Entry(f"cut{ending}", tag, f"{feed}/{tag}-cut-{len(data)}{ending}".encode(), content(own), **said)
