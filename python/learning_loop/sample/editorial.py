"""The chapter of the editors: sources of known promotion rates, duplicates, and what must count in no rate."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from learning_loop.sample.plan import Plan, Truth

Row = dict[str, Any]
EDITORS = ("editor.ada@example.org", "editor-ben")
MACHINE = "machine:auto-promote"
REASONS = ("not_actionable", "too_vague_or_generic", "low_content_quality")
# What two editors said of fifty candidates: (first, second, how many). Kappa is (.7 - .5) / (1 - .5) = .4.
DOUBLE_READ = (
    ("promoted", "promoted", 20), ("promoted", "rejected", 5),
    ("rejected", "promoted", 10), ("rejected", "rejected", 15),
)  # fmt: skip
KAPPA = 0.4
SUFFIX = " | Travel Site"
# Titles of what nobody decided, which an editor finds in the inbox: those of the decided carry no words that recur, for
# the models are fitted on them and would find chance in words.
KNITTED = (
    "wrist warmers", "a headband", "ankle socks", "the team scarf", "finger gloves", "a bottle sleeve", "knee warmers",
    "a towel loop", "mittens", "a club pennant", "a hat for swimmers", "lace covers",
)  # fmt: skip
JUGGLED = {
    "coupon-site": ("vouchers", "price tags", "gift cards"),
    "swim-club": ("swim caps", "wet goggles", "pull buoys"),
    "yoga-studio": ("cork blocks", "rolled mats", "cotton straps"),
}


@dataclass(frozen=True)
class Source:
    """A source: ``per_day`` candidates with probability ``rate`` of promotion; ``late_rate`` in the last 30 days."""

    key: str
    per_day: int
    rate: float
    late_rate: float | None = None
    strategy: str = "css"


SOURCES = (
    Source("forum-threads", 5, 0.2),
    Source("city-guide", 5, 0.5, strategy="sitemap"),
    Source("reader-letters", 5, 0.8),
    Source("event-calendar", 6, 0.75, late_rate=0.2, strategy="sitemap"),
)
STEADY = tuple(source for source in SOURCES if source.late_rate is None)


class Desk:
    """The rows of a chapter as they are made."""

    def __init__(self, plan: Plan) -> None:
        """Start with nothing."""
        self.plan = plan
        self.rows: dict[str, list[Row]] = {}
        self.quarantined: dict[str, Counter[str]] = {}

    def add(self, feed: str, row: Row, reason: str | None = None) -> None:
        """Add a row; ``reason`` says why it will be quarantined."""
        self.rows.setdefault(feed, []).append(row | {"_reason": reason})

    def candidate(self, key: str, source: str, at: datetime, title: str, **more: Any) -> None:
        """Add a candidate; its strategy, selector and run go to meta_json and run_id."""
        strategy, selector = more.pop("strategy", "css"), more.pop("selector", "h2")
        meta = {"strategy": strategy, "selector": selector, "parser_confidence": 0.9}
        url = more.pop("source_url", f"https://{source}.example/ideas/{key}")
        row = {"id": key, "source_key": source, "source_url": url, "title": title, "created_at": stamp(at)}
        self.add("ingest_candidates", row | {"description": describe(key), "meta_json": meta} | more)

    def label(self, key: str, candidate: str, action: str, at: datetime, **more: Any) -> None:
        """Add a label; a rejection gets a reason unless ``reject_reason_code`` says None."""
        reason = more.pop("reason", None)
        row = {"id": key, "candidate_id": candidate, "action": action, "created_at": stamp(at)}
        row["actor_user_id"] = EDITORS[0]
        if action == "rejected":
            row["reject_reason_code"] = REASONS[len(key) % 3]
        self.add("ingest_editor_labels", row | more, reason)


def stamp(at: datetime) -> str:
    """Write an instant in UTC."""
    return at.replace(tzinfo=None).isoformat() + "Z"


def describe(key: str) -> str:
    """Return a description of its own for each candidate."""
    return f"Take an hour and do it together, as told in letter {key}."


def title_of(rng: random.Random, number: int) -> str:
    """Return a title that resembles no other one: its words carry the number."""
    verb = rng.choice(("Build", "Draw", "Cook", "Plant", "Visit"))
    return f"{verb} a{number} b{number} c{number} d{number}"


def decisions(plan: Plan, source: Source) -> Iterator[tuple[str, datetime, bool]]:
    """Yield (candidate, created at, whether it is promoted) of a source: independent draws, six hours to a decision."""
    rng = plan.rng(f"editorial:{source.key}")
    for day in range(plan.days):
        for number in range(source.per_day):
            at = plan.at(0, 6 - (plan.days - 1 - day), 3600 * (number + 1))
            is_late = source.late_rate is not None and at + timedelta(hours=6) > plan.as_of - timedelta(days=30)
            rate = source.late_rate if is_late and source.late_rate is not None else source.rate
            yield f"{source.key}-{day:03d}-{number}", at, rng.random() < rate


def write(con: duckdb.DuckDBPyConnection, out: Path, plan: Plan) -> Truth:
    """Write the editors' feeds below ``out`` and return what they hold."""
    desk = Desk(plan)
    truth = {
        **_steady(desk), **_duplicates(desk), **_agreement(desk), **_thin(desk), **_no_rate(desk), **_relabelled(desk),
        **_people(desk), **_tuning(desk),
    }  # fmt: skip
    files: dict[str, Truth] = {}
    for feed, rows in sorted(desk.rows.items()):
        for part in range(3):
            some = rows[part::3]
            if some:
                path = Path(feed) / f"part-{part}{('.jsonl', '.csv', '.parquet')[part]}"
                again = [row for row in some if row["_reason"] is None][::25]
                _write_file(out / path, some + again)
                reasons = Counter(row["_reason"] for row in some if row["_reason"])
                files[str(path)] = {
                    "rows_in": len(some) + len(again), "kept": len(some) - reasons.total(), "redelivered": len(again),
                    "ignored": 0, "quarantined": dict(reasons),
                }  # fmt: skip
    return {"files": files, "editorial": truth, "planted_editor_ids": [*EDITORS, MACHINE]}


