"""The published file explains itself: where to begin, and what each relation and column is."""

from __future__ import annotations

import re


def test_what_to_begin_with_is_there_and_each_example_runs(sample_world):
    house, _ = sample_world
    rows = house.query("select relation_name, example_query from start_here order by position")
    assert len(rows) >= 10
    for relation, query in rows:
        assert relation in query and house.query(f"describe {query}"), relation


def test_every_relation_and_column_says_what_it_is(sample_world):
    house, _ = sample_world
    lacking = house.query(
        """
        select schema_name, table_name from duckdb_tables() where not internal and comment is null
        union all
        select schema_name, view_name from duckdb_views() where not internal and comment is null
        union all
        select table_name, column_name from duckdb_columns() where not internal and comment is null
        """
    )
    assert lacking == []


def test_a_name_that_an_analyst_would_guess_is_found_in_a_comment(sample_world):
    house, _ = sample_world
    for guess in ("quality_score", "rejected_count", "source_state", "reviewer"):
        found = house.query(
            "select table_name, column_name from duckdb_columns()"
            f" where schema_name = 'main' and (column_name = '{guess}' or contains(comment, '{guess}'))"
        )
        assert found, guess


def test_what_waits_in_the_inbox_has_titles_that_a_reader_would_send(sample_world):
    house, _ = sample_world
    titles = house.column("select title from inbox_ranking")
    assert len(titles) > 50
    assert [title for title in titles if re.search(r"[a-z]\d|\d[a-z]|\w{16}", title)] == []
