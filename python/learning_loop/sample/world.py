"""Writes the sample world: one chapter per family of feeds, and beside the feeds the truth about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from learning_loop.sample import backlog, editorial, events, experiments, stage_b
from learning_loop.sample.plan import DEFAULT_AS_OF, Plan, Truth, period_key

Chapter = Callable[[duckdb.DuckDBPyConnection, Path, Plan], Truth]
CHAPTERS: list[Chapter] = [events.write, backlog.write, editorial.write, experiments.write, stage_b.write]
TRUTH_FILE = "truth.json"
# Feeds to which commands append what a person decides.
FEEDS_OF_PEOPLE = {
    "backlog_decisions",
    "checklist_updates",
    "score_overrides",
    "source_overrides",
    "suggestion_decisions",
}


def write_world(out: Path, seed: int, days: int = 60, scale: int = 1, as_of_end: datetime | None = None) -> Truth:
    """Write the landing files of a world, and its truth.json beside them.

    The same arguments give the same files, byte for byte. A world that was written to ``out`` before is replaced; any
    other file in the way is left alone and refused.

    Args:
        out: the landing folder; made when it does not exist.
        seed: from 0; what the background draws and which planted events are wrong follow from it.
        days: UTC days of files, at least 28. Truths are planted in the last eight whole weeks.
        scale: multiplies the background (some 500 events a day at 1), never what is planted.
        as_of_end: the instant the world is to be looked at, on a Monday (UTC); by default 2026-02-16T02:00:00Z. The
            last file is that of the Sunday before it.

    Returns:
        The truth, as in truth.json.

    Raises:
        ValueError: arguments of which no world can be made.
        FileExistsError: ``out`` holds landing files that no earlier call wrote.
    """
    plan = Plan(seed, days, scale, as_of_end or DEFAULT_AS_OF)
    _make_room(out)
    truth: Truth = {
        "seed": seed,
        "days": days,
        "scale": scale,
        "as_of": plan.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "first_day": plan.first_day.isoformat(),
        "last_day": plan.last_day.isoformat(),
        "latest_week": period_key(plan.as_of.astimezone(UTC) - timedelta(hours=24), "week"),
        "files": {},
    }
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        for chapter in CHAPTERS:
            part = chapter(con, out, plan)
            truth["files"] |= part.pop("files", {})
            if twice := truth.keys() & part.keys():
                raise AssertionError(f"two chapters tell of {sorted(twice)}")
            truth |= part
    truth["totals"] = _totals(truth["files"])
    (out / TRUTH_FILE).write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return truth


def _totals(files: dict[str, Truth]) -> dict[str, Truth]:
    """Return per feed the sums over its files."""
    totals: dict[str, Truth] = {}
    for path, counts in files.items():
        total = totals.setdefault(path.split("/", 1)[0], {"files": 0, "quarantined": {}})
        total["files"] += 1
        for name in ("rows_in", "kept", "redelivered", "ignored"):
            total[name] = total.get(name, 0) + counts[name]
        for reason, rows in counts["quarantined"].items():
            total["quarantined"][reason] = total["quarantined"].get(reason, 0) + rows
    return totals


def _make_room(out: Path) -> None:
    """Remove the files of an earlier world; decisions that people landed beside it stay."""
    truth_file = out / TRUTH_FILE
    if truth_file.exists():
        for path in json.loads(truth_file.read_text("utf-8"))["files"]:
            (out / path).unlink(missing_ok=True)
        truth_file.unlink()
    for path in sorted(out.rglob("*")) if out.is_dir() else ():
        feed = path.relative_to(out).parts[0]
        if path.is_file() and feed not in FEEDS_OF_PEOPLE:
            raise FileExistsError(f"{path} is a file of another origin: choose an empty folder")
    out.mkdir(parents=True, exist_ok=True)
