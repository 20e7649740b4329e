"""The published file, opened for reading."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from learning_loop.errors import Held, WrongUse


@contextmanager
def open_published(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file read-only, its instants in UTC.

    Raises:
        WrongUse: there is none, it is no database, or one of another version; the message says what to do.
    """
    if not warehouse.is_file():
        raise WrongUse(
            f"There is no warehouse at {warehouse} yet. Run `learning-loop nightly`, or name one with --warehouse."
        )
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            connection.execute("set timezone = 'UTC'")
            yield connection
    except duckdb.CatalogException as error:
        raise WrongUse(
            f"{warehouse} lacks a table of this version ({_first_line(error)}). "
            "Run `learning-loop nightly` on it once more, or name another file with --warehouse."
        ) from error
    except duckdb.IOException as error:
        raise WrongUse(
            f"{warehouse} cannot be opened as a DuckDB database ({_first_line(error)}). "
            "Restore it from a back-up, or name another file with --warehouse."
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]


def warehouse_file(given: Path | None = None) -> Path:
    """Return the published file: the option, else LEARNING_LOOP_WAREHOUSE, else the default."""
    return (given or Path(os.environ.get("LEARNING_LOOP_WAREHOUSE") or "warehouse/learning_loop.duckdb")).resolve()


STORAGE_VERSION = "v1.5.0"  # files of the 2.0.0 default format cannot be opened by the 1.5 clients of analysts


@dataclass(frozen=True)
class Published:
    """What the published file says of itself, or the defaults when there is none."""

    last_as_of: datetime | None = None
    code_version: str | None = None
    salt_fingerprint: str | None = None
    holds_erased: bool = False


def read_published(warehouse: Path) -> Published:
    """Return what the file says of itself.

    Raises:
        WrongUse: it is no warehouse, or cannot be opened; Held if a program that writes has it open.
    """
    if not warehouse.exists():
        return Published()
    with opened(warehouse) as connection:
        try:
            connection.execute("set timezone = 'UTC'")
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
    return Published(last[0], last[1], salt[0][0] if salt else None)


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file read-only, whatever it holds.

    Raises:
        WrongUse: it cannot be opened; Held if a program that writes has it open.
    """
    try:
        connection = duckdb.connect(str(warehouse), read_only=True)
    except duckdb.Error as error:
        raise _unreadable(warehouse, error) from error
    with connection:
        yield connection


def _unreadable(warehouse: Path, error: duckdb.Error) -> WrongUse:
    said = str(error).splitlines()[0][:200]
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
