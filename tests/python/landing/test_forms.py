"""Every form that a file may come in says the same row, and what is broken in one costs no more than itself."""

from __future__ import annotations

import gzip
import json
import os
import stat
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from learning_loop.landing import reading
from learning_loop.landing.copies import Room, lines
from learning_loop.landing.declaration import Feed, Field
from learning_loop.landing.reading import MAX_LINE_BYTES, WAITING, check

FEED = Feed(
    "events", "events/*", 1,
    fields=(
        Field("event_id", "id", "event_id", required=True), Field("claim_class", "text", "data.claim_type"),
        Field("confidence", "number", "confidence", required=True), Field("share", "number", "data.share"),
    ),
)  # fmt: skip

FEWER_BYTES = 1 << 16


def told(tmp_path: Path, name: str, content: bytes, is_settled: bool = False) -> list:
    """Return the rows of a file as the night loads them: objects where they are some."""
    path = tmp_path / name
    path.write_bytes(content)
    copy = tmp_path / "private" / name
    found = check(path, copy, feed=FEED, is_settled=is_settled)
    if found.error:
        return [found.error]
    rows = list(lines(copy)) if found.line_count else []
    assert found.line_count == len(rows)
    loads = json.JSONDecoder(strict=False, parse_constant=lambda _: "no number").decode
    return [loads(row) if row[:1] in ("{", '"') else row for row in rows]


def broken(rows: list) -> list:
    """Return the rows with the reason alone of those that are marked."""
    return [row.split("!")[1] if isinstance(row, str) and row.startswith("!") else row for row in rows]


QUOTED = "a quote that does not close its field"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b'a,b\n1,"x\n2,y\n3,z\n', ["bad_quoting", {"a": "2", "b": "y"}, {"a": "3", "b": "z"}]),
        (b'a,b\n1,"x\n2,y\n3,"z"\n4,w\n', [
            "bad_quoting", {"a": "2", "b": "y"}, {"a": "3", "b": "z"}, {"a": "4", "b": "w"},
        ]),
        (b'a,b\n1,"x"y\n2,z\n', ["bad_quoting", {"a": "2", "b": "z"}]),
        (b'a,b\n1,"x" \n2,z\n', ["bad_quoting", {"a": "2", "b": "z"}]),
        (b'a,b\n1,"x\ny"\n2,z\n', [{"a": "1", "b": "x\ny"}, {"a": "2", "b": "z"}]),
        (b'a,b\n1,x"y\n2,z\n', [{"a": "1", "b": 'x"y'}, {"a": "2", "b": "z"}]),
        (b"a;b\n1;x,y\n", [{"a": "1", "b": "x,y"}]),
        (b"a\tb\n1\tx,y\n", [{"a": "1", "b": "x,y"}]),
        (b'"a,b";c\n1;2\n', [{"a,b": "1", "c": "2"}]),
        (b" a , b\n1, x\n", [{"a": "1", "b": " x"}]),
        (b"a,a\n1,2\n", [{"a": "1"}]),
        (b"\xef\xbb\xbfa,b\n\xef\xbb\xbf1,2\n", [{"a": "1", "b": "2"}]),
        (b'a,"b\n1,2\n', ["ValueError: it cannot be read to its end"]),
        (b"a\n" + b'"' + b"x\n" * FEWER_BYTES + b'"\n', None),
    ],
    ids=[
        "a quote that nothing closes", "one that a later one closes", "text after a quote", "space after a quote",
        "a line's end in quotes", "a quote within a text", "semicolons", "tabs", "a comma in the header",
        "spaces in the header", "a name twice", "a BOM before a record", "an open quote in the header",
        "an open quote before many lines",
    ],
)  # fmt: skip
def test_a_record_of_csv_that_is_broken_costs_itself_alone(tmp_path, monkeypatch, content, rows):
    monkeypatch.setattr(reading, "MAX_LINE_BYTES", FEWER_BYTES)
    found = broken(told(tmp_path, "x.csv", content))
    if rows is None:
        assert found[:2] == ["bad_quoting", {"a": "x"}]
        assert len(found) == FEWER_BYTES + 1
    else:
        assert found == rows


