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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from learning_loop import atomic
from learning_loop.errors import AnotherNightRuns, NightFailed, SaltError, WrongUse, without_values
from learning_loop.landing import arrival, tombstones
from learning_loop.landing.arrival import Arrival
from learning_loop.landing.folder import must_be_listable, path_pattern
from learning_loop.landing.identity import is_short, judged_salt, load_salt, salt_file
from learning_loop.night import cloning, comments, earlier, failed_nights, retention
from learning_loop.night.compaction import compact
from learning_loop.project import code_version, project_dir, seeds_digest
from learning_loop.terminal import errors, run_id, say
from learning_loop.warehouse import STORAGE_VERSION, Published, is_published, opened, read_published

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


AHEAD = timedelta(days=1)  # of the clock: a night of tomorrow is a time zone's, a later one a mistyped year
# Of a database with one of these names DuckDB cannot tell whether its name or a schema's is meant.
TAKEN_NAMES = {
    "main", "staging", "intermediate", "policy", "scratch", "operations", "run", "temp", "system", "memory",
    "information_schema", "pg_catalog",
}  # fmt: skip


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
    may_be_ahead: bool = False  # whether as_of may lie ahead of the clock

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
    """Read what is published, and refuse what cannot be: nothing is written, not even a salt.

    Raises:
        WrongUse: the file is no warehouse, or of another salt, or ahead of the night's as_of; or that lies ahead of
            the clock.
    """
    must_be_listable(night.landing)
    if "?" in str(night.warehouse):  # dbt's adapter takes what follows for options of the connection
        raise WrongUse(f"The path {night.warehouse} holds a question mark. Choose another file with --warehouse.")
    if night.warehouse.name.partition(".")[0].lower() in TAKEN_NAMES:
        raise WrongUse(
            f"The warehouse may not be called {night.warehouse.name}: DuckDB names a database after its file, and "
            "so is a schema in it, or one of its own. Choose another file with --warehouse."
        )
    if not night.may_be_ahead and night.as_of > datetime.now(UTC) + AHEAD:
        raise WrongUse(
            f"--as-of {night.run_id} lies more than a day ahead of the clock ({run_id(datetime.now(UTC))}), and every "
            "night before it would be refused from then on. If it is meant, say --ahead."
        )
    published = read_published(night.warehouse)
    if published.last_as_of and night.as_of < published.last_as_of:
        raise WrongUse(
            f"--as-of {night.run_id} lies before the last published night ({run_id(published.last_as_of)}). "
            "History is not rewritten: choose a later instant, or another --warehouse. If the last night was the "
            "mistake, `learning-loop rollback` goes back to a kept one, `learning-loop replay` builds the nights anew."
        )
    try:
        judged_salt(night.warehouse, published.salt_fingerprint)
    except SaltError as error:
        raise WrongUse(str(error)) from error
    return published


def salt_of(night: Night) -> str:
    """Return the salt of a night that is not refused; the first night of a warehouse makes one.

    Raises:
        WrongUse: it cannot be made.
    """
    try:
        salt = load_salt(night.warehouse)
    except SaltError as error:
        raise WrongUse(str(error)) from error
    if is_short(salt):
        say(f"The salt has {len(salt)} characters only: ids could be guessed through it.", to=errors)
    return salt


def holds_erased(warehouse: Path, landing: Path, salt: str) -> bool:
    """Say whether the published file stores rows of a person whom the landing folder's erasures name."""
    erased = tombstones.recorded(landing)
    if not erased or not is_published(warehouse):
        return False
    with opened(warehouse) as connection:
        return tombstones.are_stored(connection, erased, salt)


@contextlib.contextmanager
def private() -> Iterator[None]:
    """Make what is written meanwhile readable for its owner alone: a night's copies hold raw ids."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def settle(night: Night) -> None:
    """Clear what a killed night left, and say so in failed_nights.jsonl if it had published nothing."""
    started = night.work_dir / "night.json"
    with contextlib.suppress(FileNotFoundError, ValueError):
        killed = json.loads(started.read_text())
        # A rename keeps the inode: clocks may step back, and a night may die between its rename and its last note.
        if not night.warehouse.exists() or killed.pop("published_inode", None) != night.warehouse.stat().st_ino:
            with contextlib.suppress(OSError):
                log_failure(night, killed | {"error": "killed before it ended"})
    for name in (night.warehouse.name, "compacted"):
        for path in night.work_dir.glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    started.unlink(missing_ok=True)
    forget_rows(night)
    night.work_dir.mkdir(mode=0o700, exist_ok=True)
    night.work_dir.chmod(0o700)  # one of before may be open to all


def prepare(night: Night) -> None:
    """Clear what a killed night left, and copy the published file to a private one.

    Raises:
        WrongUse: a program that writes holds the published file.
    """
    settle(night)
    (night.work_dir / "night.json").write_text(json.dumps(describe(night)))
    if night.warehouse.exists():
        with opened(night.warehouse):  # no writer can open it, and change it, while it is copied
            cloning.duplicate(night.warehouse, night.private_file)
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
    """Return the environment in which dbt builds the private file, in the night's folder."""
    failed = night.work_dir / "failed_nights.jsonl"
    if nights := failed_nights.read(night.warehouse):
        failed.write_text("".join(json.dumps(line) + "\n" for line in nights), encoding="utf-8")
    return {
        "LEARNING_LOOP_AS_OF": night.run_id,
        "LEARNING_LOOP_CODE_VERSION": night.code_version,
        "LEARNING_LOOP_FAILED_NIGHTS": path_pattern(failed) if nights else "",
        # The same words for every warehouse, wherever it lies: of another path dbt parses the whole project anew.
        "LEARNING_LOOP_BUILD": night.private_file.name,
        "LEARNING_LOOP_SEEDS": seeds_digest(),
        "LEARNING_LOOP_CONTRACTS": os.environ.get("LEARNING_LOOP_CONTRACTS", "new"),
        "LEARNING_LOOP_LANDING": str(night.landing),
        arrival.VARIABLE: str(night.arrival or ""),
        "LEARNING_LOOP_SALT_FILE": str(salt_file(night.warehouse)),
        "DBT_TARGET_PATH": str(night.work_dir / "target"),
        "DBT_LOG_PATH": str(night.work_dir / "logs"),
        "DBT_WRITE_JSON": os.environ.get("DBT_WRITE_JSON", "false"),  # no one reads what it says of the night
        "DBT_USE_FAST_TEST_EDGES": "true",
        "TZ": "UTC",
    }