def _steady(desk: Desk) -> Truth:
    number = 0
    for source in SOURCES:
        rng = desk.plan.rng(f"titles:{source.key}")
        for key, at, is_promoted in decisions(desk.plan, source):
            number += 1
            desk.candidate(key, source.key, at, title_of(rng, number), strategy=source.strategy)
            if at + timedelta(hours=6) <= desk.plan.as_of:
                action = "promoted" if is_promoted else "rejected"
                desk.label(f"label-{key}", key, action, at + timedelta(hours=6), duplicate_confirmed=False)
    return {
        "promotion_rates": {source.key: source.rate for source in STEADY},
        "decaying": ["event-calendar"] if desk.plan.days >= 60 else [],
        "median_hours_to_decision": 6.0,
    }


def _duplicates(desk: Desk) -> Truth:
    at = desk.plan.at(2, 1, 9 * 3600)
    attic = "https://old-newsletters.example/x"
    base = "Fold seven paper lanterns and float them downstream"
    for key, title, more in (
        ("dup-exact-1", "Write one letter to your older selves", {"source_url": attic, "description": "Same."}),
        ("dup-exact-2", "Write ONE letter, to your older selves!", {"source_url": attic, "description": "same"}),
        ("dup-near-1", base, {}),
        ("dup-near-2", base + " tonight", {}),
        ("dup-miss-1", "Fold seven paper planes then race along corridors", {}),
        ("dup-apart-1", "Taste five local cheeses blindfolded outdoors", {}),
        ("dup-apart-2", "Taste five local cheeses blindfolded outdoors today", {}),
        ("dup-said-1", "Carve initials into soap", {}),
        ("dup-said-2", "Whittle letters out of bathroom bars", {}),
    ):
        desk.candidate(key, "old-newsletters", at, title, **more)
        at += timedelta(minutes=1)
    late = desk.plan.at(1, 1, 9 * 3600)
    desk.label("label-apart", "dup-apart-2", "needs_work", late, duplicate_of="dup-apart-1", duplicate_confirmed=False)
    desk.label(
        "label-said", "dup-said-2", "rejected", late, duplicate_of="dup-said-1", duplicate_confirmed=True,
        reject_reason_code="duplicate_existing_idea",
    )  # fmt: skip
    return {
        "duplicates": {
            "exact": [["dup-exact-1", "dup-exact-2"]],
            "near": [["dup-exact-1", "dup-exact-2"], ["dup-near-1", "dup-near-2"]],
            "near_misses": [["dup-near-1", "dup-miss-1"]],
            "kept_apart": [["dup-apart-1", "dup-apart-2"]],
            "confirmed": [["dup-said-1", "dup-said-2"]],
        }
    }


