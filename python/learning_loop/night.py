"""One night: a private copy of the published file is built and tested, then put in its place by one rename.

Nothing is ever changed in the published file itself, so readers are never locked out, and a night that fails or is
killed at any moment leaves yesterday's file as it was. The steps of a night are the functions of this module, in order.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from learning_loop import __version__, erasure, retention
from learning_loop.identity import SaltError, fingerprint, load_salt, salt_file
from learning_loop.landing import path_pattern
from learning_loop.project import project_dir

STORAGE_VERSION = "v1.5.0"  # files of the 2.0.0 default format cannot be opened by the 1.5 clients of analysts


class WrongUse(Exception):
    """The night cannot start as asked; the message says what was wrong, where, and what to do. Exit code 2."""


class NightFailed(Exception):
    """A model or a test failed; yesterday's file stands. Exit code 1."""


class AnotherNightRuns(Exception):
    """Another night holds the warehouse. Exit code 3."""


@dataclass(frozen=True)
class Night:
    """What a night works on: absolute paths, and the instant as of which it computes."""

    landing: Path
    warehouse: Path
    as_of: datetime
    full_refresh: bool = False
    with_bridge: bool = True

    @property
    def run_id(self) -> str:
        """The run's name: its as_of, as the contract writes it."""
        return run_id(self.as_of)

    @property
    def work_dir(self) -> Path:
        """The night's private folder, beside the warehouse so that the last rename stays on one file system."""
        return self.warehouse.with_name(f".{self.warehouse.name}.night")

    @property
    def private_file(self) -> Path:
        """The private database. It keeps the basename: views of 1.5 clients carry the catalog's name."""
        return self.work_dir / self.warehouse.name


@dataclass(frozen=True)
class Published:
    """What the published file says of itself, or the defaults when there is none."""

    last_as_of: datetime | None = None
    code_version: str | None = None
    salt_fingerprint: str | None = None
    holds_erased: bool = False


def run_id(as_of: datetime) -> str:
    """Write an instant as a run's id: ISO 8601 in UTC, with a fraction only where it has one."""
    text = as_of.astimezone(UTC).isoformat().replace("+00:00", "")
    return text + "Z"


def code_version() -> str:
    """Name the code that computes: the package version and a digest of all models, macros and policies' shapes.

    A published file of another code version is rebuilt from its stored rows, so that no mart mixes two versions.
    """
    digest = hashlib.sha256()
    root = project_dir()
    for folder in ("models", "macros", "python/learning_loop"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".sql", ".py"}:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


