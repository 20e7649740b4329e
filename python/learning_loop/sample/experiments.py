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


@dataclass(frozen=True)
class Planted:
    """An experiment: per arm how many candidates, how many of them promoted, how many confirmed as duplicates."""

    key: str
    verdict: str
    sizes: tuple[int, int] = (240, 240)
    promoted: tuple[int, int] = (60, 60)
    duplicates: tuple[int, int] = (6, 6)
    days: float = 20
    mode: str = "canary"
    sources_per_arm: int | None = None
    is_reviewed: bool = True


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


class Trials:
    """The rows of the chapter as they are made."""

    def __init__(self, plan: Plan) -> None:
        """Start with nothing."""
        self.plan = plan
        self.rows: dict[str, list[Row]] = {}

    def add(self, feed: str, **row: Any) -> None:
        """Add a row."""
        self.rows.setdefault(feed, []).append(row)

    def candidate(self, key: str, source: str, at: datetime) -> None:
        """Add a candidate whose title resembles no other."""
        words = " ".join(f"{key}-{letter}" for letter in "abcd").replace("-", "x")
        self.add(
            "ingest_candidates", id=key, source_key=source, source_url=f"https://{source}.example/{key}",
            title=f"Try {words}", description=f"Take an hour and do it together, as told in {key}.",
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
    scope = {"deployment_mode": planted.mode, "primary_metric": "promotion_rate"}
    trials.add(
        "ingest_experiments", id=planted.key, name=planted.key.replace("-", " "), scope_json=scope, status="running",
        hypothesis="The new rule brings more ideas that editors promote", started_at=stamp(starts_at),
        updated_at=stamp(starts_at),
    )  # fmt: skip
    for arm, size, promoted, duplicates in zip(ARMS, planted.sizes, planted.promoted, planted.duplicates, strict=True):
        for number in range(size):
            source = f"trial-{planted.key}"
            if planted.sources_per_arm:
                source += f"-{arm}-{number % planted.sources_per_arm}"
            key = f"{planted.key}-{arm}-{number:03d}"
            at = starts_at + timedelta(days=planted.days) * (number / (size - 1))
            trials.candidate(key, source, at)
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
    experiment, source = "clear-winner", "trial-clear-winner"
    for name in ("in-both-arms", "labelled-before", "labelled-after-as-of", "assigned-twice", "in-two-experiments"):
        trials.candidate(f"misfit-{name}", source, at - timedelta(days=1))
        trials.assign(experiment, f"misfit-{name}", "control", at)
    trials.assign(experiment, "misfit-in-both-arms", "treatment", at + timedelta(hours=1))
    trials.label("misfit-in-both-arms", at + timedelta(hours=2), is_promoted=True)
    trials.label("misfit-labelled-before", at - timedelta(hours=2), is_promoted=True)
    trials.label("misfit-labelled-after-as-of", trials.plan.as_of + timedelta(hours=2), is_promoted=True)
    trials.assign(experiment, "misfit-assigned-twice", "control", at + timedelta(hours=1))
    trials.assign("no-effect", "misfit-in-two-experiments", "control", at)
    trials.assign("never-announced", "misfit-in-two-experiments", "control", at)
    for flag in ("safety", "compliance_incident"):
        trials.add(
            "quality_flags", candidate_id="clear-winner-control-001", flag=flag, raised_by=EDITOR, raised_at=stamp(at)
        )
    yesterday = trials.plan.as_of - timedelta(days=1)
    trials.change("gated-rollout", "clear-winner", source, yesterday)
    # The same experiment, before its fortnight was over.
    trials.change("hasty-rollout", "clear-winner", source, yesterday - timedelta(days=10))
    trials.change("rollout-of-nothing-shown", "no-effect", "trial-no-effect", yesterday)
    trials.change("rollout-without-experiment", None, "trial-no-effect", yesterday)
    trials.change("rollout-of-an-unknown-one", "never-announced", "trial-no-effect", yesterday)
    trials.change("mere-canary", None, "trial-no-effect", yesterday, mode="canary")


def _truth(trials: Trials) -> Truth:
    return {
        "verdicts": {planted.key: planted.verdict for planted in PLANTED},
        # The candidate that was assigned twice waits for its review; the one in both arms is in neither.
        "assigned": {planted.key: list(planted.sizes) for planted in PLANTED}
        | {"clear-winner": [244, 240], "no-effect": [241, 240]},
        "reviewed": {planted.key: list(planted.sizes) if planted.is_reviewed else [0, 0] for planted in PLANTED},
        "conflicts": [
            ["clear-winner", "misfit-in-both-arms", "both_arms"],
            ["clear-winner", "misfit-in-two-experiments", "two_running_experiments"],
            ["clear-winner", "misfit-labelled-before", "latest_label_before_assignment"],
            ["never-announced", "misfit-in-two-experiments", "unknown_experiment"],
            ["no-effect", "misfit-in-two-experiments", "two_running_experiments"],
        ],
        "ungated": {
            "hasty-rollout": "insufficient_data", "rollout-of-nothing-shown": "undecided",
            "rollout-without-experiment": "no_experiment", "rollout-of-an-unknown-one": "unknown_experiment",
            "mere-canary": "no_experiment",
        },
        "gated": ["gated-rollout"],
    }  # fmt: skip
