"""The page of a warehouse that holds nothing yet: what to do first."""

from __future__ import annotations

from dataclasses import dataclass

from learning_loop.report.blocks import Column, Table, table
from learning_loop.report.standing import Standing


@dataclass(frozen=True)
class Step:
    """A thing to do, and its commands with what each is for."""

    title: str
    text: str
    commands: list[tuple[str, str]]


@dataclass(frozen=True)
class Start:
    """The first steps, and what came that could not be used."""

    steps: list[Step]
    tables: list[Table]


def first_steps(standing: Standing) -> Start:
    """Return what to do with an empty warehouse; what is in quarantine, or is not read, comes first."""
    steps = [
        Step("See what may come.", "Each feed is a folder of files, and switches on a part of this page.", [
            ("Every feed, and what it is for", "learning-loop feeds"),
            ("A line to start from", "learning-loop feeds template events"),
        ]),
        Step("Put files into the landing folder, and ask what a night would do.", "Nothing is written.", [
            ("Kept, quarantined or left alone, and why", 'learning-loop check "${LEARNING_LOOP_LANDING:-landing}"'),
        ]),
        Step("Run a night, and draw this page again.", "A night is safe to repeat.", [
            ("The night", "learning-loop nightly"),
            ("The page", "learning-loop report --out report.html"),
        ]),
        Step("Or look at a world that is made up.", "It goes beside your data, not into it.", [
            ("Write it", "learning-loop sample --out sample-landing"),
            ("Its night", "learning-loop nightly --landing sample-landing --warehouse sample/learning_loop.duckdb"
             " --as-of 2026-02-16T02:00:00Z --ahead"),
            ("Its page", "learning-loop report --warehouse sample/learning_loop.duckdb --out sample.html"
             " --now 2026-02-16T06:00:00Z"),
        ]),
    ]  # fmt: skip
    tables = []
    if standing.quarantine:
        columns = [
            Column("feed", "Feed"), Column("reason_code", "Reason"), Column("row_count", "Rows", "count"),
            Column("latest_detail", "Latest: what"), Column("latest_file", "Latest: where", is_wide=True),
        ]  # fmt: skip
        title = "Files came, and all their rows are in quarantine"
        tables.append(table("quarantine", title, "quarantined_rows", standing.quarantine[:20], "quarantine", columns))
    if standing.not_read:
        columns = [Column("source_file", "File", is_wide=True), Column("reason", "Why", is_wide=True)]
        title = "In the landing folder, and not read"
        tables.append(table("not-read", title, "landing_files", standing.not_read[:20], "not_read", columns))
    return Start(steps, tables)