@contextlib.contextmanager
def exclusive(night: Night) -> Iterator[None]:
    """Hold the warehouse for one night; the lock dies with the process, however it dies.

    Raises:
        AnotherNightRuns: another process holds it.
        WrongUse: the folder of the warehouse cannot be written.
    """
    lock = night.warehouse.with_name(f".{night.warehouse.name}.lock")
    try:
        night.warehouse.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("a+")
    except OSError as error:
        raise WrongUse(
            f"The warehouse {night.warehouse} cannot be written: {error.strerror}. "
            "Choose another file with --warehouse, or make its folder writable."
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherNightRuns(
                f"Another night is running on {night.warehouse}. Wait for it to end, or name another --warehouse."
            ) from error
        yield


def inspect(night: Night) -> Published:
    """Read what is published.

    Raises:
        WrongUse: the file is no warehouse, or of another salt, or ahead of the night's as_of.
    """
    if not night.landing.is_dir():
        raise WrongUse(
            f"The landing folder {night.landing} does not exist. Name it with --landing or LEARNING_LOOP_LANDING."
        )
    if "?" in str(night.warehouse):  # dbt's adapter takes what follows for options of the connection
        raise WrongUse(f"The path {night.warehouse} holds a question mark. Choose another file with --warehouse.")
    published = _read_published(night.warehouse)
    if published.last_as_of and night.as_of < published.last_as_of:
        raise WrongUse(
            f"--as-of {night.run_id} lies before the last published night ({run_id(published.last_as_of)}). "
            "History is not rewritten: choose a later instant, or another --warehouse."
        )
    try:
        salt = load_salt(night.warehouse)
    except SaltError as error:
        raise WrongUse(str(error)) from error
    if published.salt_fingerprint and published.salt_fingerprint != fingerprint(salt):
        raise WrongUse(
            f"The salt is not the one {night.warehouse} was built with: every person would get a second pseudonym. "
            f"Restore LEARNING_LOOP_SALT or {salt_file(night.warehouse)}, or start another --warehouse."
        )
    return dataclasses.replace(published, holds_erased=erasure.is_stored(night.warehouse, night.landing, salt))


def prepare(night: Night) -> None:
    """Clear what a killed night left, say so in failed_nights.jsonl, and copy the published file to a private one."""
    started = night.work_dir / "night.json"
    with contextlib.suppress(FileNotFoundError, ValueError):
        killed = json.loads(started.read_text())
        if not _is_written_since(night.warehouse, datetime.fromisoformat(killed["started_at"])):
            log_failure(night, killed | {"error": "killed before it ended"})
    for path in (night.private_file, _wal(night.private_file), started):
        path.unlink(missing_ok=True)
    shutil.rmtree(night.work_dir / "repaired", ignore_errors=True)
    night.work_dir.mkdir(exist_ok=True)
    started.write_text(json.dumps(describe(night)))
    if night.warehouse.exists():
        shutil.copyfile(night.warehouse, night.private_file)
    else:
        duckdb.connect(str(night.private_file), config={"storage_compatibility_version": STORAGE_VERSION}).close()


def describe(night: Night) -> dict[str, Any]:
    """Describe a starting night, as it stands in night.json and, should it fail, in failed_nights.jsonl."""
    return {
        "run_id": night.run_id,
        "status": "failed",
        "as_of": night.run_id,
        "code_version": code_version(),
        "started_at": datetime.now(UTC).isoformat(),
    }


def environment(night: Night) -> dict[str, str]:
    """Return the environment in which dbt builds the private file."""
    failed = failed_nights_file(night)
    return {
        "LEARNING_LOOP_AS_OF": night.run_id,
        "LEARNING_LOOP_CODE_VERSION": code_version(),
        "LEARNING_LOOP_FAILED_NIGHTS": path_pattern(failed) if failed.exists() else "",
        "LEARNING_LOOP_BUILD": str(night.private_file),
        "LEARNING_LOOP_LANDING": str(night.landing),
        "LEARNING_LOOP_SALT_FILE": str(salt_file(night.warehouse)),
        "DBT_TARGET_PATH": str(night.work_dir / "target"),
        "DBT_LOG_PATH": str(night.work_dir / "logs"),
        "TZ": "UTC",
    }


def dbt_arguments(night: Night, published: Published) -> list[str]:
    """Return the arguments of the one dbt build of a night.

    Unit tests are about the code, not about tonight's rows: CI runs them.
    """
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    is_without_rows = published.holds_erased or retention.moves(published.last_as_of, night.as_of)
    if night.full_refresh or is_without_rows or published.code_version not in (None, code_version()):
        arguments.append("--full-refresh")
    if not night.with_bridge:
        arguments += ["--vars", "{backlog_bridge_enabled: false}"]
    return arguments


def checkpoint(private_file: Path) -> None:
    """Drop what only the night needed, write all to the one file, and close it.

    Raises:
        NightFailed: a write-ahead log is left: renamed without it, the file would lack its last writes.
    """
    with duckdb.connect(str(private_file)) as connection:
        connection.execute("drop schema if exists scratch cascade")
        connection.execute("checkpoint")
    if _wal(private_file).exists():
        raise NightFailed(f"{_wal(private_file)} is left after the checkpoint: the file is not whole.")


def compact(private_file: Path) -> None:
    """Write the database anew: the blocks of deleted rows keep what they held until something is written over them."""
    fresh = private_file.parent / "compacted" / private_file.name
    shutil.rmtree(fresh.parent, ignore_errors=True)
    fresh.parent.mkdir()
    name = duckdb_name(private_file)
    with duckdb.connect(str(private_file)) as connection:
        path = str(fresh).replace("'", "''")
        connection.execute(f"attach '{path}' as compacted (storage_version '{STORAGE_VERSION}')")
        connection.execute(f'copy from database "{name}" to compacted')
        connection.execute("detach compacted")
    fresh.replace(private_file)
    shutil.rmtree(fresh.parent)


def duckdb_name(database: Path) -> str:
    """Return the catalog name that DuckDB gives a file: its name up to the first dot."""
    with duckdb.connect(str(database)) as connection:
        return str(connection.execute("select current_database()").fetchall()[0][0])


def publish(night: Night) -> None:
    """Put the private file in the published one's place: readers see the whole night at once, or none of it."""
    with night.private_file.open("rb") as file:
        os.fsync(file.fileno())
    night.private_file.replace(night.warehouse)
    (night.work_dir / "night.json").unlink(missing_ok=True)


def log_failure(night: Night, described: dict[str, Any]) -> None:
    """Append one line on a night that published nothing; the next night loads it into nightly_runs."""
    line = described | {"finished_at": datetime.now(UTC).isoformat()}
    with failed_nights_file(night).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def failed_nights_file(night: Night) -> Path:
    """Return the file beside the warehouse that remembers nights that published nothing."""
    return night.warehouse.with_name("failed_nights.jsonl")


def run(night: Night, build: Callable[[Night, list[str]], None], step: Callable[[str], None]) -> None:
    """Run a night from lock to publication.

    Args:
        night: what to work on.
        build: runs dbt with the given arguments and raises NightFailed when a model or test fails.
        step: is told the name of each step as it begins.
    """
    with exclusive(night):
        step("look at what is published")
        published = inspect(night)
        step("copy it to a private file")
        prepare(night)
        try:
            step("build and test")
            build(night, dbt_arguments(night, published))
            step("checkpoint and close")
            checkpoint(night.private_file)
            if published.holds_erased:
                step("write the file anew without what was erased")
                compact(night.private_file)
            step("publish")
            publish(night)
        except BaseException as error:
            with contextlib.suppress(OSError, ValueError):  # a full disk must not hide what went wrong first
                message = str(error) or type(error).__name__
                log_failure(night, json.loads((night.work_dir / "night.json").read_text()) | {"error": message[:2000]})
                (night.work_dir / "night.json").unlink(missing_ok=True)
                night.private_file.unlink(missing_ok=True)
            raise
        finally:  # copies of landing files hold raw ids: they must not outlive the night
            shutil.rmtree(night.work_dir / "repaired", ignore_errors=True)


def _read_published(warehouse: Path) -> Published:
    if not warehouse.exists():
        return Published()
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
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
        raise WrongUse(
            f"{warehouse} cannot be opened as a DuckDB database ({str(error).splitlines()[0][:200]}). "
            "Restore it from a back-up, or move it away to start anew."
        ) from error
    return Published(last[0], last[1], salt[0][0] if salt else None)


def _is_written_since(warehouse: Path, instant: datetime) -> bool:
    """Say whether the file was published after `instant`: a night may die between its rename and its last note."""
    return warehouse.exists() and warehouse.stat().st_mtime > instant.timestamp()


def _wal(database: Path) -> Path:
    return database.with_name(database.name + ".wal")