def test_a_last_record_without_the_end_of_its_line_waits_until_the_file_is_settled(tmp_path):
    content = b"a,b\n1,x\n2,y"
    assert told(tmp_path, "x.csv", content) == [{"a": "1", "b": "x"}, json.loads(WAITING)]
    assert told(tmp_path, "x.csv", content, is_settled=True) == [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]
    assert told(tmp_path, "x.csv", b'a,b\n1,x\n2,"y') == [{"a": "1", "b": "x"}, json.loads(WAITING)]
    assert broken(told(tmp_path, "x.csv", b'a,b\n1,x\n2,"y', is_settled=True)) == [{"a": "1", "b": "x"}, "bad_quoting"]


ROWS = [{"a": "ж\n", "n": 9007199254740993}, {"a": "x"}]


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: json.dumps(rows, ensure_ascii=False),
        lambda rows: json.dumps(rows, indent=2).replace("\n", "\r\n"),
        lambda rows: "\ufeff " + json.dumps(rows),
        lambda rows: "".join(json.dumps(row) + "\n" for row in rows),
    ],
    ids=["an array", "an array on many lines", "an array after a BOM", "lines"],
)
@pytest.mark.parametrize("name", ["x.json", "x.JSON.gz"])
def test_json_is_an_array_or_lines(tmp_path, write, name):
    pack = gzip.compress if name.endswith("gz") else bytes
    assert told(tmp_path, name, pack(write(ROWS).encode())) == ROWS


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", []),
        (b"[]", []),
        (b" [ ] \n", []),
        (b'[{"a":1}', [{"a": 1}]),
        (b'[{"a":1},', [{"a": 1}]),
        (b'[{"a":1},{"b"', [{"a": 1}, "not_json"]),
        (b'[{"a":1} {"b":2}]', [{"a": 1}, "not_json"]),
        (b'[1,"x",[2]]', ["1", "x", "[2]"]),
        (b'[{"a":"\xff"},{"b":2}]', ["not_utf8", {"b": 2}]),
        (b'[1]\n{"b":2}\n', ["[1]", {"b": 2}]),
        (b'[{"a":"' + b"x" * MAX_LINE_BYTES + b'"},{"b":2}]', ["line_too_long", {"b": 2}]),
        (b"[" + b",".join([b'{"a":1}'] * 400_000) + b"]", [{"a": 1}] * 400_000),
        (b"[" * 100_000, ["not_json"]),
    ],
    ids=[
        "nothing", "no element", "no element and spaces", "not closed", "after a comma", "cut off", "no comma",
        "no objects", "no UTF-8", "a line that looks like one", "a long element", "many", "deep",
    ],
)  # fmt: skip
def test_an_array_that_breaks_off_loses_nothing_before(tmp_path, content, rows):
    assert broken(told(tmp_path, "x.json", content)) == rows


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b'{"a":1}\n\xef\xbb\xbf{"b":2}\n', [{"a": 1}, {"b": 2}]),
        (b'{"a":1}\r\n{"b":\r2}\n{"c":3}\n', [{"a": 1}, {"b": 2}, {"c": 3}]),
        (b'{"a":"x\ry"}\n{"b":2}\n', [{"a": "x\ry"}, {"b": 2}]),
        (b'{"a":"x\x01y"}\n{"b":2}\n', [{"a": "x\x01y"}, {"b": 2}]),
    ],
    ids=["a BOM within", "a lone CR", "a CR in a text", "a control character"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.jsonl", "x.NDJSON", "x.ndjson.gz"])
def test_no_sign_within_a_line_moves_the_lines_after_it(tmp_path, content, rows, name):
    pack = gzip.compress if name.endswith("gz") else bytes
    assert broken(told(tmp_path, name, pack(content))) == rows


def parquet(table: pa.Table, tmp_path: Path) -> bytes:
    pq.write_table(table, tmp_path / "made.parquet")
    return (tmp_path / "made.parquet").read_bytes()


A_MAP = pa.map_(pa.string(), pa.float64())


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ({"EVENT_ID": ["x"], "Data": [{"Claim_Type": "c"}]}, [{"event_id": "x", "data": {"claim_type": "c"}}]),
        ({"EVENT_ID": ["y"], "event_id": ["x"]}, [{"event_id": "x"}]),
        ({"event_id": [2**53 + 1, -(2**63)]}, [{"event_id": 2**53 + 1}, {"event_id": -(2**63)}]),
        ({"event_id": pa.array([2**64 - 1], pa.uint64())}, [{"event_id": 2**64 - 1}]),
        ({"event_id": [7.0, None, 1.5, float("nan")]}, [{"event_id": 7}, {}, {"event_id": 1.5}, {}]),
        (
            {"confidence": [1.0, float("nan")], "data": [{"share": float("nan")}, {"share": 0.5}]},
            [{"confidence": 1, "data": {}}, {"confidence": "no number", "data": {"share": 0.5}}],
        ),
        ({"data": [{"claim_type": 7.0, "l": [{"x": 2.0}]}]}, [{"data": {"claim_type": 7, "l": [{"x": 2}]}}]),
        ({"event_id": pa.array([Decimal(10**30 + 1)], pa.decimal128(38, 0))}, [{"event_id": 10**30 + 1}]),
        ({"event_id": ["é".encode(), b"\xff", None]}, [{"event_id": "é"}, "not_utf8", {}]),
        ({"data": [{"x": [b"q"]}, {"x": [b"\xff"]}, {"x": None}]}, [{"data": {"x": ["q"]}}, "not_utf8", {"data": {}}]),
        ({"data": [{"a": 1.0, "b": None}, None]}, [{"data": {"a": 1}}, {}]),
        ({"data": pa.array([[("a", 1.0), ("b", None)], [], None], A_MAP)}, [{"data": {"a": 1}}, {"data": {}}, {}]),
        ({"event_id": pa.array([], pa.string())}, []),
        ({"it's \"x\"": [1], "event_id": ["x"]}, [{"it's \"x\"": 1, "event_id": "x"}]),
        ({"event_id": ["x" * (MAX_LINE_BYTES + 1), "y"]}, ["line_too_long", {"event_id": "y"}]),
    ],
    ids=[
        "other case", "both cases", "integers", "unsigned", "doubles", "NaN", "doubles in structs", "decimals", "bytes",
        "bytes within", "a struct", "a map", "no rows", "a hostile name", "a long row",
    ],
)  # fmt: skip
def test_a_row_of_parquet_says_what_a_line_of_it_would(tmp_path, table, rows):
    assert broken(told(tmp_path, "x.parquet", parquet(pa.table(table), tmp_path))) == rows


