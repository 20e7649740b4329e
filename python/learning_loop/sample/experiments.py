"""The chapter of the experiments: one of every verdict, changes with and without a gate, misfits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.sample.plan import Plan, Truth

Row = dict[str, Any]
EDITOR = "trial.editor@example.org"
ARMS = ("control", "treatment")
# What each is called by the crawler's team, by what it is planted for: an experiment after what it tries.
NAMES = {
    "clear-winner": "longer-summaries", "no-effect": "earlier-crawl", "clear-loser": "headlines-only",
    "harmful-winner": "follow-every-link", "short-of-days": "recipes-with-protein",
    "short-of-items": "coach-interviews", "broken-split": "skip-paywalled-pages", "six-sources": "race-calendars",
    "in-shadow": "second-date-parser", "never-announced": "photo-captions",
}  # fmt: skip
# The source that each tries it on; where it has several, one a club.
SOURCES = {
    "clear-winner": "running-news", "no-effect": "gym-diaries", "clear-loser": "race-reports",
    "harmful-winner": "recipe-blogs", "short-of-days": "kitchen-letters", "short-of-items": "coach-columns",
    "broken-split": "sports-science", "in-shadow": "nutrition-forum",
}  # fmt: skip
CLUBS = {
    "control": ("bath", "cork", "derby", "exeter", "fife", "galway"),
    "treatment": ("hull", "iona", "jersey", "kent", "leeds", "malvern"),
}
CHANGES = {
    "gated": "longer-summaries-for-all", "too-early": "longer-summaries-at-once", "nothing-shown": "crawl-at-five",
    "no-experiment": "titles-without-years", "unknown-experiment": "captions-for-all", "canary": "crawl-on-sundays",
}  # fmt: skip
# Ideas that must count in no arm, or in one once.
MISFITS = {
    "in-both-arms": "hill-repeats-for-two", "labelled-before": "cold-shower-week",
    "labelled-after-as-of": "park-bench-circuit", "assigned-twice": "rope-ladder-drill",
    "in-two-experiments": "stair-sprints-at-noon",
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """An experiment: per arm how many candidates, how many of them promoted, how many confirmed as duplicates."""

    role: str
    verdict: str
    sizes: tuple[int, int] = (240, 240)
    promoted: tuple[int, int] = (60, 60)
    duplicates: tuple[int, int] = (6, 6)
    days: float = 20
    mode: str = "canary"
    sources_per_arm: int | None = None
    is_reviewed: bool = True

    @property
    def key(self) -> str:
        """What it is called."""
        return NAMES[self.role]

    def source(self, arm: str, number: int) -> str:
        """Return the source of a candidate."""
        if self.sources_per_arm:
            return f"run-club-{CLUBS[arm][number % self.sources_per_arm]}"
        return SOURCES[self.role]


PLANTED = (
    Planted("clear-winner", "ready_for_approval", promoted=(48, 96)),
    Planted("no-effect", "undecided"),
    Planted("clear-loser", "no_improvement", promoted=(96, 48)),
    Planted("harmful-winner", "guardrail_regression", promoted=(48, 96), duplicates=(6, 48)),
    Planted("short-of-days", "insufficient_data", promoted=(48, 96), days=10),
    Planted("short-of-items", "insufficient_data", sizes=(150, 150), promoted=(30, 75)),
    Planted("broken-split", "sample_ratio_mismatch", sizes=(220, 360), promoted=(44, 140)),
    Planted("six-sources", "undecided", promoted=(48, 96), sources_per_arm=6),
    Planted("in-shadow", "insufficient_data", sizes=(20, 20), mode="shadow", is_reviewed=False),
)

EXERCISES = (
    "a slow long run", "kettlebell swings", "hill repeats", "a rowing pyramid", "single leg squats", "breathing drills",
    "a swim with pauses", "skipping in intervals", "farmer carries", "a mobility circuit", "stairs with a rucksack",
)  # fmt: skip
TIMES = (
    "before breakfast", "after work", "on a rest day", "in the rain", "with a friend", "at lunch", "on a slow Sunday",
)  # fmt: skip


class Trials:
    """The rows of the chapter as they are made."""

    def __init__(self, plan: Plan) -> None:
        """Start with nothing."""
        self.plan = plan
        self.rows: dict[str, list[Row]] = {}
        self.unread_count = 0

    def add(self, feed: str, **row: Any) -> None:
        """Add a row."""
        self.rows.setdefault(feed, []).append(row)

    def candidate(self, key: str, source: str, at: datetime, is_read: bool = True) -> None:
        """Add a candidate whose title resembles no other; one that nobody decides has a title as of a reader."""
        title = "Try " + " ".join(f"{key}-{letter}" for letter in "abcd").replace("-", "x")
        if not is_read:
            self.unread_count += 1
            exercise = EXERCISES[self.unread_count % len(EXERCISES)]
            title = f"Try {exercise} {TIMES[self.unread_count % len(TIMES)]}, day {self.unread_count}"
        self.add(
            "ingest_candidates", id=key, source_key=source, source_url=f"https://{source}.example/{key}",
            title=title, description=f"Take an hour and do it together, as told in {key}.",
            created_at=stamp(at), meta_json={"strategy": "css", "selector": "h2", "parser_confidence": 0.9},
        )  # fmt: skip

    def label(self, candidate: str, at: datetime, is_promoted: bool, is_duplicate: bool = False) -> None:
        """Add a label."""
        action: Row = (
            {"action": "promoted"}
            if is_promoted
            else {"action": "rejected", "reject_reason_code": "off_topic_for_rekindle"}
        )
        self.add(
            "ingest_editor_labels", id=f"label-{candidate}-{at:%m%d%H%M%S}", candidate_id=candidate,
            actor_user_id=EDITOR, created_at=stamp(at), duplicate_confirmed=is_duplicate, **action,
        )  # fmt: skip

    def assign(self, experiment: str, candidate: str, arm: str, at: datetime) -> None:
        """Add an assignment."""
        self.add(
            "ingest_experiment_assignments",
            experiment_id=experiment,
            candidate_id=candidate,
            arm=arm,
            assigned_at=stamp(at),
        )

    def change(self, key: str, experiment: str | None, source: str, at: datetime, mode: str = "full") -> None:
        """Add a change of a source."""
        self.add(
            "ingest_tuning_changes", id=key, experiment_id=experiment, source_key=source, config_version=f"{key}-v2",
            change_json={"include_pattern": f"/{key}/"}, approved_by="lead.noor", applied_at=stamp(at),
            deployment_mode=mode,
        )  # fmt: skip


def stamp(at: datetime) -> str:
    """Write an instant in UTC."""
    return at.replace(tzinfo=None).isoformat() + "Z"


def write(con: duckdb.DuckDBPyConnection, out: Path, plan: Plan) -> Truth:
    """Write the experiments' feeds below ``out`` and return what they hold."""
    trials = Trials(plan)
    for planted in PLANTED:
        _run(trials, planted)
    _misfits(trials)
    files: dict[str, Truth] = {}
    for feed, rows in sorted(trials.rows.items()):
        path = Path(feed) / "experiments.jsonl"
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        conflicts = {"conflicting_redelivery": 1} if feed == "ingest_experiment_assignments" else {}
        files[str(path)] = {
            "rows_in": len(rows), "kept": len(rows) - sum(conflicts.values()), "redelivered": 0, "ignored": 0,
            "quarantined": conflicts,
        }  # fmt: skip
    return {"files": files, "experiments": _truth(trials), "planted_trial_ids": [EDITOR]}


