"""A person's rows go from the landing files, and nobody else's change."""

import gzip
import json
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_loop.erasure import files
from learning_loop.landing.folder import Feed

FEEDS = [Feed("events", "events/*", 1), Feed("ingest_candidates", "ingest_candidates/*", 1)]
PERSON = "Zaphod.Beeblebrox-42"


def event(number: int, user: object, **more: object) -> dict:
    return {"event_id": f"e{number}", "data": {"user_ref": {"pseudonymized_user_id": user}, **more}}


HERS = [
    json.dumps(event(1, PERSON)),
    json.dumps(event(2, PERSON), separators=(",", ":")),
    json.dumps({"event_id": "e3", "data": json.dumps({"user_ref": {"pseudonymized_user_id": PERSON}})}),
    json.dumps(event(4, PERSON)).replace("Zaphod", "\\u005aaphod"),
    json.dumps(event(5, PERSON))[:-2],
    '{"deep": ' + "[" * 2000 + f'"{PERSON}"' + "]" * 2000 + "}",
]
OTHERS = [
    json.dumps(event(11, "someone")),
    json.dumps(event(12, PERSON + "x")),
    json.dumps(event(13, "x-" + PERSON)),
    json.dumps(event(14, PERSON.lower())),
    "",
    "no json",
    '{"event_id": "e15", "data": {}}\r',
    '{"name": "Zoë \\ud83d\\ude00 \\"quoted\\""}',
]


def search(landing: Path, user: str = PERSON) -> list[files.Held]:
    return files.search(landing, FEEDS, user)


def erase(landing: Path, user: str = PERSON) -> list[files.Held]:
    found = search(landing, user)
    for held in found:
        files.rewrite(held, user)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "events").mkdir()
    return tmp_path / "events"


@pytest.mark.parametrize("opener", [open, gzip.open], ids=["plain", "gzip"])
@pytest.mark.parametrize("end", ["\n", ""], ids=["closed", "open"])
def test_a_row_becomes_an_empty_line_and_all_others_keep_their_bytes_and_numbers(folder, opener, end):
    lines = [line.encode() for pair in zip(HERS, OTHERS, strict=False) for line in pair] + [b"\xff not utf-8 \xfe"]
    path = folder / ("a.jsonl" if opener is open else "a.jsonl.gz")
    with opener(path, "wb") as file:
        file.write(b"\n".join(lines) + end.encode())
    path.chmod(0o640)
    (held,) = erase(folder.parent)
    assert (held.rows, held.mentions, held.error) == (len(HERS), 0, None)
    with opener(path, "rb") as file:
        left = file.read()
    hers = {line.encode() for line in HERS}
    assert left == b"\n".join(b"" if line in hers else line for line in lines) + end.encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert search(folder.parent) == []
    assert list(folder.iterdir()) == [path]


def test_a_csv_record_becomes_one_empty_line_whatever_lines_it_spans(folder):
    head = "id,user_id,note\r\n"
    others = 'a,other,"two\r\nlines, and ""quotes"""\r\n'
    (folder / "a.csv").write_bytes(
        ("\ufeff" + head + others + f'b,{PERSON},"her\nnote"\r\n' + "c,x\r\n" + f"d,{PERSON}\r\n" + "e,y,z").encode()
    )
    assert [held.rows for held in erase(folder.parent)] == [2]
    left = (folder / "a.csv").read_bytes().decode()
    assert left == "\ufeff" + head + others + "\r\n" + "c,x\r\n" + "\r\n" + "e,y,z"


def test_a_parquet_file_loses_the_rows_and_keeps_values_types_and_codec(folder):
    path = folder / "a [1].parquet"
    duckdb.sql(
        f"copy (select n as id, if(n % 3 = 0, '{PERSON}', 'u' || n) as user_id, n::decimal(9, 2) as d,"
        " timestamptz '2026-01-01' + to_days(n::integer) as t, {'a': [n]} as s from range(5000) as r(n))"
        f" to '{path}' (compression zstd, row_group_size 2048)"
    )
    pattern = str(path).replace("[", "[[]")
    before = duckdb.sql(f"from '{pattern}' where user_id != '{PERSON}' order by id").to_arrow_table()
    codec = "select distinct compression from parquet_metadata($1)"
    codecs = duckdb.execute(codec, [pattern]).fetchall()
    assert [held.rows for held in erase(folder.parent)] == [1667]
    assert duckdb.sql(f"from '{pattern}' order by id").to_arrow_table() == before
    assert duckdb.execute(codec, [pattern]).fetchall() == codecs == [("ZSTD",)]


def test_what_is_not_hers_is_named_and_left(folder):
    (folder / "a.jsonl").write_text(json.dumps(event(1, "other", note=f"told {PERSON}, twice")) + "\n")
    (folder.parent / "ingest_candidates").mkdir()
    candidate = folder.parent / "ingest_candidates" / "c.jsonl"
    candidate.write_text(json.dumps({"id": "c", "meta_json": {"user_id": PERSON}}) + "\n")
    before = candidate.read_bytes()
    assert [(held.rows, held.mentions) for held in search(folder.parent)] == [(0, 1), (0, 1)]
    assert candidate.read_bytes() == before


def test_an_id_that_is_a_number_is_found_as_the_reader_reads_it(folder):
    rows = [event(1, 42), event(2, "42"), event(3, 420), event(4, 42.5), {"event_id": 42, "data": {"count": 42}}]
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [held.rows for held in erase(folder.parent, "42")] == [2]
    assert [bool(line) for line in (folder / "a.jsonl").read_text().splitlines()] == [False, False, True, True, True]


def test_a_file_that_cannot_be_read_is_said_to_be_so(folder):
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps(event(1, PERSON)).encode() * 100)[:-20])
    (folder / "b.parquet").write_bytes(b"no parquet")
    assert [bool(held.error) for held in search(folder.parent)] == [True, True]


def test_a_file_that_is_written_to_meanwhile_is_not_replaced(folder, monkeypatch):
    path = folder / "a.jsonl"
    path.write_text(HERS[0] + "\n")
    write = files._write

    def write_while_it_grows(*arguments: object) -> None:
        write(*arguments)
        with path.open("a") as file:
            file.write(OTHERS[0] + "\n")

    monkeypatch.setattr(files, "_write", write_while_it_grows)
    (held,) = erase(folder.parent)
    assert held.error == "it is being written to all the while"
    assert path.read_text().startswith(HERS[0]) and path.read_text().count(OTHERS[0]) == files.ATTEMPTS


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=8), st.text(min_size=1, max_size=4))
def test_whatever_the_texts_only_rows_of_the_id_go(tmp_path_factory, rows, user):
    folder = tmp_path_factory.mktemp("any") / "events"
    folder.mkdir()
    lines = [json.dumps(event(0, name, note=note), ensure_ascii=len(note) % 2 == 0) for name, note in rows]
    kept = [line if json.loads(line)["data"]["user_ref"]["pseudonymized_user_id"] != user else "" for line in lines]
    path = folder / "a.jsonl"
    path.write_bytes("".join(line + "\n" for line in lines).encode())
    erase(folder.parent, user)
    assert path.read_bytes() == "".join(line + "\n" for line in kept).encode()
