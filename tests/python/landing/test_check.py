"""Every file is read once to its end before DuckDB reads it: the lines that are loaded, and why there are none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest

from learning_loop.landing.copies import lines
from learning_loop.landing.reading import MAX_LINE_BYTES, WAITING, Checked, check

GOOD = b'{"a": 1}\n'
LINE = GOOD.decode().strip()


def checked(tmp_path: Path, name: str, content: bytes) -> tuple[Checked, list[str] | None]:
    """Return what the check says of a file, and the lines of its copy if it has one."""
    path, copy = tmp_path / name, tmp_path / "private" / name
    path.write_bytes(content)
    found = check(path, copy)
    assert path.read_bytes() == content
    rows = list(lines(copy)) if copy.exists() else None
    assert found.line_count == len(rows or [])
    return found, rows


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (GOOD, [LINE]),
        (GOOD + b"{", [LINE, "{"]),
        (b"\n\n", ["", ""]),
        (b'{"a": 1}\r\n\r\n', [LINE, ""]),
        (b"no json\n", ["no json"]),
        ("ж\n".encode(), ["ж"]),
        (b"\xef\xbb\xbf" + GOOD, [LINE]),
        (b"a\x00b\x01\n", ["a\0b\1"]),
        (GOOD + b"!not_utf8!x\n\xef\xbb\xbf!x\n", [LINE, " !not_utf8!x", " !x"]),
    ],
    ids=[
        "a line", "a last line without its end", "empty lines", "CRLF", "no JSON", "two bytes", "a BOM",
        "control signs", "what looks like a stand-in",
    ],
)  # fmt: skip
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_lines_are_loaded_as_they_are_in_their_places(tmp_path, content, rows, pack):
    found, written = checked(tmp_path, "x.jsonl.gz" if pack is gzip.compress else "x.jsonl", pack(content))
    assert (written, found.is_open_ended, found.error) == (rows, not content.endswith(b"\n"), None)


def test_an_empty_file_has_no_lines(tmp_path):
    assert checked(tmp_path, "x.jsonl", b"") == (Checked(0), None)


@pytest.mark.parametrize(
    ("content", "marks"),
    [
        (GOOD + b'{"a": "\xff"}\n' + GOOD, [LINE, '!not_utf8!byte 8: invalid start byte!{"a": "�"}', LINE]),
        (GOOD + b"\xd0\n", [LINE, "!not_utf8!byte 1: unexpected end of data!�"]),
        (GOOD + b"\xd0", [LINE, "!not_utf8!byte 1: unexpected end of data!�"]),
        (b"\xff\r\n" + GOOD, ["!not_utf8!byte 1: invalid start byte!�", LINE]),
    ],
    ids=["a byte amid lines", "half a character before the line's end", "half a character at the end", "before CRLF"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_line_that_is_no_utf8_becomes_one_that_is_no_json_in_its_place(tmp_path, content, marks, pack):
    found, written = checked(tmp_path, "x.jsonl.gz" if pack is gzip.compress else "x.jsonl", pack(content))
    assert (written, found.is_open_ended, found.error) == (marks, not content.endswith(b"\n"), None)


# Lines are counted without their end; a file is read in pieces of as many bytes as a line may have.
@pytest.mark.parametrize("before", [b"", GOOD, GOOD * 3], ids=["the first line", "the second", "the fourth"])
@pytest.mark.parametrize(
    ("size", "is_kept"),
    [(MAX_LINE_BYTES - 1, True), (MAX_LINE_BYTES, True), (MAX_LINE_BYTES + 1, False), (3 * MAX_LINE_BYTES, False)],
    ids=["a byte under the limit", "at the limit", "a byte over it", "three times the limit"],
)
def test_a_line_over_the_limit_is_cut_to_its_head(tmp_path, before, size, is_kept):
    _, written = checked(tmp_path, "x.jsonl", before + b"x" * size + b"\n" + GOOD * 3)
    long = "x" * size if is_kept else f"!line_too_long!{size + 1} bytes!{'x' * 2000}"
    assert written == [*[LINE] * before.count(b"\n"), long, *[LINE] * 3]


def test_after_a_line_over_the_limit_lines_of_any_length_are_read(tmp_path):
    size = MAX_LINE_BYTES - 100
    content = b"x" * (MAX_LINE_BYTES + 5) + b"\n" + GOOD + b"y" * size + b"\n" + b"z" * size + b"\n" + GOOD
    written = checked(tmp_path, "x.jsonl", content)[1]
    assert written and written[1:] == [LINE, "y" * size, "z" * size, LINE]


def test_a_character_that_lies_across_two_pieces_of_a_file_is_one(tmp_path):
    line = b"x" * 1023 + b"\n"
    content = line * (MAX_LINE_BYTES // 1024 - 1) + b"x" * 1023 + "ж\n".encode()
    found, written = checked(tmp_path, "x.jsonl", content)
    assert content[MAX_LINE_BYTES - 1 : MAX_LINE_BYTES + 1] == "ж".encode()
    assert written == content.decode().splitlines() and not found.error


def packed(flags: int, fields: bytes) -> bytes:
    """Return GOOD as a gzip whose header has these flags and fields (RFC 1952)."""
    plain = gzip.compress(GOOD)
    return plain[:3] + bytes([flags]) + plain[4:10] + fields + plain[10:]


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (gzip.compress(GOOD), 1),
        (packed(8, b"x.jsonl\0"), 1),
        (packed(4, b"\x06\0BC\x02\0ab"), 1),
        (packed(16, b"a comment\0"), 1),
        (b"", 0),
        (gzip.compress(b""), 0),
        (gzip.compress(GOOD) + bytes(512), 1),
        (gzip.compress(GOOD) + bytes(1), 1),
        (gzip.compress(GOOD) + gzip.compress(GOOD * 2), 3),
        (gzip.compress(GOOD) + packed(4, b"\x06\0BC\x02\0ab"), 2),
    ],
    ids=[
        "plain", "with a name", "with an extra field, as bgzip writes it", "with a comment", "no bytes", "of nothing",
        "padded to a block", "padded by a byte", "two one after the other", "the second with an extra field",
    ],
)  # fmt: skip
def test_a_gzip_of_any_form_is_read(tmp_path, content, count):
    found, written = checked(tmp_path, "x.jsonl.gz", content)
    assert (found.error, written) == (None, [LINE] * count or None)


PACKED = gzip.compress(GOOD * 1000)


@pytest.mark.parametrize(
    "content",
    [PACKED[:-9], PACKED[:-8] + bytes(8), GOOD, gzip.compress(b"\xff\n" * 1000)[:-9]],
    ids=["cut off", "a wrong checksum", "no gzip", "cut off after a line that is no UTF-8"],
)
def test_a_gzip_that_is_not_whole_cannot_be_read(tmp_path, content):
    found, written = checked(tmp_path, "x.jsonl.gz", content)
    assert written is None
    assert found.error and ": " in found.error


@pytest.mark.parametrize(
    "name", ["x.jsonl", "x.jsonl.gz", "x.csv", "x.parquet", "run.json"], ids=["lines", "gzip", "CSV", "Parquet", "JSON"]
)
def test_a_file_that_is_gone_is_an_error_that_names_no_folder(tmp_path, name):
    found = check(tmp_path / name, tmp_path / "private" / name)
    assert found.error and "No " in found.error
    assert str(tmp_path) not in found.error


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", []),
        (b"a,b\n", []),
        (b"a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        (b"a,b\n1,2", [WAITING]),
        (b"a,b\r\n1,2\r\n", [{"a": "1", "b": "2"}]),
        (b"a,b\n1,\n", [{"a": "1"}]),
        (b"a,b\n\n1,2\n", ["", {"a": "1", "b": "2"}]),
        (b'a,b\n"1\n2","3,4"\n', [{"a": "1\n2", "b": "3,4"}]),
        (b'a,b\n"say ""x""",2\n', [{"a": 'say "x"', "b": "2"}]),
        (b"\xef\xbb\xbfa,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ("a,b\nж,😀\n".encode(), [{"a": "ж", "b": "😀"}]),
        (b"a,b\n1,2,3\n4,5\n", ["!ragged_record!3 fields, the header has 2!1,2,3 ", {"a": "4", "b": "5"}]),
        (b"a,b\n1\n", ["!ragged_record!1 fields, the header has 2!1 "]),
        (b"a,b\n\xff,2\n4,5\n", ["!not_utf8!a field!?,2", {"a": "4", "b": "5"}]),
        (b"a,b\n\\udcff,2\n", [{"a": "\\udcff", "b": "2"}]),
        (b"a,b\n1\x00,2\n", [{"a": "1\\u0000", "b": "2"}]),
    ],
    ids=[
        "empty", "a header", "a record", "no end of line", "CRLF", "an empty field is none", "an empty record",
        "a line's end in quotes", "quotes in quotes", "a BOM", "other letters", "a field too many", "a field too few",
        "no UTF-8", "what looks like a lone surrogate", "a NUL",
    ],
)  # fmt: skip
def test_each_record_of_csv_becomes_a_line(tmp_path, content, rows):
    found, written = checked(tmp_path, "x.csv", content)
    assert (found.is_open_ended, found.error) == (True, None)
    assert [json.loads(line) if line.startswith("{") else line for line in written or []] == rows


