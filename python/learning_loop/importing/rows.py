"""What comes out of an importer as rows of a feed, held against the feed's declaration."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.errors import WrongUse
from learning_loop.landing.declaration import Feed, Field

Row = dict[str, Any]
MOST_PLACES = 3


@dataclass
class Rows:
    """The rows of a feed as they are sent, each as its line; and of how many a required field is missing."""

    feed: str
    lines: list[str]
    lacking: Counter[str] = field(default_factory=Counter)
    left_out: int = 0


def columns_of(con: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    """Return the names of a view's columns; none where there is no such view."""
    query = "select column_name from duckdb_columns() where table_name = $view and not internal order by column_index"
    return [name for (name,) in con.execute(query, {"view": view}).fetchall()]


def read(
    con: duckdb.DuckDBPyConnection, view: str, since: str | None, importer: str
) -> Iterator[tuple[str | None, Row]]:
    """Yield (place, row by the view's own column names) of what changed at or after an instant.

    Raises:
        WrongUse: the view cannot say when a row changed, or does not run.
    """
    columns = columns_of(con, view)
    if since and "_changed_at" not in columns:
        raise WrongUse(f"The importer {importer} does not say when a row of {view} changed. Import without --since.")
    changed = "_changed_at is null or _changed_at::timestamptz >= $since::timestamptz" if since else "true"
    found = con.execute(
        f'select to_json(row)::varchar from (from "{view}" where {changed}) as row', {"since": since} if since else {}
    )
    while batch := found.fetchmany(10_000):
        for (text,) in batch:
            row = {name: value for name, value in json.loads(text).items() if value is not None}
            place = row.pop("_place", None)
            row.pop("_changed_at", None)
            yield place, row


def as_sent(
    feed: Feed, rows: Iterable[tuple[str | None, Row]], project: Path, importer: str, values: Mapping[str, object]
) -> Rows:
    """Return rows as the feed wants them: fields where the declaration says that they are sent, one line each.

    A column is named by where the feed has it (`id`, "data.confidence") or by what it is stored as (confidence).
    `_fields` is an object of more such names. A word that the map leaves out ("") takes its row with it where the field
    is required, else the field.

    Raises:
        WrongUse: a column is none of the feed's, or a word is none of a closed list: the map must say what it means.
    """
    names = {one.column: one.path for one in feed.fields} | {one.path: one.path for one in feed.fields}
    objects = {one.path.split(".")[0] for one in feed.fields if "." in one.path}
    kinds = {one.path: one for one in feed.fields}
    required = [one.path for one in feed.fields if one.required]
    choices = {one.path: _choices(one, project) for one in feed.fields if one.kind == "choice"}
    found = Rows(feed.name, [])
    lines: set[str] = set()
    unknown: dict[str, list[str]] = {}
    asked: Counter[str] = Counter()
    for number, (place, row) in enumerate(rows, 1):
        row |= row.pop("_fields", None) or {}
        sent: Row = {}
        for name, value in row.items():
            path = names.get(name) or (name if name.split(".")[0] in objects else None)
            if path is None:
                raise WrongUse(
                    f"The importer {importer} names `{name}`, which is no field of {feed.name}. Its fields are "
                    f"{', '.join(sorted(one.path for one in feed.fields))}."
                )
            _put(sent, path.split("."), _typed(kinds.get(path), value))
        if any(_at(sent, path) == "" for path in required):
            found.left_out += 1
            continue
        sent = _without_empty(sent)
        for path, may in choices.items():
            value = _at(sent, path)
            if value and str(value).strip().lower() not in may:
                unknown.setdefault(path, []).append(place or f"row {number}")
        due = [one for one in feed.fields if one.required and all(_at(sent, at) == it for at, it in one.when.items())]
        asked.update(one.path for one in due)
        found.lacking.update(one.path for one in due if _at(sent, one.path) is None)
        lines.add(json.dumps(sent, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    for path, places in unknown.items():
        column = next(one.column for one in feed.fields if one.path == path)
        shown = "; ".join(places[:MOST_PLACES]) + (" …" if len(places) > MOST_PLACES else "")
        raise WrongUse(
            f"{importer}: the map does not know what `{path}` of {feed.name} means in {len(places):,} of the rows "
            f"({shown}). Say it in --map: values: {{{path if path in values else column}: {{the word: one of "
            f"{', '.join(sorted(choices[path]))}; or null to leave it out}}}}."
        )
    if never := sorted(path for path, count in found.lacking.items() if count == asked[path]):
        raise WrongUse(
            f"{importer}: none of the rows of {feed.name} has {', '.join(f'`{path}`' for path in never)}, which it "
            "requires. Say in --map where it lies (settings or columns), or map what has none to null."
        )
    found.lines = sorted(lines)
    return found


def _typed(one: Field | None, value: Any) -> Any:
    """Return a value as its field's kind where it came as a text, which is all that a CSV has."""
    if one is None or not isinstance(value, str):
        return value
    if one.treat == "pseudonym_unless_hashed" and value.startswith("u_"):
        return f"id:{value}"  # the night would take it for a pseudonym and keep it as it is
    try:
        if one.kind in ("number", "integer") and value:
            return json.loads(value)
        if one.kind in ("object", "objects", "list") and value[:1] in ("{", "["):
            return json.loads(value)
    except ValueError:
        pass
    return value


def _put(row: Row, path: list[str], value: Any) -> None:
    *folders, name = path
    for folder in folders:
        inner = row.setdefault(folder, {})
        if not isinstance(inner, dict):
            return
        row = inner
    if isinstance(row.get(name), dict) and isinstance(value, dict):
        row[name] = value | row[name]
    else:
        row[name] = value


def _without_empty(row: Row) -> Row:
    return {
        name: _without_empty(value) if isinstance(value, dict) else value for name, value in row.items() if value != ""
    }


def _at(row: Row, path: str) -> Any:
    place: Any = row
    for name in path.split("."):
        place = place.get(name) if isinstance(place, dict) else None
    return place


def _choices(one: Field, project: Path) -> set[str]:
    if isinstance(one.of, list):
        return set(one.of)
    assert one.of is not None
    [path] = (project / "seeds").rglob(f"{one.of['seed']}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {row[one.of["column"]] for row in csv.DictReader(file)}
