"""What of the lake is published: one row that names a snapshot. All else that lies there is a night's own affair.

A night commits some hundred times, so whoever attached the lake as it is would see half of one. Readers attach the
snapshot that the last row of operations.published names. DuckLake has no branches: a night that published nothing is
undone by writing back, from the published snapshot, what was changed since.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from learning_loop.errors import WrongUse
from learning_loop.lake import catalogue
from learning_loop.lake.catalogue import NAME, Lake

POINTER = f"{NAME}.operations.published"
COLUMNS = "publication_number, snapshot_id, run_id, as_of, published_at"
# The catalogue's own tables, which DuckLake documents and keeps from version to version.
METADATA = f"__ducklake_metadata_{NAME}"
SCHEMAS = ("staging", "intermediate", "policy", "operations")
KEPT = 1  # earlier publications at least: whoever reads the last one has a night to end
ABSENT = "does not exist - and creating a new DuckLake is explicitly disabled"
# Tables and views as a snapshot knows them; $1 is the snapshot.
ENTRIES = """
select entry.{kind}_id as id, schema_name, entry.{kind}_name as name
from {metadata}.ducklake_{kind} as entry
inner join {metadata}.ducklake_schema as schema_of using (schema_id)
where entry.begin_snapshot <= $1 and (entry.end_snapshot is null or entry.end_snapshot > $1)
    and schema_of.begin_snapshot <= $1 and (schema_of.end_snapshot is null or schema_of.end_snapshot > $1)
"""
# What a table is beside its rows: (column, type, nulls allowed), and the texts about it and its columns.
SHAPE = """
select column_name, nulls_allowed, column_id
from {metadata}.ducklake_column
where table_id = $2 and parent_column is null
    and begin_snapshot <= $1 and (end_snapshot is null or end_snapshot > $1)
order by column_order
"""
TEXTS = """
select null as column_id, value from {metadata}.ducklake_tag
where object_id = $2 and key = 'comment' and begin_snapshot <= $1 and (end_snapshot is null or end_snapshot > $1)
union all
select column_id, value from {metadata}.ducklake_column_tag
where table_id = $2 and key = 'comment' and begin_snapshot <= $1 and (end_snapshot is null or end_snapshot > $1)
"""
# Tables whose rows, columns or comments began or ended after a snapshot. Not by what snapshots say that they changed:
# once expired they say nothing, and a lake that goes back to an earlier night goes back over expired ones.
CHANGED = " union ".join(
    f"select {id} from {{metadata}}.ducklake_{table} where begin_snapshot > $1 or end_snapshot > $1"
    for table, id in (
        ("data_file", "table_id"), ("delete_file", "table_id"), ("column", "table_id"), ("tag", "object_id"),
        ("column_tag", "table_id"),
    )
)  # fmt: skip


@dataclass(frozen=True)
class Publication:
    """One row of the pointer."""

    number: int
    snapshot: int
    run_id: str
    as_of: datetime


def is_there() -> bool:
    """Say whether anything is published."""
    return bool(published(catalogue.lake()))


def published(lake: Lake) -> list[Publication]:
    """Return what of a lake was published and is kept, the last one last."""
    with duckdb.connect() as connection:
        return publications(connection) if _attached(connection, lake) else []


def how_to_attach() -> str:
    """Return the SQL by which any client of DuckDB attaches what is published."""
    lake = catalogue.lake()
    return f"{lake.attachment(published(lake)[-1].snapshot)}; use {NAME}"


@contextmanager
def opened(lake: Lake | None = None, run: datetime | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open what is published, or what the kept run of an instant published: read-only, its instants in UTC.

    Raises:
        WrongUse: nothing is, or the lake cannot be reached.
    """
    lake = lake or catalogue.lake()
    with duckdb.connect() as connection:
        found = publications(connection) if _attached(connection, lake) else []
        if run is not None:
            found = [one for one in found if one.as_of == run]
        if not found and run is not None:
            name = f"{run.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            raise WrongUse(f"No snapshot of the run {name} is kept. See `learning-loop rollback --list`.")
        if not found:
            raise WrongUse("The lake holds nothing that is published yet. Run `learning-loop nightly --target lake`.")
        connection.execute(f"use memory; detach {NAME}")
        catalogue.attach(connection, lake, found[-1].snapshot)
        connection.execute("set timezone = 'UTC'")
        yield connection