def _run(trials: Trials, planted: Planted) -> None:
    starts_at = trials.plan.as_of - timedelta(days=planted.days + 0.5)
    name = planted.key.replace("-", " ")
    scope = {"deployment_mode": planted.mode, "primary_metric": "promotion_rate"}
    trials.add(
        "ingest_experiments", id=planted.key, name=name, scope_json=scope, status="running",
        hypothesis=f"With {name}, editors promote more of the ideas", started_at=stamp(starts_at),
        updated_at=stamp(starts_at),
    )  # fmt: skip
    for arm, size, promoted, duplicates in zip(ARMS, planted.sizes, planted.promoted, planted.duplicates, strict=True):
        for number in range(size):
            key = f"{planted.key}-{arm}-{number:03d}"
            at = starts_at + timedelta(days=planted.days) * (number / (size - 1))
            trials.candidate(key, planted.source(arm, number), at, planted.is_reviewed)
            trials.assign(planted.key, key, arm, at)
            if planted.is_reviewed:
                # Spread evenly over the days: a promoted or duplicate one every so many.
                is_promoted, is_duplicate = (
                    (number + 1) * some // size > number * some // size for some in (promoted, duplicates)
                )
                trials.label(key, at + timedelta(hours=6), is_promoted, is_duplicate)


