"""What people landed since the last night is read at once where it is plain, and then as the night itself reads it."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import duckdb
import pytest

from house import House
from learning_loop.backlog import landed, sql
from learning_loop.backlog.foresight import CONTENT, FEEDS, MODELS, RELATIONS, open_backlog
from learning_loop.landing.folder import known_feeds
from learning_loop.landing.inventory import landed_rows, ledger
from learning_loop.warehouse import ask, literal, open_published

FRAGMENTS = [
    "ann", "third week in a row", "TRACKER-101", "https://example.org/issues/12345", "c-0f006126", "cluster:a b:0123",
    "v1.2.3.4", "call +49 30 1234567", "(030) 123456", "0301 234 567", "555 123 4567", "7001234567", "since 2026-02-16",
    "a@b.org", "a%40b.org", "\uff20", "{", "[1]", "&#64;", " ", "", "Zoë", "日本", "x" * 300, "é0123 4567", "00 49 1",
]  # fmt: skip
WORDS = ["approve", "Approve", "pass", "fail", "completed", "regression_test_implementation", "no such word"]
INSTANTS = [
    "2026-02-16T03:00:00Z", "2026-02-16T03:00:00.123456Z", "2026-02-30T03:00:00Z", "2026-02-16", "1999-02-16T03:00:00Z",
    "9999-12-31T23:59:59Z", "2026-02-16T03:00:60Z", "2026-02-16T24:00:00Z", "2026-02-16T03:00:00+05:00", "",
]  # fmt: skip


def any_row(feed: str, draw: random.Random) -> str:
    """Return a row of a feed: its fields are there or not, and hold what is plain or what is odd."""
    row: dict[str, object] = {}
    for name, kind in landed.FIELDS[feed].items():
        if draw.random() < 0.02 or (name in landed.OPTIONAL and draw.random() < 0.5):
            continue
        some = kind if isinstance(kind, tuple) and draw.random() < 0.9 else WORDS
        row[name] = draw.choice(INSTANTS if kind == "instant" and draw.random() < 0.3 else INSTANTS[:2])
        if kind != "instant":
            row[name] = draw.choice(some if isinstance(kind, tuple) else FRAGMENTS[:7] + FRAGMENTS * (kind == "text"))
        if draw.random() < 0.02:
            row[name] = draw.choice([1, None, True, ["x"], {"a": 1}])
    return json.dumps(row | ({"more": "x"} if draw.random() < 0.02 else {}), ensure_ascii=draw.random() < 0.5)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_plain_row_is_read_as_the_night_reads_it(told: tuple[House, dict], feed: str) -> None:
    draw = random.Random(7)
    texts = [any_row(feed, draw) for _ in range(400)]
    stage = FEEDS[feed][0]
    with open_published(told[0].warehouse) as con:
        kept = sql.read(con)
        sql.make_functions(con, kept)
        con.execute("create temp table landed_rows (feed text, source_file text, row_number bigint, raw_row text)")
        rows = [[feed, number, text] for number, text in enumerate(texts)]
        con.executemany("insert into landed_rows values (?, 'f.jsonl', ?, ?)", rows)
        con.execute(f"create temp table judged as {kept.model(stage, RELATIONS)}")
        columns = [row[0] for row in con.execute(f"describe staging.{stage}").fetchall()]
        columns = [name for name in columns if name not in CONTENT.split(", ")]
        con.execute(f"create temp table typed as select {', '.join(columns)}, 0 as number from staging.{stage} limit 0")
        typed = [landed.plain(feed, text) for text in texts]
        for number, row in enumerate(typed):
            if row:
                values = ", ".join(map(literal, row.values()))
                con.execute(f"insert into typed ({', '.join(row)}, number) values ({values}, {number})")
        assert sum(map(bool, typed)) > 60, "too few of the rows are plain"
        same = " and ".join(f"typed.{name} is not distinct from judged.{name}" for name in columns)
        wrong = con.execute(
            "from typed anti join judged on typed.number = judged.row_number and judged.reason_code is null"
            f" and not judged.is_ignored and {same}"
        ).fetchall()
    assert wrong == []


def test_the_fields_of_plain_rows_are_those_of_the_declarations() -> None:
    declared = {feed.name: feed for feed in known_feeds()}
    for feed, fields in landed.FIELDS.items():
        known = {one.column: one for one in declared[feed].fields}
        assert set(fields) <= set(known)
        for name, kind in fields.items():
            field = known[name]
            if isinstance(kind, tuple):
                assert field.kind == "choice" and (not isinstance(field.of, list) or list(kind) == field.of)
            else:
                assert (field.kind, field.path) == (kind, name)
            assert kind != "id" or (field.at_most or 256) >= 256
        required = {name for name, field in known.items() if field.required}
        assert required <= set(fields) - landed.OPTIONAL


def test_what_has_landed_since_is_what_the_reader_of_the_night_finds(copy: House) -> None:
    row = {"decision_id": "d", "candidate_key": "c", "decision": "approve", "actor": "ann"}
    with open_published(copy.warehouse) as con:
        feeds = [feed for feed in known_feeds() if feed.name in FEEDS]
        assert landed.since(copy.landing, con) == []
        copy.land("plain.jsonl", [row, row | {"decision_id": "e"}], feed="backlog_decisions")
        folder = copy.landing / "backlog_decisions"
        for name, content in (
            (None, b""), ("open.jsonl", b'{"decision_id": "f"}'), ("odd.jsonl", b"\xff\n"), ("blank.jsonl", b"\n\n"),
            ("a.csv", b"decision_id\nx\n"), ("crlf.jsonl", b'{"decision_id": "g"}\r\n'),
            ("sub/x.jsonl", b'{"decision_id": "h"}\n'),
        ):  # fmt: skip
            if name:
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_bytes(content)
            assert landed.since(copy.landing, con) == landed_rows(copy.landing, feeds, ledger(con)), name


def test_what_nobody_has_changed_since_the_night_is_as_it_was_published(told: tuple[House, dict]) -> None:
    with open_backlog(told[0].warehouse, told[0].landing) as backlog:
        assert backlog.is_of_the_night
        for name in MODELS:
            backlog.con.execute(f"create temp table as_published_{name} as from temp.{name}")
        backlog.foresee()
        for name in MODELS:
            for one, other in ((name, f"as_published_{name}"), (f"as_published_{name}", name)):
                found = f"select count(*) from (from temp.{one} except all from temp.{other})"
                assert backlog.con.execute(found).fetchall() == [(0,)], name


def test_a_parameter_is_said_in_sql_as_it_is() -> None:
    values = [None, True, 3, -0.25, 'it\'s\n"x" ; --', datetime(2026, 2, 16, 2, 3, 4, 5, UTC), ["a'", "b"]]
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        found = ask(con, "select " + ", ".join(f"${n + 1}" for n in range(len(values))), *values).fetchall()[0]
    assert [one.astimezone(UTC) if isinstance(one, datetime) else one for one in found] == values