@contextmanager
def writing(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the lake as it is, to write to it: for a night that holds its lock, and for nobody else."""
    with duckdb.connect() as connection:
        catalogue.prepare(connection, lake)
        catalogue.attach(connection, lake)
        connection.execute("set timezone = 'UTC'")
        yield connection


def publications(connection: duckdb.DuckDBPyConnection) -> list[Publication]:
    """Return what was published, the last one last."""
    try:
        found = connection.execute(
            f"select publication_number, snapshot_id, run_id, as_of from {POINTER} order by publication_number"
        ).fetchall()
    except duckdb.CatalogException:
        return []
    return [Publication(number, snapshot, run, at.astimezone(UTC)) for number, snapshot, run, at in found]


def current(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last snapshot."""
    found: int = connection.execute(f"select max(snapshot_id) from ducklake_snapshots('{NAME}')").fetchall()[0][0]
    return found


def point_to(connection: duckdb.DuckDBPyConnection, snapshot: int, run: str, as_of: datetime) -> None:
    """Publish a snapshot: one row, in one commit."""
    connection.execute(
        f"insert into {POINTER} ({COLUMNS})"
        f" select coalesce(max(publication_number), 0) + 1, $1, $2, $3, $4 from {POINTER}",
        [snapshot, run, as_of, datetime.now(UTC)],
    )


def lay_down(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the pointer, by which a lake is known as a warehouse's.

    Raises:
        WrongUse: there is none, and yet there are tables: somebody else's, which a night would take for a failed one's.
    """
    tables = {
        (schema, name) for schema, name in connection.execute(
            f"select schema_name, table_name from duckdb_tables() where database_name = '{NAME}'"
        ).fetchall()
    }  # fmt: skip
    if ("operations", "published") in tables:
        return
    if tables:
        raise WrongUse(
            f"The lake that {catalogue.CATALOGUE} names holds tables and is no learning-loop warehouse. "
            "Name a database of its own, or an empty one."
        )
    for schema in SCHEMAS:  # two processes of a night would both make them
        connection.execute(f"create schema if not exists {NAME}.{schema}")
    connection.execute(
        f"create table {POINTER} (publication_number bigint, snapshot_id bigint, run_id varchar,"
        " as_of timestamptz, published_at timestamptz)"
    )


def undo(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Write back what was changed since the published snapshot, and point to the state that this makes.

    Before anything was ever published all goes. It costs what it writes, and that only after a night that failed.

    Returns:
        The tables that were written back or dropped.
    """
    found = publications(connection)
    at = found[-1].snapshot if found else 0
    then = _entries(connection, "table", at)
    now = _entries(connection, "table", current(connection))
    changed = _changed_since(connection, at)
    back = {name: id for name, id in then.items() if now.get(name) != id or id in changed}
    gone = [name for name in now if name not in then]
    views = _views_to_mend(connection, at)
    if not (back or gone or views):
        return []
    connection.execute("begin")
    for name in gone:
        connection.execute(f"drop table {_quoted(name)}")
    for name, id in back.items():
        write_anew(connection, name, id, at)
    for statement in views:
        connection.execute(statement)
    connection.execute("commit")
    if found:
        point_to(connection, current(connection), found[-1].run_id, found[-1].as_of)
    return sorted(f"{schema}.{table}" for schema, table in [*back, *gone])


def write_anew(connection: duckdb.DuckDBPyConnection, name: tuple[str, str], id: int, snapshot: int) -> None:
    """Write a table anew as a snapshot knows it, with its NOT NULLs and comments, within the transaction there is.

    Its files are new ones: they hold none of the rows that were deleted, nor does what the catalogue says of them.
    """
    table = _quoted(name)
    parts = {"metadata": METADATA}
    columns = connection.execute(SHAPE.format(**parts), [snapshot, id]).fetchall()
    texts = connection.execute(TEXTS.format(**parts), [snapshot, id]).fetchall()
    connection.execute(f"create or replace table {table} as select * from {table} at (version => {snapshot})")
    names = {column_id: column for column, _, column_id in columns}
    for column, may_be_null, _ in columns:
        if not may_be_null:
            connection.execute(f"alter table {table} alter column {_name(column)} set not null")
    for column_id, text in texts:
        if column_id is None:
            connection.execute(f"comment on table {table} is {_text(text)}")
        elif column_id in names:
            connection.execute(f"comment on column {table}.{_name(names[column_id])} is {_text(text)}")


def without_deleted(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Write every table anew of which rows were deleted: a deletion is a mark beside the file that keeps the row.

    Returns:
        The tables.
    """
    at = current(connection)
    marked = {
        id for (id,) in connection.execute(
            f"select distinct table_id from {METADATA}.ducklake_delete_file"
        ).fetchall()
    }  # fmt: skip
    found = {name: id for name, id in _entries(connection, "table", at).items() if id in marked}
    connection.execute("begin")
    for name, id in found.items():
        write_anew(connection, name, id, at)
    connection.execute("commit")
    return sorted(f"{schema}.{table}" for schema, table in found)


def expire(connection: duckdb.DuckDBPyConnection, keep: int | None) -> None:
    """Forget all snapshots but the published one and `keep` earlier runs, and remove the files that only those had.

    Args:
        connection: of a night that holds the lock.
        keep: how many earlier ones; None: all that were published.
    """
    found = publications(connection)
    last_of = {one.run_id: one for one in found}  # a run that was written back was published twice
    runs = sorted(last_of.values(), key=lambda one: one.number)
    kept = {one.snapshot for one in (runs if keep is None else runs[-(keep + 1) :])}
    if not {one.snapshot for one in found} <= kept:
        connection.execute(f"delete from {POINTER} where snapshot_id not in ({', '.join(map(str, kept))})")
    kept.add(current(connection))
    listed = connection.execute(f"select snapshot_id from ducklake_snapshots('{NAME}')").fetchall()
    if gone := [str(snapshot) for (snapshot,) in listed if snapshot not in kept]:
        connection.execute(f"call ducklake_expire_snapshots('{NAME}', versions => [{', '.join(gone)}])")
        connection.execute(f"call ducklake_cleanup_old_files('{NAME}', cleanup_all => true)")


def _attached(connection: duckdb.DuckDBPyConnection, lake: Lake) -> bool:
    """Attach the lake as it is to read; return whether there is one."""
    if not lake.is_shared and not Path(lake.catalogue).exists():
        return False
    catalogue.prepare(connection, lake)
    try:
        catalogue.attach(connection, lake, read_only=True)
    except WrongUse as error:
        if ABSENT in str(error.__cause__):
            return False
        raise
    return True


def _entries(connection: duckdb.DuckDBPyConnection, kind: str, snapshot: int) -> dict[tuple[str, str], int]:
    """Return the tables or views of a snapshot: (schema, name) and number; the pointer is none of them."""
    sql = ENTRIES.format(kind=kind, metadata=METADATA)
    found = {(schema, name): id for id, schema, name in connection.execute(sql, [snapshot]).fetchall()}
    return {name: id for name, id in found.items() if name != ("operations", "published")}


def _changed_since(connection: duckdb.DuckDBPyConnection, snapshot: int) -> set[int]:
    """Return the numbers of the tables whose rows, columns or comments were changed after a snapshot."""
    return {id for (id,) in connection.execute(CHANGED.format(metadata=METADATA), [snapshot]).fetchall()}


def _views_to_mend(connection: duckdb.DuckDBPyConnection, snapshot: int) -> list[str]:
    """Return the SQL that gives views what they were."""
    then, now = (_entries(connection, "view", at) for at in (snapshot, current(connection)))
    stored = connection.execute(f"select view_id, sql from {METADATA}.ducklake_view").fetchall()
    texts = {id: text.replace("{DUCKLAKE_CATALOG}", NAME) for id, text in stored}
    changed = [name for name, id in then.items() if now.get(name) != id]
    said = {
        name: text for name in changed
        for column, text in connection.execute(TEXTS.format(metadata=METADATA), [snapshot, then[name]]).fetchall()
        if column is None
    }  # fmt: skip
    return [
        *(f"drop view {_quoted(name)}" for name in now if name not in then),
        *(f"create or replace view {_quoted(name)} as {texts[then[name]]}" for name in changed),
        *(f"comment on view {_quoted(name)} is {_text(text)}" for name, text in said.items()),
    ]


def _quoted(name: tuple[str, str]) -> str:
    return f"{NAME}.{_name(name[0])}.{_name(name[1])}"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
