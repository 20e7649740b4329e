"""When a count will be reached: editors work by weekday and in batches, so a mean per day is early half of the time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

WEEK = 7
# Reached later than in five years is not reached: no pace of today says so much.
HORIZON_DAYS = 5 * 365
# Each end of a range is passed by one in twenty.
Z = 1.6449


@dataclass(frozen=True)
class Pace:
    """Reviews to expect on a Monday, a Tuesday…; how much more than by chance they differ; how many were seen."""

    by_weekday: tuple[float, ...]
    dispersion: float
    seen: int


@dataclass(frozen=True)
class Span:
    """The day on which something is expected, and the first and last day on which it may well be."""

    expected: date
    earliest: date
    latest: date


def pace_of(days: Sequence[Mapping[str, Any]], first: date, last: date) -> Pace | None:
    """Return the pace of an arm by weekday.

    Args:
        days: the days with reviews ({day, reviewed_count}); other days had none.
        first: the first day of the history.
        last: its last whole day.

    Returns:
        None without a review. A weekday that the history does not hold has the mean of the others.
    """
    counts = {one["day"]: one["reviewed_count"] for one in days}
    history = [(first + timedelta(days=n)) for n in range((last - first).days + 1)] or sorted(counts)
    seen = sum(counts.get(day, 0) for day in history)
    if not seen:
        return None
    mean = seen / len(history)
    per_weekday: list[list[int]] = [[] for _ in range(WEEK)]
    for day in history:
        per_weekday[day.weekday()].append(counts.get(day, 0))
    means = tuple(sum(found) / len(found) if found else mean for found in per_weekday)
    squares = sum((count - means[n]) ** 2 / means[n] for n in range(WEEK) if means[n] for count in per_weekday[n])
    freedom = len(history) - sum(1 for found in per_weekday if found)
    return Pace(means, max(1.0, squares / freedom) if freedom > 0 else 1.0, seen)


def reached(pace: Pace | None, need: float, at: datetime) -> Span | None:
    """Return when ``need`` more reviews will have come, counted from ``at``; None where the pace does not say.

    The range takes both for uncertain: the reviews of the days to come, and the pace itself, learnt from those seen.
    """
    if pace is None or not sum(pace.by_weekday):
        return None
    day = at.astimezone(UTC).date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    left_of_today = 1 - (at - midnight) / timedelta(days=1)
    expected = 0.0
    found: dict[str, date] = {}
    for ahead in range(HORIZON_DAYS):
        expected += pace.by_weekday[day.weekday()] * (left_of_today if ahead == 0 else 1)
        spread = Z * math.sqrt(pace.dispersion * (expected + expected**2 / pace.seen))
        for name, count in (("earliest", expected + spread), ("expected", expected), ("latest", expected - spread)):
            if round(count, 9) >= need:
                found.setdefault(name, day)
        if "latest" in found:
            return Span(**found)
        day += timedelta(days=1)
    return Span(found["expected"], found["earliest"], date.max) if "expected" in found else None


def last_of(spans: Sequence[Span]) -> Span:
    """Return when all have happened."""
    return Span(
        max(span.expected for span in spans),
        max(span.earliest for span in spans),
        max(span.latest for span in spans),
    )
