"""One night on a lake: built and tested in place, then published by one row.

The steps are those of a night on a file but for three: nothing is copied, since a snapshot is what readers see; what a
night that failed has left is undone; and to publish is to name a snapshot.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable
from datetime import datetime

import duckdb

from learning_loop.errors import NightFailed, WrongUse
from learning_loop.lake import catalogue, lock, parts, publication
from learning_loop.lake.catalogue import NAME, Lake
from learning_loop.night import comments, steps
from learning_loop.night.steps import Night
from learning_loop.project import project_dir
from learning_loop.warehouse import Published

TARGET = ["--target", "lake"]


def run(night: Night, build: Callable[[Night, list[str]], None], step: Callable[[str], None]) -> None:
    """Run a night from lock to publication; as steps.run.

    The path of `night.warehouse` says where on this machine the salt, the failed nights and the private folder lie.

    Args:
        night: what to work on.
        build: runs dbt with the given arguments and raises NightFailed when a model or test fails.
        step: is told the name of each step as it begins.
    """
    lake = catalogue.lake()
    # As seen from the night's folder too, where dbt runs.
    os.environ |= {catalogue.TARGET: "lake", catalogue.CATALOGUE: lake.catalogue, catalogue.DATA: lake.data}
    steps.inspect(night)
    with steps.exclusive(night), lock.exclusive(lake) as held:
        step("look at what is published")
        published = steps.inspect(night)
        salt = steps.salt_of(night)
        erased = steps.holds_erased(night.warehouse, night.landing, salt)
        published = dataclasses.replace(published, holds_erased=erased)
        try:
            with steps.private():
                step("undo what a night that failed has left")
                prepare(night, lake)
                step("build and test")
                arguments = [*steps.dbt_arguments(night, published), *TARGET]
                if parts.is_asked():
                    parts.build(night, arguments, build)
                else:
                    build(night, arguments)
                held.must_be_held()
                step("publish")
                publish(night, lake, published)
        except WrongUse:
            raise
        except BaseException as error:
            message = steps.explain(night, error)
            with contextlib.suppress(OSError, ValueError):
                started = json.loads((night.work_dir / "night.json").read_text())
                steps.log_failure(night, started | {"error": message[:2000]})
                (night.work_dir / "night.json").unlink(missing_ok=True)
            with contextlib.suppress(duckdb.Error, WrongUse), publication.writing(lake) as connection:
                clear(connection)
            if isinstance(error, Exception):
                raise NightFailed(message) from error
            raise
        finally:
            steps.forget_rows(night)


def prepare(night: Night, lake: Lake) -> None:
    """Undo what a killed night has left, and say so in failed_nights.jsonl if it had published nothing."""
    started = night.work_dir / "night.json"
    with publication.writing(lake) as connection:
        publication.lay_down(connection)
        with contextlib.suppress(FileNotFoundError, ValueError):
            killed = json.loads(started.read_text())
            if not was_published(connection, killed):
                with contextlib.suppress(OSError):
                    steps.log_failure(night, killed | {"error": "killed before it ended"})
        clear(connection)
    started.unlink(missing_ok=True)
    steps.forget_rows(night)
    night.work_dir.mkdir(mode=0o700, exist_ok=True)
    night.work_dir.chmod(0o700)
    started.write_text(json.dumps(steps.describe(night)))


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the lake what is published, and forget whatever else was written; of a lake in order nothing is done."""
    connection.execute(f"drop schema if exists {NAME}.scratch cascade")
    publication.undo(connection)
    publication.expire(connection, None)


def was_published(connection: duckdb.DuckDBPyConnection, killed: dict[str, str]) -> bool:
    """Say whether a night that was killed had published before: its row was written after it had started."""
    begun = datetime.fromisoformat(killed["started_at"])
    with contextlib.suppress(duckdb.CatalogException):
        found = connection.execute(
            f"select count(*) from {publication.POINTER} where run_id = $1 and published_at >= $2",
            [killed["run_id"], begun],
        ).fetchall()
        return bool(found[0][0])
    return False


def publish(night: Night, lake: Lake, published: Published) -> None:
    """Name the snapshot that the night has made, with its comments; then remove what no published one needs any more.

    After an erasure no earlier one stays: a snapshot keeps the bytes of its rows, and a deleted row its own.
    """
    with publication.writing(lake) as connection:
        connection.execute(f"drop schema if exists {NAME}.scratch cascade")
        comments.describe(connection, project_dir(), night.code_version)
        if published.holds_erased:
            publication.without_deleted(connection)
        snapshot = publication.current(connection)
        publication.point_to(connection, snapshot, night.run_id, night.as_of)
        (night.work_dir / "night.json").unlink(missing_ok=True)
        keep = 0 if published.holds_erased else max(night.keep or 0, publication.KEPT)
        publication.expire(connection, keep)