def dbt_arguments(night: Night, published: Published) -> list[str]:
    """Return the arguments of the one dbt build of a night.

    Unit tests are about the code, not about tonight's rows: CI runs them. What YAML tests is held at the end, in a few
    statements (the macro finish_run).
    """
    arguments = ["build", "--exclude-resource-type", "unit_test", "--exclude", "test_type:generic"]
    is_without_rows = published.holds_erased or retention.moves(published.last_as_of, night.as_of)
    if night.full_refresh or is_without_rows or published.code_version not in (None, night.code_version):
        arguments.append("--full-refresh")
    elif published.seeds == seeds_digest():
        arguments += ["--exclude-resource-type", "seed"]  # they are loaded, and only nights write to the file
    switches = {"backlog_bridge_enabled": night.with_bridge, "all_tests": night.all_tests}
    return [*arguments, "--vars", json.dumps(switches)]


def checkpoint(private_file: Path, code_version: str) -> None:
    """Drop what only the night needed, write what each column is beside it, write all to the one file, and close it.

    Raises:
        NightFailed: a write-ahead log is left: renamed without it, the file would lack its last writes.
    """
    with duckdb.connect(str(private_file)) as connection:
        connection.execute("drop schema if exists scratch cascade")
        comments.describe(connection, project_dir(), code_version)
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
    as_published(night.warehouse, night.private_file)
    atomic.replace(night.private_file, night.warehouse)
    started.unlink(missing_ok=True)
    if night.keep is not None:
        earlier.forget_all_but(night.warehouse, night.keep)


def as_published(warehouse: Path, fresh: Path) -> None:
    """Give a file that is to be published the mode and the owner of the one in whose place it comes.

    Whoever shut a file to others shut the data: kept files are shut with it. A first one has the mode of any new file.
    """
    if not warehouse.exists():
        umask = os.umask(0)
        os.umask(umask)
        return fresh.chmod(0o666 & ~umask)
    stat = warehouse.stat()
    fresh.chmod(stat.st_mode & 0o777)
    with contextlib.suppress(OSError):  # only root may give a file away
        os.chown(fresh, stat.st_uid, stat.st_gid)
    for kept in earlier.kept(warehouse).values():
        with contextlib.suppress(OSError):
            kept.chmod(kept.stat().st_mode & stat.st_mode & 0o777)


def log_failure(night: Night, described: dict[str, Any]) -> None:
    """Append one line on a night that published nothing; the next night loads it into nightly_runs."""
    failed_nights.append(night.warehouse, described)


def forget_rows(night: Night) -> None:
    """Remove from the private folder what may hold rows: copies of landing files, compiled SQL, what dbt said of it.

    What dbt keeps of the project itself stays: the next night reads it sooner.
    """
    for name in ("copies", "repaired", "logs", "target/run", "target/compiled"):
        shutil.rmtree(night.work_dir / name, ignore_errors=True)
    for name in ("target/run_results.json", "failed_nights.jsonl"):
        (night.work_dir / name).unlink(missing_ok=True)


def run(night: Night, build: Callable[[Night, list[str]], None], step: Callable[[str], None]) -> None:
    """Run a night from lock to publication.

    Args:
        night: what to work on.
        build: runs dbt with the given arguments and raises NightFailed when a model or test fails.
        step: is told the name of each step as it begins.
    """
    inspect(night)  # before the lock too: a refused night leaves not even that
    with exclusive(night):
        step("look at what is published")
        published = inspect(night)
        salt = salt_of(night)
        published = dataclasses.replace(published, holds_erased=holds_erased(night.warehouse, night.landing, salt))
        try:
            with private():
                step("copy it to a private file")
                prepare(night)
                step("build and test")
                build(night, dbt_arguments(night, published))
                step("checkpoint and close")
                checkpoint(night.private_file, night.code_version)
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
            if isinstance(error, Exception):  # a traceback would print what the message leaves out
                raise NightFailed(message) from error
            raise
        finally:  # what holds raw ids or pseudonyms must not outlive the night
            forget_rows(night)


def explain(night: Night, error: BaseException) -> str:
    """Say what went wrong and, where it was the machine or a landing file that changed, what to do."""
    message = str(error) or type(error).__name__
    if not isinstance(error, (NightFailed, OSError)):
        message = without_values(message if isinstance(error, duckdb.Error) else f"{type(error).__name__}: {error}")
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
                " where copy is not null order by source_file"
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


def _wal(database: Path) -> Path:
    return database.with_name(database.name + ".wal")
