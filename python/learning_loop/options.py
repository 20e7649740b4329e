"""What the options of several commands mean: the published file, and an instant."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from learning_loop.night import WrongUse, run_id


def warehouse_file(given: Path | None = None) -> Path:
    """Return the published file: the option, else LEARNING_LOOP_WAREHOUSE, else the default."""
    return (given or Path(os.environ.get("LEARNING_LOOP_WAREHOUSE") or "warehouse/learning_loop.duckdb")).resolve()


def parse_instant(text: str, option: str) -> datetime:
    """Read an ISO 8601 instant; without an offset it is UTC, whatever the machine's zone.

    Raises:
        WrongUse: the text is no instant; the message names the option.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"{option} {text!r} is no instant. Write it like 2026-02-16T02:00:00Z.") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def instant_text(instant: datetime) -> str:
    """Write an instant as a run's id is written: ISO 8601 in UTC."""
    return run_id(instant)
