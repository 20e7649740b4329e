"""When a landing file arrived: which of them a night of the past may see."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from learning_loop.landing.folder import modified_at

VARIABLE = "LEARNING_LOOP_ARRIVED"  # how a night tells its dbt


class Rule(StrEnum):
    """What says when a file arrived."""

    MODIFIED = "modified"
    PARTITION = "partition"
    ROWS = "rows"


@dataclass(frozen=True)
class Arrival:
    """What says which files a night of the past finds, and the last of the nights that are run like this."""

    rule: Rule
    last_night: datetime

    @classmethod
    def parse(cls, text: str) -> Arrival | None:
        """Read what ``str`` writes; nothing, of a night of the present, for an empty text."""
        if not text:
            return None
        rule, last_night = text.split("@")
        return cls(Rule(rule), datetime.fromisoformat(last_night))

    def __str__(self) -> str:
        """Write it as one word, e.g. ``modified@2026-02-16T02:00:00+00:00``."""
        return f"{self.rule}@{self.last_night.isoformat()}"

    def of(self, relative: str, stat: os.stat_result) -> datetime | None:
        """Return when a file arrived; None: its rows' instants decide."""
        return arrived_at(self.rule, self.last_night, relative, stat)


def arrived_at(rule: str, last_night: datetime, relative: str, stat: os.stat_result) -> datetime | None:
    """Return when a file arrived, for nights of the past up to ``last_night``; None: its rows' instants decide.

    ``modified``: when it was last modified; a later time than the last night says that it was copied since, or still
    grows. ``partition``: at the end of the day (UTC) that a folder ``date=2026-02-12`` of its path names, if one does.
    ``rows``: None for every file.
    """
    if rule == Rule.MODIFIED:
        return at if (at := modified_at(stat)) <= last_night else None
    if rule == Rule.PARTITION and (days := re.findall(r"(?:^|/)date=(\d{4}-\d{2}-\d{2})(?=/)", relative)):
        try:
            return datetime.fromisoformat(days[-1]).replace(tzinfo=UTC) + timedelta(days=1)
        except ValueError:
            return None
    return None


def is_there_tonight(relative: str, stat: os.stat_result) -> bool:
    """Say whether the night that the environment describes finds a file."""
    arrival = Arrival.parse(os.environ.get(VARIABLE, ""))
    at = arrival.of(relative, stat) if arrival else None
    return at is None or at <= datetime.fromisoformat(os.environ["LEARNING_LOOP_AS_OF"])
