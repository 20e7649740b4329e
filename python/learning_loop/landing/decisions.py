"""A person's decision, written to the landing folder as a row of a feed that the next night reads."""

from __future__ import annotations

import getpass
import json
import os
import secrets
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from learning_loop import atomic
from learning_loop.errors import WrongUse
from learning_loop.landing import approvals

OLD_DATA = timedelta(days=1)


def record(landing: Path, feed: str, row: dict[str, Any], name: str) -> Path:
    """Write a row as a new file of one line, at once and whole: a file of its own needs no lock beside other writers.

    Raises:
        WrongUse: the landing folder does not exist or cannot be written.
    """
    if not landing.is_dir():
        raise WrongUse(f"The landing folder {landing} does not exist. Name it with --landing or LEARNING_LOOP_LANDING.")
    path = landing / feed / f"{name}.jsonl"
    try:
        path.parent.mkdir(exist_ok=True)
        atomic.write(path, (json.dumps(row, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise WrongUse(f"{path.parent} cannot be written: {error.strerror}. Nothing was recorded.") from error
    return path


def new_id(prefix: str, at: datetime) -> str:
    """Return an id that no other writer will choose."""
    return f"{prefix}_{at.astimezone(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(6)}"


def instant_of_id(made: str) -> datetime | None:
    """Return the instant, to the second, that `new_id` wrote into an id; nothing if it is none of its ids."""
    try:
        return datetime.strptime(made.split("_")[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return None


def recorded_by() -> str:
    """Return the account and host that write. Without an @: what looks like an address is blotted out when stored."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = f"uid {os.getuid()}"
    return f"{account} on {socket.gethostname()}"


def is_old(last_as_of: datetime, now: datetime) -> bool:
    """Whether the data are so old (or so new) that a decision of now would not be seen by the night after them."""
    return now - last_as_of > OLD_DATA or now <= last_as_of


def when(con: duckdb.DuckDBPyConnection, now: datetime, landed: Path) -> datetime:
    """Return now, or of old data an instant just after its last night: the next one is to see what is said.

    It lies a second after the last one that was landed like this, whose file bears it in its name.
    """
    last: datetime | None = con.execute("select max(as_of) from nightly_runs where status = 'success'").fetchall()[0][0]
    if last is None or not is_old(last, now):
        return now
    stamps = [instant_of_id(path.stem) for path in landed.glob("???_*.jsonl")]
    since = [at for at in stamps if at and last <= at < last + OLD_DATA]
    return max([last, *since]).astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)


def require(
    con: duckdb.DuckDBPyConnection, role: str, actor: str, at: datetime, policy: str = approvals.PUBLISHED
) -> None:
    """Refuse an actor who may not decide in a role at an instant.

    Raises:
        WrongUse: the message names who may.
    """
    names = approvals.allowed(con, role, at, policy)
    if names is not None and actor not in names:
        those = ", ".join(sorted(names))
        raise WrongUse(f"{actor!r} may not decide as {role}. Those who may: {those} (seeds/policy/approvers.csv).")
