"""A folder of pages: the morning's page, and one page per candidate, experiment and source, linked with each other.

File names are hashes, so that no text of the data is a path. A folder is written anew as a whole, so that what was
erased is on no page that stays behind.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.errors import WrongUse
from learning_loop.report.blocks import Column, Table, cell, table
from learning_loop.report.page import render, write_page
from learning_loop.report.reading import Row, rows

MARK = ".learning-loop-report"
MARK_TEXT = "This folder is written anew by `learning-loop report --out`; all that lies in it goes then.\n"


@dataclass(frozen=True)
class Entity:
    """A thing with a page of its own.

    Attributes:
        kind: candidate, experiment or source.
        name: what the commands call it.
        title: its subject.
        lead: what there is to say of it, name and text.
        tables: its rows.
    """

    kind: str
    name: str
    title: str
    lead: list[tuple[str, str]]
    tables: list[Table] = field(default_factory=list)

    @property
    def file(self) -> str:
        """The name of its page."""
        return file_of(self.kind, self.name)


def file_of(kind: str, name: str) -> str:
    """Return the name of a thing's page: a hash, whatever the thing is called."""
    return f"{kind}-{hashlib.sha256(f'{kind}:{name}'.encode()).hexdigest()[:20]}.html"


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder that is not this program's to replace.

    Raises:
        WrongUse: it is a link, no folder, or holds what no report wrote.
    """
    if folder.is_symlink():
        raise WrongUse(f"{folder} is a link: name the folder itself with --out.")
    if not folder.resolve().parent.is_dir():
        raise WrongUse(f"{folder} cannot be written: name a folder within one that exists with --out.")
    if folder.is_dir() and any(folder.iterdir()) and not _is_marked(folder):
        raise WrongUse(
            f"{folder} cannot be written: it holds files that no report wrote. Name an empty folder with --out."
        )


def write_site(connection: duckdb.DuckDBPyConnection, warehouse: Path, now: datetime, folder: Path) -> int:
    """Write the pages into a folder, in place of all that an earlier report wrote there; return how many.

    Raises:
        WrongUse: the folder is not this program's to replace.
    """
    refuse_foreign(folder)
    made = entities(connection)
    known = {(entity.kind, entity.name) for entity in made}

    def page_of(kind: str, name: str) -> str:
        return file_of(kind, name) if (kind, name) in known else ""

    pages = {"index.html": write_page(connection, warehouse, now, page_of)}
    lists = []
    for kind, title in (("candidate", "Candidates"), ("experiment", "Experiments"), ("source", "Sources")):
        of_kind = [entity for entity in made if entity.kind == kind]
        lists.append((title, f"{kind}s.html", len(of_kind)))
        pages[f"{kind}s.html"] = render("list.html.j2", title=title, entities=of_kind, lists=lists)
        for entity in of_kind:
            pages[entity.file] = render("entity.html.j2", title=entity.title, entity=entity, list=f"{kind}s.html")
    target = folder.resolve()
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    fresh.mkdir(mode=0o755)
    try:
        (fresh / MARK).write_text(MARK_TEXT, encoding="utf-8")
        for name, page in pages.items():
            (fresh / name).write_text(page, encoding="utf-8")
        _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return len(pages)


def entities(connection: duckdb.DuckDBPyConnection) -> list[Entity]:
    """Return all that has a page of its own."""
    return [*_candidates(connection), *_experiments(connection), *_sources(connection)]


def _candidates(connection: duckdb.DuckDBPyConnection) -> Iterable[Entity]:
    weeks = _by(rows(connection, "problem_weeks"), lambda row: (row["subject"], row["parser_version"]))
    examples = _by(rows(connection, "page_examples"), lambda row: row["subject"])
    steps, history, verdicts = (
        _by(rows(connection, name), lambda row: row["candidate_key"])
        for name in ("page_steps", "page_history", "page_verdicts")
    )
    for row in rows(connection, "page_candidates"):
        key = row["candidate_key"]
        title = f"{row['subject']} / {row['parser_version']}" if row["parser_version"] else row["title"]
        lead = [
            ("State", f"{row['status']}, {row['priority']}, priority {row['priority_score']:.3f}"),
            ("In words", row["in_words"]), ("Trend", row["trend"]), ("Hypothesis", row["root_cause_hypothesis"]),
            ("How to go about it", row["design"]), ("Key", key),
        ]  # fmt: skip
        seen = weeks.get((row["subject"], row["parser_version"]), [])
        tables = [
            _table("weeks", "Week by week", "problem_weeks", seen[::-1], [
                Column("period_key", "Week"), Column("value", "Measured", "number"), Column("bar", "Bar", "number"),
            ]),
            _table("examples", "Real events", "page_examples", examples.get(row["subject"], []), [
                Column("event_id", "Event"), Column("captured_at", "When", "instant"), Column("issue_type", "Issue"),
                Column("workflow_phase", "Phase"), Column("agent_version", "Version"),
                Column("attributes", "Attributes", is_wide=True),
            ]),
            _table("steps", "Checklist", "page_steps", steps.get(key, []), [
                Column("title", "Step"), Column("status", "State"), Column("completes_by", "Completes by"),
                Column("reported_by", "By"), Column("evidence", "Evidence", is_wide=True),
            ]),
            _table("history", "History", "page_history", history.get(key, []), [
                Column("entered_at", "When", "instant"), Column("status", "State"), Column("actor", "Who"),
                Column("reason", "Why", is_wide=True), Column("issue_ref", "Issue"),
            ]),
            _table("verdicts", "What each run made of it", "page_verdicts", verdicts.get(key, []), [
                Column("run_id", "Run"), Column("source_period_key", "Week"), Column("verdict", "Verdict"),
                Column("priority_score", "Priority", "score"),
            ]),
        ]  # fmt: skip
        yield _entity("candidate", row["name"], title, lead, tables)


def _experiments(connection: duckdb.DuckDBPyConnection) -> Iterable[Entity]:
    metrics = _by(rows(connection, "page_metrics"), lambda row: row["experiment_id"])
    for row in rows(connection, "page_experiments"):
        way = (
            f"{row['sample_gate']}: {row['reviewed_count'] or 0:,.0f} of {row['min_reviewed']:,} reviews and"
            f" {row['day_count'] or 0:,.0f} of {row['min_days']:,.0f} days in the thinner arm"
        )
        lead = [
            ("Verdict", row["verdict"]), ("It rests on", row["verdict_sentence"]), ("Gate", way),
            ("Hypothesis", row["hypothesis"]), ("State", f"{row['status']}, {row['deployment_mode'] or 'no mode'}"),
            ("Began", cell(row["started_at"], "instant")),
        ]  # fmt: skip
        measured = _table("metrics", "What it measured", "page_metrics", metrics.get(row["name"], []), [
            Column("metric_name", "Metric"), Column("role", "Role"), Column("baseline_value", "Control", "number"),
            Column("baseline_n", "of", "count"), Column("treatment_value", "Treatment", "number"),
            Column("treatment_n", "of", "count"), Column("delta_value", "Difference", "signed"),
            Column("sequence_lower", "from", "signed"), Column("sequence_upper", "to", "signed"),
            Column("statistical_rule", "Judged"),
        ])  # fmt: skip
        yield _entity("experiment", row["name"], row["title"], lead, [measured])


def _sources(connection: duckdb.DuckDBPyConnection) -> Iterable[Entity]:
    weeks = _by(rows(connection, "page_source_weeks"), lambda row: row["source_key"])
    for row in rows(connection, "page_sources"):
        rate = (
            f"{row['promoted_count']:,} of {row['reviewed_count']:,} promoted in {row['window_days']} days:"
            f" {cell(row['promotion_rate'], 'share')}"
            f" ({cell(row['promotion_rate_lower'], 'share')} to {cell(row['promotion_rate_upper'], 'share')})"
        )
        if row["is_rate_in_doubt"]:
            rate += (
                f"; {cell(row['quarantined_share'], 'share')} of its labels could not be used, so that it may be off"
            )
        paused = f"by {row['paused_by']}: {row['paused_reason']}" if row["is_paused"] and row["paused_by"] else ""
        lead = [
            ("Rate", rate), ("Trend", row["trend"]), ("Paused", paused or ("yes" if row["is_paused"] else "")),
            ("Median wait", row["median_hours_to_decision"] and f"{row['median_hours_to_decision']:,.1f} hours"),
            ("Open", f"{row['open_count'] or 0:,} candidates"), ("Most rejected as", row["top_reject_reason"]),
        ]  # fmt: skip
        seen = _table("weeks", "Week by week", "page_source_weeks", weeks.get(row["name"], []), [
            Column("week", "Week of", "day"), Column("candidate_count", "Candidates", "count"),
            Column("reviewed_count", "Reviewed", "count"), Column("promoted_count", "Promoted", "count"),
            Column("rejected_count", "Rejected", "count"),
        ])  # fmt: skip
        yield _entity("source", row["name"], row["title"], lead, [seen])


def _entity(kind: str, name: str, title: str, lead: list[tuple[str, str | None]], tables: list[Table]) -> Entity:
    return Entity(
        kind, name, title, [(key, text) for key, text in lead if text], [block for block in tables if block.rows]
    )


def _table(name: str, title: str, source: str, found: list[Row], columns: list[Column]) -> Table:
    return table(name, title, source, found, source, columns)


def _by(found: list[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    grouped: dict[Any, list[Row]] = {}
    for row in found:
        grouped.setdefault(key(row), []).append(row)
    return grouped


def _is_marked(folder: Path) -> bool:
    mark = folder / MARK
    return mark.is_file() and not mark.is_symlink()


def _swap(fresh: Path, target: Path) -> None:
    """Put a new folder in the place of an old one; what was there goes."""
    if not target.exists():
        fresh.rename(target)
        return
    old = fresh.with_name(f"{fresh.name}.old")
    target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old)
