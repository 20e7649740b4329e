"""What a field is made of may be said over one row: places in JSON, words that mean others, constants, objects."""

import duckdb
import pytest

from learning_loop.errors import WrongUse
from learning_loop.operational_db import config
from learning_loop.operational_db.values import Unsayable, Value, expressions, read

from .test_land import land

TABLES = """
create table failures (id bigint primary key, happened_at timestamptz not null, kind text, step text, user_id text,
    details jsonb);
create table items (id bigint primary key, found_at timestamptz not null, site text, url text, headline text,
    meta_json jsonb);
create table verdicts (id bigint primary key, item_id bigint, verdict text, why text, editor text,
    decided_at timestamptz not null);
insert into failures values
    (1, '2026-02-01 10:00+00', 'burnt', 'bake', 'u''1', '{"confidence": {"band": " Sure"}, "oven": 2}'),
    (2, '2026-02-01 11:00+00', 'raw', null, 'u2', '{"confidence": {"band": "low"}}'),
    (3, '2026-02-01 12:00+00', 'raw', 'bake', 'u3', null);
insert into items values (7, '2026-02-01 10:00+00', 'a.example', 'https://a.example/7', 'Pie',
    '{"extraction": {"strategy": "dom", "confidence": 0.5}, "crawl": {"run": 9}, "text": "A pie"}'),
    (8, '2026-02-01 10:00+00', 'a.example', 'https://a.example/8', 'Cake', '{}');
insert into verdicts values (5, 7, ' OK, edited ', null, 'ann', '2026-02-01 10:00+00'),
    (6, 8, 'bin', 'vague', 'ann', '2026-02-01 11:00+00'), (9, 8, 'perhaps', null, 'ann', '2026-02-01 12:00+00')
"""


def test_the_example_makes_rows_of_the_feeds_out_of_tables_of_ones_own(server, database, tmp_path):
    server.run(TABLES, database)
    told = land("--from", server.url(database), "--landing", tmp_path / "landing", "--config", "example")
    assert told.returncode == 0, told.stderr
    assert "version (not there)" in told.stdout  # and the field has what `else` says

    def rows(feed: str, columns: str) -> list[tuple]:
        return duckdb.sql(f"select {columns} from '{tmp_path}/landing/{feed}/**/*.parquet' order by 1").fetchall()

    signature = "data ->> '$.signature.%s'"
    events = rows(
        "events",
        ", ".join([
            "event_id", "event_type", "data ->> '$.user_ref.pseudonymized_user_id'",
            *(signature % name for name in ("issue_type", "workflow_phase", "agent_version", "confidence_band")),
            "data ->> '$.attributes.oven'",
        ]),
    )  # fmt: skip
    logged = "learning.signal.logged"
    assert [tuple(map(str, row)) for row in events] == [
        ("1", logged, "u'1", "burnt", "bake", "unknown", "high", "2"),
        ("2", logged, "u2", "raw", "None", "unknown", "low", "None"),
        ("3", logged, "u3", "raw", "bake", "unknown", "medium", "None"),
    ]
    found = rows("ingest_candidates", "id, description, run_id, meta_json")
    assert [tuple(map(str, row)) for row in found] == [
        ("7", "A pie", "9", '{"strategy": "dom", "parser_confidence": 0.5}'),
        ("8", "None", "None", "{}"),
    ]
    labels = rows("ingest_editor_labels", "id, action, reject_reason_code")
    assert [tuple(map(str, row)) for row in labels] == [
        ("5", "promoted_after_edit", "None"), ("6", "rejected", "too_vague_or_generic"), ("9", "perhaps", "None"),
    ]  # fmt: skip


def test_a_path_into_what_is_no_json_is_refused_with_its_line(server, database, tmp_path):
    server.run(TABLES, database)
    (tmp_path / "land.yml").write_text(
        "tables:\n- feed: quality_flags\n  table: verdicts\n  watermark: decided_at\n  id: id\n"
        "  columns:\n    candidate_id: item_id\n    raised_at: decided_at\n    flag: {column: verdict, path: a}\n"
    )
    told = land(
        "--from", server.url(database), "--landing", tmp_path / "landing", "--config", tmp_path / "land.yml"
    )  # fmt: skip
    assert told.returncode == 2
    assert "line 9: public.verdicts.verdict is text: `path` leads into a json or jsonb column" in " ".join(
        told.stderr.split()
    )


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (7, "write a column's name"),
        ({"colum": "a"}, "`colum` is unknown"),
        ({"column": "a", "constant": "b"}, "write one of"),
        ({"constant": "a", "else": "b"}, "write one of"),
        ({"column": ""}, "`column` must be"),
        ({"column": "a", "path": ""}, "`path` must be"),
        ({"column": "a", "path": ["x", 1]}, "`path` must be"),
        ({"column": "a", "values": {}}, "`values` must be"),
        ({"column": "a", "values": {"Ok": "x", "ok ": "y"}}, "names a word twice"),
        ({"column": "a", "else": None}, "`else` must be"),
        ({"constant": "a\0"}, "`constant` must be"),
        ({"object": {}}, "`object` must be"),
        ({"object": {"a": {"object": [1]}}}, "`object` must be"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(said, problem):
    with pytest.raises(Unsayable, match=problem):
        read(said)


def test_the_line_of_the_config_is_named(tmp_path):
    (tmp_path / "land.yml").write_text(
        "tables:\n- feed: quality_flags\n  table: t\n  watermark: at\n  id: id\n"
        "  columns:\n    candidate_id: c\n    raised_at: at\n    flag: {colum: f}\n"
    )
    with pytest.raises(WrongUse, match=r"line 9: t: `flag`: `colum` is unknown"):
        config.load(str(tmp_path / "land.yml"), config.feeds())


def test_no_text_of_a_config_leaves_its_quotes():
    hostile = "x'); drop table t; --"
    value = read({"column": 'a"b', "path": [hostile], "values": {hostile: hostile}, "else": hostile})
    [(_, sql)] = expressions({"f": value}, {'a"b': "jsonb"}, {'a"b': "U"}, {'a"b'})
    assert 't."a""b"' in sql
    assert sql.count(hostile.replace("'", "''")) == 5  # the place twice, the word twice, what it is else
    assert hostile not in sql.replace(hostile.replace("'", "''"), "")


def test_what_is_not_there_is_left_out_unless_something_stands_for_it():
    values = {
        "gone": Value("nix"),
        "else": Value("nix", otherwise="x"),
        "part": read({"object": {"a": "nix", "b": "b"}}),
    }
    found = dict(expressions(values, {"b": "int4"}, {"b": "N"}, {"b"}))
    assert found == {
        "else": "'x'::text",
        "part": "jsonb_strip_nulls(jsonb_build_object('b', to_jsonb(t.\"b\")))::text",
    }
