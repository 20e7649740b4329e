"""Reads a Parquet file by its own schema, so that no file beside it changes what its values are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from learning_loop.landing.declaration import Feed

BATCH_ROWS = 1000
NEEDED = object()  # in the tree of what is declared: a number that must be there
READ = "read_parquet($path, hive_partitioning = false)"


def lines(path: str, feed: Feed | None, max_bytes: int) -> Iterator[pa.Array]:
    """Yield each row as the text of a JSON object, in arrays: what other forms of the same row say.

    Columns are found by their name, else by their name in another case. Integers keep every digit, and a whole number
    that pandas made a double is an integer again. Bytes are text, or the row is not_utf8. A null is an absent key,
    since a struct has all of its fields; so is NaN, which pandas writes for it, but where a number must be.

    Args:
        path: the file, in a form without signs of patterns; every value is read, since a good footer says little.
        feed: whose columns it holds.
        max_bytes: a longer row becomes a line that is no JSON.

    Raises:
        duckdb.Error, pyarrow.ArrowException, OSError: it cannot be read.
    """
    place = {"path": path}
    with duckdb.connect(config={"threads": 1, "memory_limit": "1GB"}) as connection:
        connection.execute("set timezone = 'UTC'")
        columns = connection.sql(f"select * from {READ}", params=place)
        with pq.ParquetFile(path) as file:
            sent = file.schema_arrow.names
        if len(sent) != len(columns.columns):
            sent = columns.columns
        tree = _declared(feed)
        fields, broken = [], []
        for name, column in _named(sent, tree):
            value, kind = _identifier(columns.columns[column]), columns.types[column]
            fields.append(f"{_literal(name)}, {_value(value, kind, tree.get(name, {}))}")
            broken += _broken_bytes(value, kind)
        rows = connection.execute(
            "select case when is_broken then '!not_utf8!bytes that are no text!'"
            f" when strlen(line) > {max_bytes} then '!line_too_long!' || strlen(line) || ' bytes!' else line end"
            f" from (select {' or '.join(broken) or 'false'} as is_broken,"
            f" json_merge_patch('{{}}', json_object({', '.join(fields)}))::varchar as line from {READ})",
            place,
        )
        for batch in rows.to_arrow_reader(BATCH_ROWS):
            yield batch.column(0)


def _declared(feed: Feed | None) -> dict[Any, Any]:
    tree: dict[Any, Any] = {}
    for one in feed.fields if feed else ():
        at = tree
        for step in one.path.split("."):
            at = at.setdefault(step, {})
        at[NEEDED] = one.required and one.kind in ("number", "integer")
    return tree


def _named(sent: list[str], declared: dict[Any, Any]) -> list[tuple[str, int]]:
    """Return (name, position) of the columns: a declared name goes to the column of that name, else of its letters."""
    by_case = {name.lower(): name for name in declared if name is not NEEDED}
    found: dict[str, int] = {}
    for is_exact in (True, False):
        for position, name in enumerate(sent):
            known = name if name in declared else by_case.get(name.lower(), name)
            if (name == known) == is_exact:
                found.setdefault(known, position)
    return sorted(found.items(), key=lambda item: item[1])


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _value(value: str, kind: Any, declared: dict[Any, Any], depth: int = 0) -> str:
    """Return the SQL of a value as JSON takes it."""
    one = f"x{depth}"
    if kind.id in ("double", "float"):
        no_number = f"to_json({value})" if declared.get(NEEDED) else "null"
        return (
            f"case when isnan({value}) then {no_number} when {value} = trunc({value}) and abs({value}) < 1e18"
            f" then to_json({value}::bigint) else to_json({value}) end"
        )
    if kind.id == "decimal":
        return f"case when {value} = trunc({value}) then to_json({value}::hugeint) else {value}::varchar::json end"
    if kind.id == "blob":
        return f"try(decode({value}))"
    if kind.id == "struct":
        children = dict(kind.children)
        names = list(children)
        parts = [
            f"{_literal(name)}, "
            + _value(f"{value}.{_identifier(names[at])}", children[names[at]], declared.get(name, {}), depth)
            for name, at in _named(names, declared)
        ]
        return f"case when {value} is not null then json_object({', '.join(parts)}) end"
    if kind.id in ("list", "array"):
        element = dict(kind.children)["child"]
        return f"list_transform({value}, lambda {one}: {_value(one, element, {}, depth + 1)})"
    if kind.id == "map":
        inner = dict(kind.children)
        key = f"try(decode({one}.key))" if inner["key"].id == "blob" else f"{one}.key::varchar"
        pair = f"{{'key': {key}, 'value': to_json({_value(f'{one}.value', inner['value'], declared, depth + 1)})}}"
        return f"to_json(map_from_entries(list_transform(map_entries({value}), lambda {one}: {pair})))"
    return value


def _broken_bytes(value: str, kind: Any, depth: int = 0) -> list[str]:
    """Return conditions under which bytes within a value are no UTF-8."""
    one = f"x{depth}"
    if kind.id == "blob":
        return [f"({value} is not null and try(decode({value})) is null)"]
    if kind.id == "struct":
        return [
            condition
            for name, child in kind.children
            for condition in _broken_bytes(f"{value}.{_identifier(name)}", child, depth)
        ]
    if kind.id in ("list", "array", "map"):
        inner = _broken_bytes(one, dict(kind.children)["child"], depth + 1) if kind.id != "map" else []
        for part in ("key", "value") if kind.id == "map" else ():
            inner += _broken_bytes(f"{one}.{part}", dict(kind.children)[part], depth + 1)
        entries = f"map_entries({value})" if kind.id == "map" else value
        return [f"len(list_filter({entries}, lambda {one}: {' or '.join(inner)})) > 0"] if inner else []
    return []
