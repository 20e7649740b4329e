"""The published file: where it is, the one way to open it, and what it says of itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from learning_loop.errors import Held, WrongUse

STORAGE_VERSION = "v1.5.0"  # files of the 2.0.0 default format cannot be opened by the 1.5 clients of analysts
# What a night may take of the machine, as profiles/profiles.yml says it: each setting, its variable and its default.
LIMITS = {
    "memory_limit": ("LEARNING_LOOP_MEMORY_LIMIT", "4GB"),
    "threads": ("LEARNING_LOOP_THREADS", "2"),
    "max_temp_directory_size": ("LEARNING_LOOP_TEMP_LIMIT", "50GB"),
}
# A view stored by DuckDB 1.5 names its tables with the catalog, the stem of the file's name when it was built.
CATALOG_OF_VIEWS = r"""
select distinct regexp_extract(sql, '("(?:[^"]|"")+"|[a-zA-Z_]\w*)\.(?:main|staging|intermediate|policy)\.', 1) as name
from duckdb_views()
where not internal and name != ''
"""


@dataclass(frozen=True)
class Published:
    """What the published file says of itself, or the defaults when there is none."""

    last_as_of: datetime | None = None
    code_version: str | None = None
    salt_fingerprint: str | None = None
    holds_erased: bool = False
    seeds: str | None = None  # which seeds are loaded; None: it does not say


@dataclass(frozen=True)
class Night:
    """A run that was published."""

    run_id: str
    run_number: int
    as_of: datetime
    code_version: str


def night_at(connection: duckdb.DuckDBPyConnection, instant: datetime) -> Night:
    """Return the last published run with an as_of up to an instant: what was known then is what it had loaded.

    Raises:
        WrongUse: there was none yet; the message names the first.
    """
    row = connection.execute(
        "select run_id, run_number, as_of, code_version from nightly_runs where status = 'success' and as_of <= $1"
        " order by run_number desc limit 1",
        [instant],
    ).fetchall()
    if not row:
        first = connection.execute("select min(as_of)::varchar from nightly_runs where status = 'success'").fetchall()
        raise WrongUse(f"No night had run yet at that instant: the first is of {first[0][0]}. Name a later one.")
    return Night(row[0][0], row[0][1], row[0][2].astimezone(UTC), row[0][3])


def warehouse_file(given: Path | None = None) -> Path:
    """Return the published file: the option, else LEARNING_LOOP_WAREHOUSE, else the default."""
    return (given or Path(os.environ.get("LEARNING_LOOP_WAREHOUSE") or "warehouse/learning_loop.duckdb")).resolve()


def limits() -> dict[str, str]:
    """Return DuckDB's settings that bound what a night may take, as the environment gives them."""
    return {setting: os.environ.get(variable) or usual for setting, (variable, usual) in LIMITS.items()}


def is_on_lake() -> bool:
    """Say whether the environment names a lake as the warehouse; the path of the file then says where the salt lies."""
    return os.environ.get("LEARNING_LOOP_TARGET", "local") == "lake"


def is_published(warehouse: Path) -> bool:
    """Say whether there is anything to open."""
    if is_on_lake():
        from learning_loop.lake import publication  # which nothing else needs

        return publication.is_there()
    return warehouse.is_file()


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a published file read-only, whatever it holds and whatever its name is now, its instants in UTC.

    Raises:
        WrongUse: it cannot be opened; Held if a program that writes has it open.
    """
    if is_on_lake():
        from learning_loop.lake import publication

        with publication.opened() as connection:
            yield connection
        return
    try:
        connection = _connect(warehouse)
    except duckdb.Error as error:
        raise _unreadable(warehouse, error) from error
    with connection:
        yield connection


@contextmanager
def open_published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for a command that reads it.

    Raises:
        WrongUse: there is none, it is no database, or one of another version; the message says what to do.
    """
    if not is_on_lake() and not warehouse.is_file():
        raise WrongUse(
            f"There is no warehouse at {warehouse} yet. Run `learning-loop nightly`, or name one with --warehouse."
        )
    try:
        with opened(warehouse) as connection:
            yield connection
    except duckdb.CatalogException as error:
        raise WrongUse(
            f"{warehouse} lacks a table of this version ({_first_line(error)}). "
            "Run `learning-loop nightly` on it once more, or name another file with --warehouse."
        ) from error
    except duckdb.IOException as error:
        raise _unreadable(warehouse, error) from error


