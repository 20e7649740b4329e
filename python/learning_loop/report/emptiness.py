"""Why a part of the page is empty: never delivered, delivered and in quarantine, stopped, or nothing to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from learning_loop.report.blocks import cell
from learning_loop.report.reading import Row
from learning_loop.report.standing import Standing
from learning_loop.terminal import count_of


@dataclass(frozen=True)
class Feeds:
    """What came of each feed, at the night's instant."""

    as_of: datetime
    known: dict[str, Row]
    quarantine: list[Row]

    @property
    def are_empty(self) -> bool:
        """Whether no row of any feed is stored."""
        return not any(feed["stored_count"] for feed in self.known.values())


def feeds_of(standing: Standing) -> Feeds:
    """Return what came of each feed."""
    return Feeds(standing.night["as_of"], {feed["feed"]: feed for feed in standing.feeds}, standing.quarantine)


def never_came(feeds: Feeds, *names: str) -> tuple[str, ...]:
    """Return the feeds of a part if nothing of any of them ever came, good or bad; else none."""
    has_come = any((feeds.known.get(name) or {"stored_count": 0})["stored_count"] for name in names)
    was_refused = any(row["feed"] in names for row in feeds.quarantine)
    return () if has_come or was_refused else names


def why_empty(feeds: Feeds, nothing: str, *names: str) -> str:
    """Say why a part that stands on these feeds shows nothing."""
    return " ".join([nothing, *(_came(feeds, name) for name in names)])


def old_rows(feeds: Feeds) -> str:
    """Say how old the newest row is of feeds that came too seldom to be called stopped, if it is beyond their bar."""
    old = [
        f"{name} {cell(feed['age_hours'], 'age')}"
        for name, feed in feeds.known.items()
        if feed["verdict"] == "no_bar_yet" and (feed["age_hours"] or 0) > feed["max_age_hours"]
    ]
    if not old:
        return ""
    return (
        "Age of the newest row at the night, of feeds that came too seldom to tell whether they stopped:"
        f" {', '.join(old)}."
    )


def _came(feeds: Feeds, name: str) -> str:
    feed = feeds.known.get(name)
    refused = sum(row["row_count"] for row in feeds.quarantine if row["feed"] == name)
    reasons = ", ".join(row["reason_code"].replace("_", " ") for row in feeds.quarantine if row["feed"] == name)
    if feed and feed["stored_count"]:
        age = f", the newest of {cell(feed['newest_row_at'], 'instant')}" if feed["newest_row_at"] else ""
        stopped = " and stopped since" if feed["verdict"] == "stale" else ""
        return (
            f"The feed {name} came ({count_of(feed['stored_count'], 'row')}{age}){stopped};"
            " none of its rows is of this kind, or none is above the bars of seeds/policy."
        )
    if refused:
        return f"Of the feed {name} {count_of(refused, 'row')} came, and all are in quarantine ({reasons})."
    return f"The feed {name} never came: learning-loop feeds show {name} says what it is for."