def _agreement(desk: Desk) -> Truth:
    at, number = desk.plan.at(3, 0, 10 * 3600), 0
    for first, second, how_many in DOUBLE_READ:
        for _ in range(how_many):
            key = f"double-{number:02d}"
            desk.candidate(key, "training-camp", at, f"Read w{number}x w{number}y w{number}z together")
            desk.label(f"{key}-first", key, first, at + timedelta(hours=1), actor_user_id=EDITORS[0])
            desk.label(f"{key}-second", key, second, at + timedelta(hours=2), actor_user_id=EDITORS[1])
            number += 1
    return {"kappa": KAPPA, "double_read_promoted": 30, "double_read_reviewed": 50}


def _thin(desk: Desk) -> Truth:
    at = desk.plan.at(0, 1, 9 * 3600)
    for number in range(3):
        key = f"new-blog-{number}"
        desk.candidate(key, "new-blog", at, f"Sketch n{number}a n{number}b n{number}c outside")
        desk.label(f"label-{key}", key, "promoted", at + timedelta(hours=1))
    return {"thin_source": "new-blog", "thin_reviewed": 3}


def _no_rate(desk: Desk) -> Truth:
    """Labels that count in no rate: a machine's, those without a reason, those of the future; and two of nobody."""
    at = desk.plan.at(1, 2, 12 * 3600)
    for number, knitted in enumerate(KNITTED):
        key = f"machined-{number:02d}"
        desk.candidate(key, "forum-threads", at, f"Knit {knitted} slowly")
        desk.label(f"label-{key}", key, "promoted", at + timedelta(minutes=1), actor_user_id=MACHINE)
    desk.candidate("unreasoned", "city-guide", at, "Ring every bell of the old harbour town")
    for number, code in enumerate((None, None, None, None, "no_reason_at_all")):
        reason = "missing_reject_reason" if code is None else "unknown_value"
        desk.label(f"unreasoned-{number}", "unreasoned", "rejected", at, reject_reason_code=code, reason=reason)
    desk.label("label-of-nobody-1", "nobody-knows-1", "promoted", at)
    desk.label("label-of-nobody-2", "nobody-knows-2", "rejected", at)
    desk.label("label-of-tomorrow", "unreasoned", "promoted", desk.plan.as_of + timedelta(hours=3))
    return {"machine_labels": 12, "quarantined_labels": {"city-guide": 5}, "labels_of_unknown_candidates": 2}


def _relabelled(desk: Desk) -> Truth:
    at = desk.plan.at(1, 3, 8 * 3600)
    for number in range(6):
        key = f"relabelled-{number}"
        desk.candidate(key, "podcast-notes", at, f"Whistle r{number}a r{number}b r{number}c loudly")
        desk.label(f"{key}-b", key, "rejected", at + timedelta(hours=1))
        # The second word comes later, or at the same instant with a greater id.
        desk.label(f"{key}-c", key, "promoted", at + timedelta(hours=1 + number % 2))
    return {"relabelled_source": "podcast-notes", "relabelled_promoted": 6, "relabelled_labels": 12}


