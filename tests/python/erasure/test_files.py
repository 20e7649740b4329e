"""A person's rows go from the landing files, and nobody else's change."""

import bz2
import gzip
import json
import lzma
import os
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_loop.erasure import files
from learning_loop.landing.declaration import folded
from learning_loop.landing.folder import Feed, known_feeds

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


FORMS = ["a.jsonl", "a.NDJSON", "a.jsonl.gz", "a.ndjson.gz", "a.json", "a.json.gz", "a.csv", "a.CSV.gz"]


def put(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.name.lower().endswith(".gz") else text.encode())
    return path


def taken(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.name.lower().endswith(".gz") else content).decode()


@pytest.mark.parametrize("name", FORMS)
def test_her_rows_go_from_every_form_and_the_others_stay(folder, name):
    rows = [event(1, PERSON), event(2, "someone"), event(3, PERSON), event(4, PERSON), event(5, "other")]
    if ".csv" in name.lower():
        users = [row["data"]["user_ref"]["pseudonymized_user_id"] for row in rows]
        text = "event_id;user_id\n" + "".join(f"e{number};{user}\n" for number, user in enumerate(users, 1))
    else:
        text = "".join(json.dumps(row) + "\n" for row in rows)
    path = put(folder / name, text)
    (held,) = erase(folder.parent)
    assert (held.rows, held.error) == (3, None)
    left = taken(path)
    assert PERSON not in left and "someone" in left and "other" in left
    assert len(left.splitlines()) == len(text.splitlines())


@pytest.mark.parametrize("hers", [[0], [1], [0, 1], [3], [2, 3], [0, 1, 2, 3], []], ids=str)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_stays_an_array_without_her_elements(folder, hers, indent):
    rows = [event(number, PERSON if number in hers else f"u{number}") for number in range(4)]
    path = put(folder / "a.json", json.dumps(rows, indent=indent))
    assert [held.rows for held in erase(folder.parent)] == [len(hers)] * bool(hers)
    assert json.loads(path.read_text()) == [row for number, row in enumerate(rows) if number not in hers]


def nested(depth: int, within: str) -> str:
    return f'{{"note": "{PERSON} [", "deep": ' + "[" * (depth - 1) + within + "]" * (depth - 1) + "}"


@pytest.mark.parametrize("within", ["1", '"[[[ \\\\ ]"', '"[[ \\" ["'], ids=["bare", "backslash", "quote"])
def test_a_row_nested_as_deep_as_every_python_parses_is_read_and_a_deeper_one_taken_for_hers(folder, within):
    rows = [
        nested(files.MAX_DEPTH, within),
        nested(files.MAX_DEPTH + 1, within),
        nested(5000, within),
        "[" * 5000 + PERSON,
    ]
    path = put(folder / "a.jsonl", "".join(row + "\n" for row in rows))
    (held,) = erase(folder.parent)
    assert (held.rows, held.mentions, held.error) == (3, 1, None)
    assert path.read_text().splitlines() == [rows[0], "", "", ""]


@pytest.mark.parametrize("depth", [files.MAX_DEPTH, 5000, 100_000])
def test_an_array_nested_too_deeply_is_named_and_left(folder, depth):
    path = put(folder / "a.json", text := "[" + nested(depth, "1") + ", " + HERS[0] + "]")
    (held,) = erase(folder.parent)
    assert held.error and path.read_text() == text


def test_an_array_that_breaks_off_is_named_and_left(folder):
    path = put(folder / "a.json", json.dumps([event(1, PERSON), event(2, "u")])[:-4])
    (held,) = erase(folder.parent)
    assert held.error and PERSON in path.read_text()


def test_an_open_quote_costs_others_nothing(folder):
    head = 'event_id,user_id,note\n1,u1,"left open\n'
    path = put(folder / "a.csv", head + f'2,{PERSON},x\n3,u3,"a ""b"" c"\n4,{PERSON},"also left open\n5,u5,y\n')
    assert [held.rows for held in erase(folder.parent)] == [2]
    assert path.read_text() == head + '\n3,u3,"a ""b"" c"\n\n5,u5,y\n'


def test_a_link_stays_one_and_what_it_leads_to_is_written_anew(folder, tmp_path):
    (folder / "kept").mkdir()
    target = put(folder / "kept" / "b.jsonl", HERS[0] + "\n" + OTHERS[0] + "\n")
    link = folder / "a.jsonl"
    link.symlink_to("kept/b.jsonl")
    (held,) = erase(folder.parent)
    assert held.rows == 1
    assert link.is_symlink() and link.resolve() == target
    assert target.read_text() == "\n" + OTHERS[0] + "\n"


