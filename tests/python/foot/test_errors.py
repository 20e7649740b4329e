"""An error says what kind it is and where, and nothing of the row that it is about."""

import duckdb
import pytest

from learning_loop.errors import without_values

PLANTED = 'Zaphod.O\'Beeblebrox "42"\nLINE 1:'


@pytest.mark.parametrize(
    "sql",
    [
        "select $1::varchar::integer",
        "select $1::varchar::timestamptz",
        "select $1::varchar::json",
        "select ('{\"a\": ' || to_json($1::varchar) || '}')::json::struct(a integer)",
        "select json_extract($1, '$')",
        "select strptime($1, '%Y')",
        "select $1::varchar::uuid",
        "select $1::varchar::enum('a', 'b')",
        "select decode(encode($1) || '\\xff'::blob)::integer",
        "create or replace table once as select $1::varchar as id; create unique index u on once (id);"
        " insert into once from once",
    ],
)
def test_no_error_of_duckdb_keeps_a_value(sql):
    with duckdb.connect() as connection:
        *before, last = sql.split("; ") if "once" in sql else [sql]
        with pytest.raises(duckdb.Error) as raised:
            for one in before:
                connection.execute(one, [PLANTED] if "$1" in one else None)
            connection.execute(last, [PLANTED] if "$1" in last else None)
    said = without_values(f"Runtime Error in model stg_events (models/x.sql)\n  {raised.value}")
    assert "eeblebrox" not in said and "Zaphod" not in said, said
    assert said.startswith("Runtime Error in model stg_events (models/x.sql)\n")


KEPT = {
    "Conversion Error: Could not convert string 'a' to INT64": "Conversion Error: Could not convert string … to INT64",
    "ValueError: invalid literal for int(): 'a'": "ValueError: invalid literal for int(): …",
    "Conversion Error: Type INT64 with value 4242 can't": "Conversion Error: Type INT64 with value … can…",
    "Catalog Error: Table \"x\" does not exist!\nLINE 1: select 'a'": 'Catalog Error: Table "x" does not exist!',
    'IO Error: Could not write file "/x": No space left': 'IO Error: Could not write file "/x": No space left',
    "test assert_x: Got 3 results, configured to fail": "test assert_x: Got 3 results, configured to fail",
    "Compilation Error in model x: say 'learning-loop'": "Compilation Error in model x: say 'learning-loop'",
}


@pytest.mark.parametrize(("message", "kept"), KEPT.items())
def test_kind_place_and_what_to_do_stay(message, kept):
    assert without_values(message) == kept
