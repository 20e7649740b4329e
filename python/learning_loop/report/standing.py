"""Where the warehouse stands now, as `status` and the report say it: what is too old, what wants a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from learning_loop.night import failed_nights
from learning_loop.report.blocks import cell
from learning_loop.report.reading import Row, rows


@dataclass(frozen=True)
class Standing:
    """Figures of the published file, and the age of its last night at `now`.

    Attributes:
        night: the last published night; `max_age_hours` is the bar for its age.
        night_age_hours: from its as_of to `now`.
        failed_since: nights that failed after it, as failed_nights.jsonl tells.
        feeds: the age of each feed at the night, and its bar.
        kinds: what wants a person, counted by kind.
        items: what wants a person, one by one.
        quarantine: rows in quarantine by feed and reason.
        not_read: what lies in the landing folder and no night reads, with why and since when.
        fixes: what became of each promotion that stands.
        placebos: how often the gate of experiments calls chance an effect, per metric and group.
    """

    now: datetime
    night: Row
    night_age_hours: float
    failed_since: list[Row]
    feeds: list[Row]
    kinds: list[Row]
    items: list[Row]
    quarantine: list[Row]
    not_read: list[Row]
    fixes: list[Row]
    placebos: list[Row]

    @property
    def is_night_stale(self) -> bool:
        """Whether no night was published for longer than the bar."""
        bar = self.night["max_age_hours"]
        return bar is not None and self.night_age_hours > bar

    @property
    def stale_feeds(self) -> list[Row]:
        """The feeds that stopped."""
        return [feed for feed in self.feeds if feed["verdict"] == "stale"]

    @property
    def is_stale(self) -> bool:
        """Whether a monitor should ring."""
        return self.is_night_stale or bool(self.stale_feeds)


def stand(connection: duckdb.DuckDBPyConnection, warehouse: Path, now: datetime) -> Standing:
    """Read where the warehouse stands at `now`; the ages of feeds are those at the night, which alone knows them."""
    night = rows(connection, "night")[0]
    return Standing(
        now=now,
        night=night,
        night_age_hours=(now - night["as_of"]).total_seconds() / 3600,
        failed_since=_failed_since(warehouse, night["started_at"]),
        feeds=rows(connection, "feeds"),
        kinds=rows(connection, "attention_kinds"),
        items=rows(connection, "attention"),
        quarantine=rows(connection, "quarantine"),
        not_read=rows(connection, "not_read"),
        fixes=rows(connection, "fixes"),
        placebos=rows(connection, "placebos"),
    )


def alarms(standing: Standing) -> list[str]:
    """What must be said before anything else: without it the rest may be quiet for the wrong reason."""
    told = []
    if standing.is_night_stale:
        told.append(
            f"No night was published for {cell(standing.night_age_hours, 'age')}"
            f" (the bar is {cell(standing.night['max_age_hours'], 'age')}): all below is of {standing.night['run_id']}."
        )
    for night in standing.failed_since:
        error = (night["error"].splitlines() or ["it does not say why"])[0]
        told.append(
            f"The night {night['run_id']} failed since: {error[:300]}. All below is of {standing.night['run_id']};"
            " when that is mended, run the night again."
        )
    for feed in standing.stale_feeds:
        if feed["newest_row_at"] is None:
            told.append(f"The feed {feed['feed']} brings files of which no row can be used.")
        else:
            told.append(
                f"The feed {feed['feed']} stopped: its newest row is of {cell(feed['newest_row_at'], 'instant')},"
                f" {cell(feed['age_hours'], 'age')} before the night (the bar is {cell(feed['max_age_hours'], 'age')})."
            )
    for rate in standing.placebos:
        if rate["verdict"] == "lies":
            told.append(
                f"This gate lies on your data: of {rate['opened_count']:,} experiments without an effect it called"
                f" {rate['rejected_rate']:.1%} one ({rate['metric_name']}, at least {rate['rejected_lower']:.1%};"
                f" promised is {rate['alpha']:.0%}). See learning-loop experiment aa."
            )
    return told


def gate_in_words(standing: Standing) -> str:
    """What placebos say of the gate, in one sentence; nothing before the first placebo that tells, or experiment."""
    in_all = [rate for rate in standing.placebos if rate["rate_group"] == "all"]
    if not in_all:
        return ""
    lying = sum(rate["verdict"] == "lies" for rate in standing.placebos)
    told = [rate for rate in in_all if rate["verdict"] != "cannot_tell"]
    if lying:
        return f"This gate lies on your data: on {lying:,} of {len(standing.placebos):,} counts of placebos."
    if not told and not any(feed["feed"] == "ingest_experiments" and feed["stored_count"] for feed in standing.feeds):
        return ""
    if not told:
        most = max(in_all, key=lambda rate: rate["opened_count"])
        return (
            f"Whether the gate of experiments holds on these labels cannot be told yet: {most['opened_count']:,} of"
            f" {most['min_opened']:,} placebos."
        )
    worst = max(told, key=lambda rate: rate["rejected_rate"])
    return (
        f"The gate of experiments holds on these labels: it called {worst['rejected_rate']:.1%} of"
        f" {worst['opened_count']:,} placebos an effect at most ({worst['metric_name']}; promised is"
        f" {worst['alpha']:.0%}), and found {worst['power']:.0%} of those with {worst['planted_lift'] * 100:g} points"
        " planted."
    )


def fixes_in_words(standing: Standing) -> str:
    """What the promoted fixes have done so far, in one sentence; nothing before the first promotion."""
    count = {effect: sum(fix["effect"] == effect for fix in standing.fixes) for effect in ("lowered", "worse")}
    avoided = sum(fix["events_avoided"] or 0 for fix in standing.fixes)
    if not standing.fixes:
        return ""
    untold = len(standing.fixes) - count["lowered"] - count["worse"]
    parts = []
    if count["lowered"]:
        parts.append(f"{count['lowered']:,} lowered the rate of their failure ({avoided:,} events avoided so far)")
    if count["worse"]:
        parts.append(f"{count['worse']:,} made it worse")
    if not parts:
        return f"Whether what was promoted helped cannot be told yet ({untold:,})."
    parts += [f"of {untold:,} it cannot be told yet"] if untold else []
    return f"Of what was promoted ({len(standing.fixes):,}) {', '.join(parts)}."


def _failed_since(warehouse: Path, published: datetime) -> list[Row]:
    return [
        {key: night[key] or "" for key in ("run_id", "started_at", "error")}
        for night in failed_nights.read(warehouse)
        if datetime.fromisoformat(night["started_at"] or "").astimezone(UTC) > published
    ]
