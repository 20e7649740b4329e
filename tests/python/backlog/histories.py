"""Random histories of a backlog: runs that propose, people who decide (late, twice, at one instant), CI reports."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fold_oracle import STEP_SHADOW, STEP_TEST, Decision, Proposal, Report, Row, comes_back, fold, monday, verdicts

START = datetime(2026, 1, 5, 2, tzinfo=UTC)
APPROVERS = {"ann", "bob"}
PER_SOURCE, PER_RUN = 2, 3
SCORES = (0.2, 0.3, 0.32, 0.349999, 0.35, 0.37, 0.45, 0.46, 0.55, 0.58, 0.6, 0.62, 0.7, 1.0)


@dataclass
class History:
    number: int
    runs: list[list[Proposal]]
    decisions: list[Decision]
    reports: list[Report]
    subjects: dict[str, str]
    end: datetime

    @property
    def proposals(self) -> list[Proposal]:
        return [proposal for run in self.runs for proposal in run]

    def row(
        self, key: str, at: datetime | None = None, arrived_by: datetime | None = None, runs: int | None = None
    ) -> Row:
        """Return a key's row by what had arrived at an instant; by default by all there is at the end."""
        known = [d for d in self.decisions if arrived_by is None or (d.arrives or d.at) <= arrived_by]
        proposals = [p for run in self.runs[:runs] for p in run]
        return fold(key, proposals, known, self.reports, APPROVERS, at or self.end)


def history(number: int) -> History:
    rng = random.Random(number)
    keys = [f"cluster:h{number}-{name}" for name in "abc"]
    keys += [f"calibration:h{number}-x:{status}" for status in ("drift_alert", "underperforming")]
    subjects = {key: key if key.startswith("cluster") else "x" for key in keys}
    nights = sorted({START + timedelta(days=rng.randrange(42)) for _ in range(rng.randrange(3, 14))})
    end = nights[-1] + timedelta(hours=rng.choice((0, 5, 30)))
    instants = [*nights, *(START + timedelta(hours=rng.randrange(-24, 1000)) for _ in range(6))]
    decisions = [_decision(rng, number, turn, keys, instants) for turn in range(rng.randrange(15))]
    reports = [
        Report(rng.choice(keys), rng.choice((STEP_TEST, STEP_SHADOW)), rng.random() < 0.8,
               rng.choice(instants) + timedelta(seconds=turn - 6))
        for turn in range(rng.randrange(14))
    ]  # fmt: skip
    if rng.random() < 0.4:  # someone goes all the way, and the others may still come between
        _all_the_way(rng, number, rng.choice(keys), instants, decisions, reports)
    made = History(number, [], decisions, reports, subjects, end)
    for night in nights:
        _run(rng, made, night, keys)
    return made


def _decision(rng: random.Random, number: int, turn: int, keys: list[str], instants: list[datetime]) -> Decision:
    at = rng.choice(instants)
    kind = rng.choice(("approve", "approve", "dismiss", "dismiss", "promote", "promote", "reopen"))
    snooze = at + timedelta(days=rng.randrange(1, 20)) if kind == "dismiss" and rng.random() < 0.3 else None
    key = rng.choice(keys) if rng.random() < 0.95 else f"cluster:h{number}-unknown"
    actor = rng.choices(("ann", "bob", "cyd"), (5, 3, 1))[0]
    late = at + timedelta(days=rng.randrange(10)) if rng.random() < 0.3 else None
    return Decision(f"h{number}-{rng.randrange(1000):03d}-{turn}", key, kind, actor, at, snooze, late)


def _all_the_way(
    rng: random.Random,
    number: int,
    key: str,
    instants: list[datetime],
    decisions: list[Decision],
    reports: list[Report],
) -> None:
    at = rng.choice(instants) + timedelta(minutes=5)
    decisions.append(Decision(f"h{number}-way-1", key, "approve", "ann", at))
    for turn, step in enumerate((STEP_TEST, STEP_SHADOW), 1):
        reports.append(Report(key, step, True, at + timedelta(hours=turn)))
    decisions.append(Decision(f"h{number}-way-2", key, "promote", "bob", at + timedelta(hours=rng.randrange(1, 9))))


def _run(rng: random.Random, made: History, night: datetime, keys: list[str]) -> None:
    week = monday(night - timedelta(hours=24))
    proposed = [
        Proposal(key, night, week, rng.choice(SCORES), missing_parts=("regression_test_plan",) * (rng.random() < 0.05),
                 is_risen=rng.random() < 0.4)
        for key in keys if rng.random() < 0.8
    ]  # fmt: skip
    rows = {key: made.row(key, night, night) for key in keys}
    judged = verdicts(proposed, rows, made.subjects, PER_SOURCE, PER_RUN)
    back = {key for key, row in rows.items() if row.status == "dismissed"}
    made.runs.append(
        [
            replace(p, verdict=judged[p.key], number=n, reopens=p.key in back and comes_back(rows[p.key], p))
            for n, p in enumerate(proposed, 1)
        ]
    )
