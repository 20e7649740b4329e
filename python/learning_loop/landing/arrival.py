"""When a landing file arrived: which of them a night of the past may see."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

from learning_loop.landing.folder import modified_at

ARRIVED = ("modified", "partition", "rows")  # what may say when a file arrived, for a night of the past


def arrived_at(rule: str, last_night: datetime, relative: str, stat: os.stat_result) -> datetime | None:
    """Return when a file arrived, for nights of the past up to ``last_night``; None: its rows' instants decide.

    ``modified``: when it was last modified; a later time than the last night says that it was copied since, or still
    grows. ``partition``: at the end of the day (UTC) that a folder ``date=2026-02-12`` of its path names, if one does.
    ``rows``: None for every file.
    """
    if rule == "modified":
        return at if (at := modified_at(stat)) <= last_night else None
    if rule == "partition" and (days := re.findall(r"(?:^|/)date=(\d{4}-\d{2}-\d{2})(?=/)", relative)):
        try:
            return datetime.fromisoformat(days[-1]).replace(tzinfo=UTC) + timedelta(days=1)
        except ValueError:
            return None
    return None


def is_there_tonight(relative: str, stat: os.stat_result) -> bool:
    """Say whether the night that the environment describes knows a file."""
    rule, _, last_night = os.environ.get("LEARNING_LOOP_ARRIVED", "").partition(" until ")
    if not rule:
        return True
    at = arrived_at(rule, datetime.fromisoformat(last_night), relative, stat)
    return at is None or at <= datetime.fromisoformat(os.environ["LEARNING_LOOP_AS_OF"])
