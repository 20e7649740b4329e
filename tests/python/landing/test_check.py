"""Every file is read once to its end before DuckDB reads it: what DuckDB is given then, and why it is given none."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest

from learning_loop.landing.reading import MAX_LINE_BYTES, WAITING, Checked, check

GOOD = b'{"a": 1}\n'


def checked(tmp_path: Path, name: str, content: bytes) -> tuple[Checked, bytes | None]:
    """Return what the check says of a file, and what it wrote in its place if it did."""
    path, repaired = tmp_path / name, tmp_path / "repaired" / name
    path.write_bytes(content)
    found = check(path, repaired)
    assert found.path in (path, repaired)
    assert path.read_bytes() == content
    return found, repaired.read_bytes() if found.path == repaired else None


@pytest.mark.parametrize(
    ("content", "is_open_ended"),
    [
        (GOOD, False),
        (GOOD + b"{", True),
        (b"\n\n", False),
        (b'{"a": 1}\r\n', False),
        (b"no json\n", False),
        ("ж\n".encode(), False),
        (b"\xef\xbb\xbf" + GOOD, False),
    ],
    ids=["a line", "a last line without its end", "empty lines", "CRLF", "no JSON", "two bytes", "a BOM"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_readable_lines_are_read_where_they_lie(tmp_path, content, is_open_ended, pack):
    is_gzip = pack is gzip.compress
    name = "x.jsonl.gz" if is_gzip else "x.jsonl"
    found, written = checked(tmp_path, name, pack(content))
    assert (written, found.is_gzip, found.is_open_ended, found.error) == (None, is_gzip, is_open_ended, None)


def test_an_empty_file_has_no_lines(tmp_path):
    assert checked(tmp_path, "x.jsonl", b"") == (Checked(tmp_path / "x.jsonl", False, False), None)


@pytest.mark.parametrize(
    ("content", "repaired"),
    [
        (GOOD + b'{"a": "\xff"}\n' + GOOD, GOOD + '!not_utf8!byte 8: invalid start byte!{"a": "�"}\n'.encode() + GOOD),
        (GOOD + b"\xd0\n", GOOD + "!not_utf8!byte 1: invalid continuation byte!� \n".encode()),
        (GOOD + b"\xd0", GOOD + "!not_utf8!byte 1: unexpected end of data!�\n".encode()),
        (b"\xff\r\n" + GOOD, "!not_utf8!byte 1: invalid start byte!�  \n".encode() + GOOD),
    ],
    ids=["a byte amid lines", "half a character before the line's end", "half a character at the end", "before CRLF"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_line_that_is_no_utf8_becomes_one_that_is_no_json_in_its_place(tmp_path, content, repaired, pack):
    found, written = checked(tmp_path, "x.jsonl.gz" if pack is gzip.compress else "x.jsonl", pack(content))
    assert written is not None and written.decode().replace(" \n", "\n") == repaired.decode().replace(" \n", "\n")
    assert (found.is_gzip, found.is_open_ended, found.error) == (False, not content.endswith(b"\n"), None)


# Lines are counted without their end; a file is read in pieces of as many bytes as a line may have.
@pytest.mark.parametrize("before", [b"", GOOD, GOOD * 3], ids=["the first line", "the second", "the fourth"])
@pytest.mark.parametrize(
    ("size", "is_kept"),
    [(MAX_LINE_BYTES - 1, True), (MAX_LINE_BYTES, True), (MAX_LINE_BYTES + 1, False), (3 * MAX_LINE_BYTES, False)],
    ids=["a byte under the limit", "at the limit", "a byte over it", "three times the limit"],
)
def test_a_line_over_the_limit_is_cut_to_its_head(tmp_path, before, size, is_kept):
    _, written = checked(tmp_path, "x.jsonl", before + b"x" * size + b"\n" + GOOD)
    if is_kept:
        assert written is None
    else:
        assert written == before + f"!line_too_long!{size + 1} bytes!{'x' * 2000}\n".encode() + GOOD


def test_a_character_that_lies_across_two_pieces_of_a_file_is_one(tmp_path):
    line = b"x" * 1023 + b"\n"
    content = line * (MAX_LINE_BYTES // 1024 - 1) + b"x" * 1023 + "ж\n".encode()
    found, written = checked(tmp_path, "x.jsonl", content)
    assert content[MAX_LINE_BYTES - 1 : MAX_LINE_BYTES + 1] == "ж".encode()
    assert (written, found.error) == (None, None)


def packed(flags: int, fields: bytes) -> bytes:
    """Return GOOD as a gzip whose header has these flags and fields (RFC 1952)."""
    plain = gzip.compress(GOOD)
    return plain[:3] + bytes([flags]) + plain[4:10] + fields + plain[10:]


@pytest.mark.parametrize(
    ("content", "text", "is_copied"),
    [
        (gzip.compress(GOOD), GOOD, False),
        (packed(8, b"x.jsonl\0"), GOOD, False),
        (packed(4, b"\x06\0BC\x02\0ab"), GOOD, True),
        (packed(16, b"a comment\0"), GOOD, True),
        (b"", b"", True),
        (gzip.compress(b""), b"", True),
        (gzip.compress(GOOD) + bytes(512), GOOD, True),
        (gzip.compress(GOOD) + bytes(1), GOOD, True),
        (gzip.compress(GOOD) + gzip.compress(GOOD * 2), GOOD * 3, True),
        (gzip.compress(GOOD) + packed(4, b"\x06\0BC\x02\0ab"), GOOD * 2, True),
    ],
    ids=[
        "plain", "with a name", "with an extra field, as bgzip writes it", "with a comment", "no bytes", "of nothing",
        "padded to a block", "padded by a byte", "two one after the other", "the second with an extra field",
    ],
)  # fmt: skip
def test_a_gzip_that_duckdb_might_not_read_is_read_from_a_plain_copy(tmp_path, content, text, is_copied):
    found, written = checked(tmp_path, "x.jsonl.gz", content)
    assert found.error is None
    assert written == (text if is_copied else None)
    sql = (
        "select line from read_csv($1, columns = {'line': 'varchar'}, auto_detect = false, header = false, quote = '',"
    )
    sql += f" delim = e'\\x01', compression = '{'gzip' if found.is_gzip else 'none'}')"
    with duckdb.connect() as connection:
        lines = connection.execute(sql, [str(found.path)]).fetchall()
    assert lines == [(line,) for line in text.decode().splitlines()]


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
    found = check(tmp_path / name, tmp_path / "repaired" / name)
    assert found.error and "No " in found.error
    assert str(tmp_path) not in found.error


@pytest.mark.parametrize(
    ("content", "lines"),
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
def test_each_record_of_csv_becomes_a_line(tmp_path, content, lines):
    found, written = checked(tmp_path, "x.csv", content)
    assert (found.is_gzip, found.is_open_ended, found.error) == (False, True, None)
    assert written is not None
    told = [json.loads(line) if line.startswith("{") else line for line in written.decode().splitlines()]
    assert told == lines


def test_a_line_of_csv_over_the_limit_costs_that_line(tmp_path):
    _, written = checked(tmp_path, "x.csv", b"a\n1\n" + b"x" * (3 * MAX_LINE_BYTES) + b"\n2\n")
    assert written is not None
    first, long, last = written.splitlines()
    assert (first, last) == (b'{"a": "1"}', b'{"a": "2"}')
    assert long.startswith(b"!line_too_long!")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'{"a": 1}', b'{"a": 1}\n'),
        (b'{\r\n  "a": "x\\ny"\n}\n', b'{    "a": "x\\ny" }\n'),
        (b"", b"\n"),
        (b'{"a": ', b'{"a":\n'),
        (b'{"a": "\xff"}', '!not_utf8!byte 8: invalid start byte!{"a": "�"}\n'.encode()),
        (b"x" * MAX_LINE_BYTES, b"x" * MAX_LINE_BYTES + b"\n"),
        (b"x" * (MAX_LINE_BYTES + 1), f"!line_too_long!{MAX_LINE_BYTES + 1} bytes!{'x' * 2000}\n".encode()),
    ],
    ids=["one line", "several lines", "empty", "half written", "no UTF-8", "at the limit", "a byte over it"],
)
def test_a_document_becomes_one_line_that_is_looked_at_again(tmp_path, content, line):
    found, written = checked(tmp_path, "run.json", content)
    assert written == line
    assert (found.is_gzip, found.is_open_ended, found.error) == (False, True, None)


@pytest.mark.parametrize("is_cut", [False, True], ids=["whole", "a page of zeros"])
def test_parquet_is_read_to_its_values_not_its_footer_alone(tmp_path, is_cut):
    made = tmp_path / "made.parquet"
    with duckdb.connect() as connection:
        connection.execute("copy (select i, md5(i::varchar) as text from range(5000) as t(i)) to $1", [str(made)])
    content = made.read_bytes()
    found, written = checked(tmp_path, "x.parquet", content[:100] + bytes(900) + content[1000:] if is_cut else content)
    assert (found.error is not None) == is_cut
    assert (written is None) == is_cut
