"""The run's context as functions of the database `run`: they filter a scan as literals do."""

from __future__ import annotations

import re

import duckdb
import pytest

from learning_loop.night import context

ROWS = 600_000  # five row groups


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory):
    with duckdb.connect(str(tmp_path_factory.mktemp("context") / "rows.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(
            f"create table rows_of_years as select timestamptz '2020-01-01' + to_minutes(number::integer) as row_at"
            f" from range({ROWS}) as made (number)"
        )
        connection.execute("create table touched as select date '2021-02-01' as period_starts_on")
        connection.execute("checkpoint")
        context.lay_down(connection, {"as_of": "2020-01-02"}, "timestamptz")
        yield connection


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("row_at < run.as_of()", 24 * 60),
        ("row_at >= (select coalesce(min(period_starts_on), date '9999-12-31') from touched)", None),
        ("row_at >= (select coalesce(min(period_starts_on), date '9999-12-31') from touched where false)", 0),
    ],
    ids=["function of the run", "scalar subquery", "scalar subquery without rows"],
)
def test_a_scan_reads_only_what_the_condition_lets_through(con, condition: str, expected: int | None) -> None:
    query = f"select count(row_at) from rows_of_years where {condition}"
    found = con.execute(query).fetchall()[0][0]
    assert found < ROWS / 5 and expected in (None, found)
    plan = con.execute("explain analyze " + query).fetchall()[0][1]
    assert max(int(rows.replace(",", "")) for rows in re.findall(r"([\d,]+) rows?", plan)) == max(found, 1)


def test_every_published_view_answers_a_reader_who_knows_nothing_of_the_run(sample_world) -> None:
    with duckdb.connect(str(sample_world[0].warehouse), read_only=True) as con:
        views = con.execute("select schema_name, view_name, sql from duckdb_views() where not internal").fetchall()
        counts = {view: con.execute(f"select count(*) from {schema}.{view}").fetchall() for schema, view, _ in views}
    assert counts["stg_events__signals"] > [(0,)]
    assert [view for _, view, text in views if " run." in text or "(run." in text] == []
