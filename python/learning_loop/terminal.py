"""What the options of several commands mean: the published file, and an instant."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from learning_loop.errors import WrongUse


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


def run_id(as_of: datetime) -> str:
    """Write an instant as a run's id: ISO 8601 in UTC, with a fraction only where it has one."""
    text = as_of.astimezone(UTC).isoformat().replace("+00:00", "")
    return text + "Z"


def plain(text: str, keep_newlines: bool = False) -> str:
    """Return a text without what a terminal would obey: control characters, and marks that turn the reading order."""
    return "".join(
        char
        if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or (keep_newlines and char == "\n")
        else " " if char in "\t\n\r\u2028\u2029"
        else "\ufffd"
        for char in text
    )  # fmt: skip
