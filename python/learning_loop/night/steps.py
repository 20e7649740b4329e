"""One night: a private copy of the published file is built and tested, then put in its place by one rename.

Nothing is ever changed in the published file itself, so readers are never locked out, and a night that fails or is
killed at any moment leaves yesterday's file as it was. The steps of a night are the functions of this module, in order.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import fcntl
import functools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import duckdb

from learning_loop import atomic
from learning_loop.errors import AnotherNightRuns, NightFailed, SaltError, WrongUse
from learning_loop.landing import arrival, tombstones
from learning_loop.landing.arrival import Arrival
from learning_loop.landing.folder import must_be_listable, path_pattern
from learning_loop.landing.identity import fingerprint, load_salt, salt_file
from learning_loop.night import earlier, retention
from learning_loop.night.compaction import compact
from learning_loop.project import code_version
from learning_loop.terminal import run_id
from learning_loop.warehouse import STORAGE_VERSION, Published, opened, read_published

# What an error of the machine, not of a rule, asks of whoever reads it: (what the error says, what to do).
ADVICE = [
    (
        ("No space left on device", "max_temp_directory_size", "File too large", "Disk quota exceeded"),
        "Free space beside the warehouse (a night needs two to three times the file), or raise"
        " LEARNING_LOOP_TEMP_LIMIT; then run the night again.",
    ),
    (
        ("Out of Memory Error", "Cannot allocate memory", "MemoryError", "bad_alloc"),
        "Raise LEARNING_LOOP_MEMORY_LIMIT or lower LEARNING_LOOP_THREADS; then run the night again.",
    ),
    (
        ("checksum", "Corrupt", "Could not read enough bytes", "INTERNAL Error", "fatal error"),
        "The published file may be damaged: `learning-loop rollback` returns to an earlier one, `learning-loop replay`"
        " builds another from the landing folder.",
    ),
]


@dataclass(frozen=True)
class Night:
    """What a night works on: absolute paths, and the instant as of which it computes."""

    landing: Path
    warehouse: Path
    as_of: datetime
    full_refresh: bool = False
    with_bridge: bool = True
    keep: int | None = None  # how many earlier files stay; None: those that are there, and no new one
    arrival: Arrival | None = None  # a night of the past: what says which files were there
    all_tests: bool = False  # whether data tests look beyond what the night touched

    @property
    def run_id(self) -> str:
        """The run's name: its as_of, as the contract writes it."""
        return run_id(self.as_of)

    @functools.cached_property
    def code_version(self) -> str:
        """The code that computes, as it stood when the night began."""
        return code_version()

    @property
    def work_dir(self) -> Path:
        """The night's private folder, beside the warehouse so that the last rename stays on one file system."""
        return self.warehouse.with_name(f".{self.warehouse.name}.night")

    @property
    def private_file(self) -> Path:
        """The private database. It keeps the basename: views of 1.5 clients carry the catalog's name."""
        return self.work_dir / self.warehouse.name


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
    must_be_listable(night.landing)
    if "?" in str(night.warehouse):  # dbt's adapter takes what follows for options of the connection
        raise WrongUse(f"The path {night.warehouse} holds a question mark. Choose another file with --warehouse.")
    published = read_published(night.warehouse)
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
    return dataclasses.replace(published, holds_erased=_holds_erased(night, salt))


def _holds_erased(night: Night, salt: str) -> bool:
    erased = tombstones.recorded(night.landing)
    if not erased or not night.warehouse.exists():
        return False
    with opened(night.warehouse) as connection:
        return tombstones.are_stored(connection, erased, salt)


def settle(night: Night) -> None:
    """Clear what a killed night left, and say so in failed_nights.jsonl if it had published nothing."""
    started = night.work_dir / "night.json"
    with contextlib.suppress(FileNotFoundError, ValueError):
        killed = json.loads(started.read_text())
        # A rename keeps the inode: clocks may step back, and a night may die between its rename and its last note.
        if not night.warehouse.exists() or killed.pop("published_inode", None) != night.warehouse.stat().st_ino:
            log_failure(night, killed | {"error": "killed before it ended"})
    for name in (night.warehouse.name, "compacted"):
        for path in night.work_dir.glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    started.unlink(missing_ok=True)
    shutil.rmtree(night.work_dir / "repaired", ignore_errors=True)
    night.work_dir.mkdir(exist_ok=True)


def prepare(night: Night) -> None:
    """Clear what a killed night left, and copy the published file to a private one.

    Raises:
        WrongUse: a program that writes holds the published file.
    """
    settle(night)
    (night.work_dir / "night.json").write_text(json.dumps(describe(night)))
    if night.warehouse.exists():
        with opened(night.warehouse):  # no writer can open it, and change it, while it is copied
            shutil.copyfile(night.warehouse, night.private_file)
    else:
        duckdb.connect(str(night.private_file), config={"storage_compatibility_version": STORAGE_VERSION}).close()