def test_a_line_of_csv_over_the_limit_costs_that_line(tmp_path):
    _, written = checked(tmp_path, "x.csv", b"a\n1\n" + b"x" * (3 * MAX_LINE_BYTES) + b"\n2\n")
    assert written is not None
    first, long, last = written
    assert (first, last) == ('{"a": "1"}', '{"a": "2"}')
    assert long.startswith("!line_too_long!")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'{"a": 1}', LINE),
        (b'{\r\n  "a": "x\\ny"\n}\n', '{    "a": "x\\ny" }'),
        (b"", ""),
        (b'{"a": ', '{"a":'),
        (b'{"a": "\xff"}', '!not_utf8!byte 8: invalid start byte!{"a": "�"}'),
        (b"!not_utf8!a person!", " !not_utf8!a person!"),
        (b"x" * MAX_LINE_BYTES, "x" * MAX_LINE_BYTES),
        (b"x" * (MAX_LINE_BYTES + 1), f"!line_too_long!{MAX_LINE_BYTES + 1} bytes!{'x' * 2000}"),
    ],
    ids=[
        "one line", "several lines", "empty", "half written", "no UTF-8", "what looks like a stand-in", "at the limit",
        "a byte over it",
    ],
)  # fmt: skip
def test_a_document_becomes_one_line_that_is_looked_at_again(tmp_path, content, line):
    found, written = checked(tmp_path, "run.json", content)
    assert (written, found.is_open_ended, found.error) == ([line], True, None)


@pytest.mark.parametrize("is_cut", [False, True], ids=["whole", "a page of zeros"])
def test_parquet_is_read_to_its_values_not_its_footer_alone(tmp_path, is_cut):
    made = tmp_path / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute("copy (select i, md5(i::varchar) as text from range(5000) as t(i)) to $1", [str(made)])
    content = made.read_bytes()
    found, written = checked(tmp_path, "x.parquet", content[:100] + bytes(900) + content[1000:] if is_cut else content)
    assert (found.error is not None) == is_cut
    assert (written is None) == is_cut