def test_only_a_link_of_a_feed_leads_to_the_rows(folder):
    put(folder.parent / "store", HERS[0] + "\n")
    (folder / "a.jsonl").symlink_to("../store")
    found = erase(folder.parent)
    assert [held.rows for held in found if held.rows] == [1]
    assert (folder.parent / "store").read_text() == "\n"


@pytest.mark.parametrize("name", ["../store", ".data"])
def test_a_linked_folder_is_searched_as_the_feed_that_a_night_reads_there(folder, name):
    (folder / name).mkdir()
    put(folder / name / "a.jsonl", HERS[0] + "\n")
    (folder / "current").symlink_to(name)
    (held,) = erase(folder.parent)
    assert (held.path, held.feed, held.rows) == (folder / "current" / "a.jsonl", "events", 1)
    assert (folder / name / "a.jsonl").read_text() == "\n"


def test_a_hidden_folder_is_a_writers_and_its_files_are_named_and_left(folder):
    (folder / ".data").mkdir()
    path = put(folder / ".data" / "a.jsonl", HERS[0] + "\n")
    (held,) = erase(folder.parent)
    assert (held.path, held.left, held.rows) == (path, "it holds the id", 0)
    assert path.read_text() == HERS[0] + "\n"


def test_a_link_that_leaves_the_folder_is_named_and_not_followed(folder, tmp_path_factory):
    outside = put(tmp_path_factory.mktemp("outside") / "b.jsonl", HERS[0] + "\n")
    (folder / "a.jsonl").symlink_to(outside)
    (folder / "more").symlink_to(outside.parent)
    found = erase(folder.parent)
    assert sorted(held.path.name for held in found) == ["a.jsonl", "more"]
    assert all("leads out of the landing folder" in held.left and not held.rows for held in found)
    assert outside.read_text() == HERS[0] + "\n"


def test_pipes_and_loops_neither_hang_nor_fail_a_search(folder):
    os.mkfifo(folder / "a.jsonl")
    (folder / "b.jsonl").symlink_to("b.jsonl")
    (folder / "c.jsonl").symlink_to("nowhere")
    put(folder / "d.jsonl", HERS[0] + "\n")
    found = {held.path.name: held for held in erase(folder.parent)}
    assert found["d.jsonl"].rows == 1 and found["a.jsonl"].left == "it is no file"


UNREAD = {
    "a.txt": lambda text: text.encode(),
    "a.jsonl.bak": lambda text: text.encode(),
    "a.csv.bz2": lambda text: bz2.compress(text.encode()),
    "a.jsonl.xz": lambda text: lzma.compress(text.encode()),
    ".a.jsonl.part": lambda text: text.encode(),
    "noending": lambda text: gzip.compress(text.encode()),
    "a.jsonl~": lambda text: (" " * (files.CHUNK_BYTES - 5) + text).encode(),
}


@pytest.mark.parametrize("name", UNREAD)
@pytest.mark.parametrize("where", ["events", "evnts", "."])
def test_what_no_night_reads_is_named_when_it_holds_the_id(folder, name, where):
    path = folder.parent / where / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content := UNREAD[name](HERS[0]))
    (held,) = erase(folder.parent)
    assert (held.path, held.left, held.error) == (path, "it holds the id", None)
    assert path.read_bytes() == content
    path.write_bytes(UNREAD[name](OTHERS[0]))
    assert search(folder.parent) == []


def test_a_file_that_was_shut_to_others_is_never_open_to_them(folder, monkeypatch):
    path = put(folder / "a.jsonl", HERS[0] + "\n")
    path.chmod(0o600)
    seen = []
    write = files._write
    monkeypatch.setattr(
        files,
        "_write",
        lambda held, path, out, person: (seen.append(out.stat().st_mode), write(held, path, out, person)),
    )
    erase(folder.parent)
    assert [mode & 0o777 for mode in (*seen, path.stat().st_mode)] == [0o600, 0o600]


def test_a_field_that_a_feed_declares_as_a_persons_is_hers_whatever_it_is_called():
    names = ("pseudonymized_user_id", "actor_user_id", "raised_by", "user_id")
    assert {folded(name) for name in names} <= files.person_keys(known_feeds())
    assert files.Person(PERSON).owns(json.dumps({"User_Id": f" {PERSON}"}))
    assert files.Person(PERSON).owns(json.dumps({"user_id": ["x", PERSON]}))