def _people(desk: Desk) -> Truth:
    """Pauses and overrides; the last word counts, and a paused source beats it."""
    at = desk.plan.at(1, 4, 9 * 3600)
    for source in ("coupon-site", "swim-club", "yoga-studio"):
        for number in range(3):
            key = f"{source}-{number}"
            desk.candidate(key, source, at, f"Juggle {JUGGLED[source][number]} daily")
    for number, (source, action, hours, until) in enumerate((
        ("coupon-site", "pause", 1, None), ("swim-club", "pause", 1, None), ("swim-club", "resume", 2, None),
        ("yoga-studio", "pause", 1, at + timedelta(days=1)),
    )):  # fmt: skip
        row = {"override_id": f"so-{number}", "source_key": source, "action": action, "actor": "dora"}
        desk.add("source_overrides", row | {
            "created_at": stamp(at + timedelta(hours=hours)), "reason": "noisy, says dora",
            "until": stamp(until) if until else None,
        })  # fmt: skip
    for number, (candidate, visibility, hours) in enumerate((
        ("swim-club-0", "hidden", 1), ("swim-club-1", "hidden", 1), ("swim-club-1", "clear", 2),
        ("swim-club-2", "hidden", 3), ("swim-club-2", "down_ranked", 2), ("coupon-site-0", "shown", 5),
    )):  # fmt: skip
        row = {"override_id": f"co-{number}", "candidate_id": candidate, "visibility": visibility, "actor": "dora"}
        desk.add("score_overrides", row | {"created_at": stamp(at + timedelta(hours=hours)), "reason": "as seen"})
    registry = {"display_name": "City guide", "state": "active", "approved_for_prod": True, "quality_threshold": 0.7}
    desk.add("ingest_source_registry", {
        "source_key": "city-guide", **registry, "config_version": "v2", "updated_at": stamp(at),
    })  # fmt: skip
    desk.add("ingest_source_registry", {
        "source_key": "city-guide", **registry, "quality_threshold": 0.5, "config_version": "v1",
        "updated_at": stamp(at - timedelta(days=9)),
    })  # fmt: skip
    flag = {"candidate_id": "yoga-studio-0", "flag": "safety", "raised_at": stamp(at), "raised_by": EDITORS[1]}
    desk.add("quality_flags", flag)
    return {
        "paused_sources": ["coupon-site"],
        "visibility": {
            "coupon-site-0": ["hidden", "source_paused"], "swim-club-0": ["hidden", "override"],
            "swim-club-1": ["shown", "score"], "swim-club-2": ["hidden", "override"],
            "yoga-studio-0": ["shown", "score"],
        },
        "thresholds": {"city-guide": 0.7, "yoga-studio": 0.6},
    }  # fmt: skip


def _tuning(desk: Desk) -> Truth:
    """One source whose folders differ, with titles that editors trim alike; one whose runs bring nothing."""
    rng = desk.plan.rng("editorial:tuning")
    for number in range(240):
        key = f"travel-{number:03d}"
        at = desk.plan.at(number % 4, number % 5, 60 * number)
        is_list = number % 2 == 0
        folder = "listicles" if is_list else "walks"
        title = f"Walk t{number}a t{number}b t{number}c"
        desk.candidate(
            key, "travel-site", at, title + SUFFIX, source_url=f"https://travel.example/{folder}/{number}",
            selector="div.list" if is_list else "article h1",
        )  # fmt: skip
        is_promoted = rng.random() < (0.1 if is_list else 0.85)
        if is_promoted:
            edit = {"final_title": title, "rewrite_severity": ("light", "light", "heavy")[number % 3]}
            desk.label(f"label-{key}", key, "promoted_after_edit", at + timedelta(hours=3), **edit)
        else:
            desk.label(f"label-{key}", key, "rejected", at + timedelta(hours=3))
    for number in range(150):
        at = desk.plan.at(number % 4, number % 6, 120 * number)
        row = {"id": f"run-{number:03d}", "source_key": "slow-feed", "started_at": stamp(at)}
        desk.add("ingest_runs", row | {"status": "running"})
        desk.add("ingest_runs", row | {"status": "success", "finished_at": stamp(at + timedelta(minutes=5))})
    return {
        "suggestions": [
            ["travel-site", "exclude_pattern", "add", "/listicles/"],
            ["travel-site", "include_pattern", "add", "/walks/"],
            ["travel-site", "selector_priority", "prefer", "article h1"],
            ["travel-site", "selector_priority", "demote", "div.list"],
            ["travel-site", "text_normalisation_rule", "add", "strip_site_suffix"],
            ["slow-feed", "run_frequency", "less", "less often"],
        ]
    }  # fmt: skip


def _write_file(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = [{key: value for key, value in row.items() if key != "_reason" and value is not None} for row in rows]
    names = sorted({name for row in plain for name in row})
    if path.suffix == ".jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain)
        path.write_text(text, "utf-8")
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _text(value) for name, value in row.items()} for row in plain)
    else:
        columns = {name: pa.array([_text(row.get(name)) for row in plain], pa.string()) for name in names}
        pq.write_table(pa.table(columns), path)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else None if value is None else str(value)
