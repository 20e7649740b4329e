"""A warehouse on a lake under test: nights, questions and comparisons as of a house with a file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from house import LOGS, UNTESTED, House, build
from learning_loop.lake import catalogue, night, publication
from learning_loop.night import steps


@dataclass(frozen=True)
class Place:
    """Where a lake is, and what its server and its bucket want to know."""

    catalogue: str
    data: str
    variables: dict[str, str]

    def named_by(self, patch: pytest.MonkeyPatch) -> None:
        for name, value in self.environment().items():
            patch.setenv(name, value)

    def environment(self) -> dict[str, str]:
        return {
            "LEARNING_LOOP_TARGET": "lake",
            "LEARNING_LOOP_LAKE": self.catalogue,
            "LEARNING_LOOP_LAKE_DATA": self.data,
            **self.variables,
        }


class LakeHouse(House):
    """A house whose nights publish to a lake; its `warehouse` says where the salt and the failed nights lie."""

    def __init__(self, root: Path, place: Place, landing: Path | None = None, select: list[str] | None = None):
        super().__init__(root, landing, select)
        self.place = place

    @contextmanager
    def named(self) -> Iterator[None]:
        before = dict(os.environ)
        os.environ.update(self.place.environment())
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def tonight(self, as_of: datetime | str, keep: int | None = None, full_refresh: bool = False) -> steps.Night:
        at = as_of if isinstance(as_of, datetime) else datetime.fromisoformat(as_of)
        return steps.Night(self.landing, self.warehouse, at, full_refresh, keep=keep, may_be_ahead=True)

    def night(self, as_of: datetime | str, full_refresh: bool = False, keep: int | None = None,
              is_tested: bool = False, build: Callable[..., Any] = build, **_: Any) -> None:  # fmt: skip
        select = [*self.select, *([] if is_tested else UNTESTED)]
        with self.named():
            night.run(
                self.tonight(as_of, keep, full_refresh),
                lambda tonight, arguments: build(tonight, [*arguments, *select]),
                self.steps.append,
            )

    def command(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess:
        """Run the command line as a program would that has set the lake's variables: into a pipe, without a width."""
        named = {"LEARNING_LOOP_WAREHOUSE": str(self.warehouse), "LEARNING_LOOP_LANDING": str(self.landing)}
        return subprocess.run(
            [sys.executable, "-m", "learning_loop.cli", *map(str, arguments)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "COLUMNS": "", **self.place.environment(), **named, **variables},
        )  # fmt: skip

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with self.named(), publication.opened() as connection:
            return connection.execute(sql, list(parameters)).fetchall()

    def snapshots(self) -> list[publication.Publication]:
        with self.named():
            return publication.published(catalogue.lake())

    def marts(self, logs: set[str] = LOGS) -> dict[str, list[tuple]]:
        with self.named(), publication.opened() as connection:
            return tables(connection, logs)


def tables(connection: Any, logs: set[str] = LOGS) -> dict[str, list[tuple]]:
    """Every table for people but the logs, as sorted rows without computed_at."""
    found = {}
    listed = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'main'"
        " and table_catalog = current_database() order by 1"
    ).fetchall()
    for (table,) in listed:
        if table not in logs:
            columns = connection.execute(f"describe {table}").fetchall()
            names = ", ".join(f'"{column[0]}"' for column in columns if column[0] != "computed_at")
            found[table] = connection.execute(f"select {names} from {table} order by all").fetchall()
    return found