def describe(night: Night) -> dict[str, Any]:
    """Describe a starting night, as it stands in night.json and, should it fail, in failed_nights.jsonl."""
    return {
        "run_id": night.run_id,
        "status": "failed",
        "as_of": night.run_id,
        "code_version": night.code_version,
        "started_at": datetime.now(UTC).isoformat(),
    }


def environment(night: Night) -> dict[str, str]:
    """Return the environment in which dbt builds the private file."""
    failed = failed_nights_file(night)
    return {
        "LEARNING_LOOP_AS_OF": night.run_id,
        "LEARNING_LOOP_CODE_VERSION": night.code_version,
        "LEARNING_LOOP_FAILED_NIGHTS": path_pattern(failed) if failed.exists() else "",
        "LEARNING_LOOP_BUILD": str(night.private_file),
        "LEARNING_LOOP_LANDING": str(night.landing),
        arrival.VARIABLE: str(night.arrival or ""),
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
    if night.full_refresh or is_without_rows or published.code_version not in (None, night.code_version):
        arguments.append("--full-refresh")
    switches = {"backlog_bridge_enabled": night.with_bridge, "all_tests": night.all_tests}
    return [*arguments, "--vars", json.dumps(switches)]


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


def publish(night: Night, published: Published) -> None:
    """Put the private file in the published one's place: readers see the whole night at once, or none of it.

    The file that was published before stays as an earlier one when the night keeps any.
    """
    started = night.work_dir / "night.json"
    inode = night.private_file.stat().st_ino
    if night.keep and published.last_as_of:
        earlier.keep(night.warehouse, run_id(published.last_as_of))
    started.write_text(json.dumps(json.loads(started.read_text()) | {"published_inode": inode}))
    atomic.replace(night.private_file, night.warehouse)
    started.unlink(missing_ok=True)
    if night.keep is not None:
        earlier.forget_all_but(night.warehouse, night.keep)


def log_failure(night: Night, described: dict[str, Any]) -> None:
    """Append one line on a night that published nothing; the next night loads it into nightly_runs."""
    line = described | {"finished_at": datetime.now(UTC).isoformat()}
    with failed_nights_file(night).open("ab+") as file:
        if file.tell() and not _ends_with_newline(file):  # whoever wrote the last line died while writing it
            file.write(b"\n")
        file.write(json.dumps(line).encode() + b"\n")


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
        try:
            step("copy it to a private file")
            prepare(night)
            step("build and test")
            build(night, dbt_arguments(night, published))
            step("checkpoint and close")
            checkpoint(night.private_file)
            if published.holds_erased:
                step("write the file anew without what was erased")
            compact(night.private_file, night.work_dir / "compacted", STORAGE_VERSION, must=published.holds_erased)
            step("publish")
            publish(night, published)
        except WrongUse:
            raise
        except BaseException as error:
            message = explain(night, error)
            with contextlib.suppress(OSError, ValueError):  # a full disk must not hide what went wrong first
                night.private_file.unlink(missing_ok=True)
                started = json.loads((night.work_dir / "night.json").read_text())
                started.pop("published_inode", None)
                log_failure(night, started | {"error": message[:2000]})
                (night.work_dir / "night.json").unlink(missing_ok=True)
            if isinstance(error, (NightFailed, OSError, MemoryError, RuntimeError, duckdb.Error)):
                raise NightFailed(message) from error
            raise
        finally:  # copies of landing files hold raw ids: they must not outlive the night
            shutil.rmtree(night.work_dir / "repaired", ignore_errors=True)


def explain(night: Night, error: BaseException) -> str:
    """Say what went wrong and, where it was the machine or a landing file that changed, what to do."""
    message = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        message = f"{os.strerror(error.errno)}: {error.filename or night.work_dir}"
    lines = [message, *(advice for signs, advice in ADVICE if any(sign in message for sign in signs))]
    if changed := changed_while_read(night):
        lines.append(
            f"Changed while it was read: {', '.join(changed[:3])}{' …' if len(changed) > 3 else ''}. "
            "Run the night again; write landing files under another name and rename them when they are whole."
        )
    return "\n".join(lines)


def changed_while_read(night: Night) -> list[str]:
    """Name the landing files of tonight's inventory that are no longer what they were when it was made."""
    try:
        with duckdb.connect(str(night.private_file), read_only=True) as connection:
            read = connection.execute(
                "select distinct source_file, size_bytes, epoch_us(modified_at) from scratch.landing_inventory"
                " where read_pattern is not null order by source_file"
            ).fetchall()
    except (duckdb.Error, OSError):
        return []
    found = []
    for relative, size, modified_us in read:
        try:
            stat = (night.landing / relative).stat()
        except OSError:
            found.append(relative)
            continue
        if (stat.st_size, stat.st_mtime_ns // 1000) != (size, modified_us):
            found.append(relative)
    return found


def _ends_with_newline(file: BinaryIO) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _wal(database: Path) -> Path:
    return database.with_name(database.name + ".wal")
