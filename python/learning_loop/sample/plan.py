"""What every chapter of the sample world shares: its calendar, its form of an event, its file names."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

Truth = dict[str, Any]
"""JSON-able: what was planted, and what a night at ``as_of`` must make of it."""

# A Monday, so that the latest week (the one of as_of minus 24 hours) is whole. Never taken from the wall clock.
DEFAULT_AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
PLANTED_WEEKS = 8
SHORTEST_WORLD_DAYS = 28


@dataclass(frozen=True)
class Plan:
    """The calendar of a world: ``days`` UTC days, the last of them the Sunday before ``as_of``."""

    seed: int
    days: int
    scale: int
    as_of: datetime = DEFAULT_AS_OF

    def __post_init__(self) -> None:
        """Raise ValueError where no world of this shape holds its truths."""
        if self.days < SHORTEST_WORLD_DAYS:
            raise ValueError(f"a world needs at least {SHORTEST_WORLD_DAYS} days, to show a drift: {self.days}")
        if self.scale < 1:
            raise ValueError(f"the scale is a whole number from 1: {self.scale}")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"the seed is a whole number from 0 to 2^63 - 1: {self.seed}")
        if self.as_of.tzinfo is None or self.as_of.astimezone(UTC).weekday() != 0:
            raise ValueError(f"a world ends with its week, so it is looked at on a Monday (UTC): {self.as_of}")

    @property
    def last_day(self) -> date:
        """The Sunday that ends the latest week."""
        return self.as_of.astimezone(UTC).date() - timedelta(days=1)

    @property
    def first_day(self) -> date:
        """The day of the first file."""
        return self.last_day - timedelta(days=self.days - 1)

    @property
    def planted_weeks(self) -> range:
        """The weeks that hold planted events, counted back from the latest, 0. All are whole weeks of the world."""
        return range(min(PLANTED_WEEKS, self.days // 7))

    def at(self, weeks_ago: int, weekday: int = 0, seconds: float = 0) -> datetime:
        """Return an instant: ``seconds`` after midnight of a weekday (0 = Monday), ``weeks_ago`` weeks back."""
        monday = self.last_day - timedelta(days=6 + 7 * weeks_ago)
        return datetime.combine(monday, time(), UTC) + timedelta(days=weekday, seconds=seconds)

    def day_index(self, day: date) -> int:
        """Return the number of the file of ``day``; days outside of the world go to its first or last file."""
        return min(max((day - self.first_day).days, 0), self.days - 1)

    def rng(self, what: str) -> random.Random:
        """Return a stream of numbers of its own, so that a new planted thing does not move the others."""
        return random.Random(f"{self.seed}:{what}")


@dataclass(frozen=True)
class Event:
    """A planted event; ``delivered_on`` is the day of the file that brings it, by default that of its instant."""

    event_id: str
    event_type: str
    at: datetime
    data: dict[str, Any]
    delivered_on: date | None = None
    is_again: bool = field(default=False, kw_only=True)
    loses_to_earlier: bool = field(default=False, kw_only=True)

    @property
    def file_day(self) -> date:
        """The day of the file that brings the event."""
        return self.delivered_on or self.at.date()

    @property
    def is_read(self) -> bool:
        """False for a type that no model reads."""
        return self.event_type in READ_TYPES

    def data_text(self) -> str:
        """Return ``data`` as JSON; of a re-delivered event with its keys in another order."""
        return json.dumps(_turned(self.data) if self.is_again else self.data, ensure_ascii=False)

    def line(self) -> str:
        """Return the event as one JSON line, without its newline."""
        head = {"event_id": self.event_id, "event_type": self.event_type, "timestamp": timestamp(self.at)}
        return json.dumps(head | {"data": self.data}, ensure_ascii=False)


SIGNAL = "learning.signal.logged"
CLAIM = "evidence.claim.logged"
CORRECTION = "set.corrected"
RETRACTION = "event.retracted"
READ_TYPES = (SIGNAL, CLAIM, CORRECTION, RETRACTION)


def timestamp(at: datetime) -> str:
    """Write an instant in one of the forms senders use (with Z, with an offset, bare), chosen by the instant."""
    form = int(at.timestamp()) % 7
    if form == 0:
        return at.replace(tzinfo=None).isoformat()
    if form == 1:
        return (at + timedelta(hours=9)).replace(tzinfo=None).isoformat() + "+09:00"
    return at.replace(tzinfo=None).isoformat() + "Z"


def read_timestamp(text: str) -> datetime:
    """Read what `timestamp` wrote: without an offset it is UTC."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def period_key(at: datetime, granularity: str) -> str:
    """Return the key of the UTC day (2026-02-12) or ISO week (2026-W07) of an instant."""
    year, week, _ = at.isocalendar()
    return at.date().isoformat() if granularity == "day" else f"{year}-W{week:02d}"


def day_file(plan: Plan, feed: str, day_index: int) -> Path:
    """Name a day's file below the landing folder. A world has files of every form that a feed may come in."""
    if day_index % 30 == 7:
        ending = "parquet"
    elif day_index % 30 == 12:
        ending = "csv"
    elif day_index % 5 == 1:
        ending = "jsonl.gz"
    else:
        ending = "jsonl"
    return Path(feed) / f"date={plan.first_day + timedelta(days=day_index)}" / f"part-0.{ending}"


def _turned(value: Any) -> Any:
    return {key: _turned(value[key]) for key in reversed(value)} if isinstance(value, dict) else value