def read_published(warehouse: Path) -> Published:
    """Return what the file says of itself.

    Raises:
        WrongUse: it is no warehouse, or cannot be opened; Held if a program that writes has it open.
    """
    if not (is_published(warehouse) if is_on_lake() else warehouse.exists()):
        return Published()
    with opened(warehouse) as connection:
        try:
            last = connection.execute(
                "select max(as_of), arg_max(code_version, run_number) from nightly_runs where status = 'success'"
            ).fetchall()[0]
            salt = connection.execute("select salt_fingerprint from warehouse_identity").fetchall()
        except duckdb.CatalogException as error:
            raise WrongUse(
                f"{warehouse} is a DuckDB database, but no learning-loop warehouse. Name another file with --warehouse."
            ) from error
        except duckdb.Error as error:
            raise _unreadable(warehouse, error) from error
        seeds = _loaded_seeds(connection)
    return Published(last[0], last[1], salt[0][0] if salt else None, seeds=seeds)


def _loaded_seeds(connection: duckdb.DuckDBPyConnection) -> str | None:
    try:
        return str(connection.execute("select digest from operations.loaded_seeds").fetchall()[0][0])
    except duckdb.CatalogException:  # published before nights left seeds alone that are as they were
        return None


def ask(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: object) -> duckdb.DuckDBPyConnection:
    """Run a query with parameters.

    DuckDB's own way to bind one loads pandas, which takes longer than all that a command does.
    """
    if not parameters:
        return connection.execute(sql)
    connection.execute(f"prepare asked as {sql}")
    return connection.execute(f"execute asked({', '.join(literal(value) for value in parameters)})")


def literal(value: object) -> str:
    """Return a value as SQL says it.

    Raises:
        WrongUse: it is a text that SQL cannot say.
    """
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"timestamptz '{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(one) for one in value)}]"
    text = str(value)
    if "\0" in text:
        raise WrongUse("A text holds a NUL character, which no text of the warehouse does.")
    return "'" + text.replace("'", "''") + "'"


def _connect(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Connect; a copy under another name (a back-up) is attached as what its views call it."""
    connection = duckdb.connect(str(warehouse), read_only=True)
    connection.execute("set timezone = 'UTC'")
    try:  # a view of every edition; to ask all of them for their SQL takes as long as all else here
        connection.execute("select 1 from main.learning_backlog_verdicts limit 0")
        return connection
    except duckdb.Error:
        pass
    names = [row[0] for row in connection.execute(CATALOG_OF_VIEWS).fetchall()]
    here = connection.execute("select current_database()").fetchall()[0][0]
    if len(names) == 1 and names[0].strip('"').replace('""', '"') != here:
        connection.close()
        connection = duckdb.connect()
        text = str(warehouse).replace("'", "''")
        connection.execute(f"attach '{text}' as {names[0]} (read_only)")
        connection.execute(f"use {names[0]}")
    connection.execute("set timezone = 'UTC'")
    return connection


def _unreadable(warehouse: Path, error: duckdb.Error) -> WrongUse:
    said = _first_line(error)
    if "Could not set lock" in said:
        return Held(
            f"{warehouse} is open in a program that writes to it ({said}). "
            "Close that program: nothing but a night changes the file, readers open it read-only."
        )
    if "version number" in said:
        return WrongUse(
            f"{warehouse} was written by another version of DuckDB ({said}). Run the release of learning-loop that "
            "wrote it, or move the file away and build it anew with `learning-loop replay`."
        )
    return WrongUse(
        f"{warehouse} cannot be opened as a DuckDB database ({said}). Restore it from a back-up, return to an earlier "
        "file with `learning-loop rollback`, or move it away to start anew."
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
