"""A lake becomes again what is published, whatever a night that failed has written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from lake_house import LakeHouse

from learning_loop.errors import WrongUse
from learning_loop.lake import catalogue, publication

pytestmark = pytest.mark.lake

FIRST, SECOND = datetime(2026, 2, 16, 2, tzinfo=UTC), datetime(2026, 2, 17, 2, tzinfo=UTC)
BEFORE = """
create table staging.rows (id integer not null, said varchar);
insert into staging.rows select number, 'said ' || number from range(100000) as numbers (number);
comment on table staging.rows is 'it''s all';
comment on column staging.rows.said is 'what was said';
create table replaced as select 1 as value;
create table dropped as select 5 as value;
create view of_replaced as select * from learning_loop.main.replaced;
create view dropped_view as select 7 as value;
comment on view of_replaced is 'a view of it';
"""
MEANWHILE = {
    "rows added": "insert into staging.rows values (-1, 'new')",
    "rows deleted": "delete from staging.rows where id % 3 = 0",
    "rows changed": "update staging.rows set said = 'other' where id < 10",
    "a column added": "alter table staging.rows add column more integer",
    "a table replaced": "create or replace table replaced as select 2 as value, 3 as other",
    "a table dropped": "drop table dropped",
    "a table made": "create table made as select 1 as value",
    "a view replaced": "create or replace view of_replaced as select 9 as value",
    "a view dropped": "drop view dropped_view",
    "a view made": "create view made_view as select 1 as value",
    "steps of a night": "create schema scratch; create table scratch.steps as select 1 as value",
}
STATE = [
    "select count(*), sum(id), min(said), max(said) from staging.rows",
    "describe staging.rows",
    "select comment from duckdb_tables() where table_name = 'rows' and database_name = 'learning_loop'",
    "select column_name, comment, is_nullable from duckdb_columns()"
    " where table_name = 'rows' and database_name = 'learning_loop' order by 1",
    "from replaced",
    "from dropped",
    "from of_replaced",
    "from dropped_view",
    "select view_name, comment from duckdb_views() where database_name = 'learning_loop' order by 1",
    "select table_name from information_schema.tables where table_catalog = 'learning_loop'"
    " and table_name != 'published' order by 1",
]


def state() -> list[list[tuple]]:
    with publication.opened() as connection:
        return [connection.execute(sql).fetchall() for sql in STATE]


def published(connection) -> None:
    publication.lay_down(connection)
    connection.execute(BEFORE)
    publication.point_to(connection, publication.current(connection), "2026-02-16T02:00:00Z", FIRST)


def test_whatever_was_written_since_is_written_back(lake: LakeHouse):
    with publication.writing(catalogue.lake()) as connection:
        published(connection)
        before = state()
        for what, sql in MEANWHILE.items():
            connection.execute(sql)
            assert state() == before, f"a reader sees {what}"
        back = publication.undo(connection)
        assert {"staging.rows", "main.replaced", "main.dropped", "main.made", "scratch.steps"} <= set(back)
        assert state() == before
        assert publication.undo(connection) == [], "a lake in order is left alone"
        publication.expire(connection, None)
    assert state() == before


def test_back_over_snapshots_that_are_expired_all_is_written_back(lake: LakeHouse):
    with publication.writing(catalogue.lake()) as connection:
        published(connection)
        first, before = publication.publications(connection)[-1].snapshot, state()
        for sql in MEANWHILE.values():
            connection.execute(sql)
        publication.point_to(connection, publication.current(connection), "2026-02-17T02:00:00Z", SECOND)
        publication.expire(connection, 1)
        publication.point_to(connection, first, "2026-02-16T02:00:00Z", FIRST)
        assert "staging.rows" in publication.undo(connection)
        publication.expire(connection, 1)
        assert state() == before


def test_of_a_first_night_that_failed_nothing_is_left(lake: LakeHouse):
    with publication.writing(catalogue.lake()) as connection:
        publication.lay_down(connection)
        connection.execute(BEFORE)
        publication.undo(connection)
        left = connection.execute(
            "select table_name from information_schema.tables where table_catalog = 'learning_loop'"
        ).fetchall()
        assert left == [("published",)]
        publication.expire(connection, None)
    assert not publication.is_there()
    assert not [path for path in Path(lake.place.data).rglob("*.parquet")]


def test_a_lake_of_somebody_else_is_not_taken_for_a_failed_night(lake: LakeHouse):
    with publication.writing(catalogue.lake()) as connection:
        connection.execute("create table theirs as select 1 as value")
        with pytest.raises(WrongUse, match="holds tables and is no learning-loop warehouse"):
            publication.lay_down(connection)


def test_beyond_what_is_kept_no_file_is_left(lake: LakeHouse):
    with publication.writing(catalogue.lake()) as connection:
        published(connection)
        connection.execute("delete from staging.rows where said = 'said 7'")
        publication.without_deleted(connection)
        publication.point_to(connection, publication.current(connection), "2026-02-17T02:00:00Z", SECOND)
        publication.expire(connection, 1)
        assert [one.run_id[:10] for one in publication.publications(connection)] == ["2026-02-16", "2026-02-17"]
        assert "said 7'" in _said(lake)
        publication.expire(connection, 0)
        assert [one.run_id[:10] for one in publication.publications(connection)] == ["2026-02-17"]
        assert "said 7'" not in _said(lake)


def _said(lake: LakeHouse) -> str:
    """Return what stands in the files of the table, whether or not the lake knows of them."""
    files = [
        str(path) for path in Path(lake.place.data, "staging", "rows").glob("*.parquet") if "delete" not in path.name
    ]
    with duckdb.connect() as connection:
        return str(connection.execute("select said from read_parquet($1) where said = 'said 7'", [files]).fetchall())


def test_a_bucket_is_as_a_folder(place, bucket, tmp_path, monkeypatch):
    lake = LakeHouse(tmp_path, place("in_a_bucket", bucket))
    lake.place.named_by(monkeypatch)
    with publication.writing(catalogue.lake()) as connection:
        published(connection)
        before = state()
        connection.execute("delete from staging.rows where id % 3 = 0; drop table dropped")
        assert publication.undo(connection) == ["main.dropped", "staging.rows"]
        publication.expire(connection, 0)
        assert state() == before
        found = connection.execute("select count(*) from glob('s3://lake/in_a_bucket/staging/**')").fetchall()
        assert found == [(1,)], "what no snapshot needs is gone from the bucket"