def test_a_file_that_cannot_be_read_is_described_in_no_words_of_its_own(tmp_path):
    found = told(tmp_path, "x.parquet", b"PAR1bea@example.orgPAR1")
    assert "bea" not in str(found) and found[0].endswith("it cannot be read to its end")


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.csv.gz", "x.json.gz"])
def test_what_unpacks_to_more_than_there_is_room_for_is_not_read(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(b"[" + b'{"a":1},\n' * 1_000_000))
    copy = tmp_path / "private" / name
    found = check(tmp_path / name, copy, room=Room(3_000_000))
    assert found.error == "NoRoom: it unpacks to more than there is room for"
    assert not copy.exists()


def test_a_full_disk_is_no_fault_of_the_file(tmp_path, monkeypatch):
    (tmp_path / "x.csv").write_bytes(b"a\n1\n")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Room, "take", full)
    with pytest.raises(OSError, match="No space"):
        check(tmp_path / "x.csv", tmp_path / "private" / "x.csv")


def test_a_copy_is_private(tmp_path):
    before = os.umask(0)
    try:
        told(tmp_path, "x.csv", b"a\n1\n")
    finally:
        os.umask(before)
    copy = tmp_path / "private" / "x.csv"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (copy, copy.parent)] == [0o600, 0o700]