def _misfits(trials: Trials) -> None:
    """Add what must count in no arm, and the changes that followed the experiments."""
    at = trials.plan.as_of - timedelta(days=5)
    winner, source, without = NAMES["clear-winner"], SOURCES["clear-winner"], NAMES["no-effect"]
    for role, candidate in MISFITS.items():
        trials.candidate(candidate, source, at - timedelta(days=1), role in ("in-both-arms", "labelled-before"))
        trials.assign(winner, candidate, "control", at)
    trials.assign(winner, MISFITS["in-both-arms"], "treatment", at + timedelta(hours=1))
    trials.label(MISFITS["in-both-arms"], at + timedelta(hours=2), is_promoted=True)
    trials.label(MISFITS["labelled-before"], at - timedelta(hours=2), is_promoted=True)
    trials.label(MISFITS["labelled-after-as-of"], trials.plan.as_of + timedelta(hours=2), is_promoted=True)
    trials.assign(winner, MISFITS["assigned-twice"], "control", at + timedelta(hours=1))
    trials.assign(without, MISFITS["in-two-experiments"], "control", at)
    trials.assign(NAMES["never-announced"], MISFITS["in-two-experiments"], "control", at)
    for flag in ("safety", "compliance_incident"):
        trials.add(
            "quality_flags", candidate_id=f"{winner}-control-001", flag=flag, raised_by=EDITOR, raised_at=stamp(at)
        )
    yesterday = trials.plan.as_of - timedelta(days=1)
    trials.change(CHANGES["gated"], winner, source, yesterday)
    # The same experiment, before its fortnight was over.
    trials.change(CHANGES["too-early"], winner, source, yesterday - timedelta(days=10))
    source = SOURCES["no-effect"]
    trials.change(CHANGES["nothing-shown"], without, source, yesterday)
    trials.change(CHANGES["no-experiment"], None, source, yesterday)
    trials.change(CHANGES["unknown-experiment"], NAMES["never-announced"], source, yesterday)
    trials.change(CHANGES["canary"], None, source, yesterday, mode="canary")


def _truth(trials: Trials) -> Truth:
    winner, without, unknown = (NAMES[role] for role in ("clear-winner", "no-effect", "never-announced"))
    return {
        "names": {"experiments": NAMES, "changes": CHANGES, "misfits": MISFITS},
        "verdicts": {planted.key: planted.verdict for planted in PLANTED},
        # The candidate that was assigned twice waits for its review; the one in both arms is in neither.
        "assigned": {planted.key: list(planted.sizes) for planted in PLANTED}
        | {winner: [244, 240], without: [241, 240]},
        "reviewed": {planted.key: list(planted.sizes) if planted.is_reviewed else [0, 0] for planted in PLANTED},
        "conflicts": [
            [winner, MISFITS["in-both-arms"], "both_arms"],
            [winner, MISFITS["in-two-experiments"], "two_running_experiments"],
            [winner, MISFITS["labelled-before"], "latest_label_before_assignment"],
            [unknown, MISFITS["in-two-experiments"], "unknown_experiment"],
            [without, MISFITS["in-two-experiments"], "two_running_experiments"],
        ],
        "ungated": {
            CHANGES["too-early"]: "insufficient_data", CHANGES["nothing-shown"]: "undecided",
            CHANGES["no-experiment"]: "no_experiment", CHANGES["unknown-experiment"]: "unknown_experiment",
            CHANGES["canary"]: "no_experiment",
        },
        "gated": [CHANGES["gated"]],
    }  # fmt: skip
