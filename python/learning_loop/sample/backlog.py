"""The chapter of the backlog: failures that come back or do not, and what people decide about them, in six weeks.

It tells of six nights, each on the Monday after a week: ``night(5)`` after the week five before the latest, up to
``night(0)`` at ``as_of``. A late decision shows only when each night sees the files that had arrived by then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.sample.damage import file_counts
from learning_loop.sample.plan import CLAIM, CORRECTION, SIGNAL, Event, Plan, Truth, period_key, timestamp

WEEKS = 6
APPROVER, SECOND, STRANGER = "ann.approver", "bob.approver", "mallory"
# Events of each person in a week. Of critical mismatches, 12 events of 4 people score 1.0, 8 of 4 score .666667.
STRONG, MIDDLING, FAIR = (3, 3, 3, 3), (2, 2, 2, 2), (3, 3, 3)
SETTLED = [f"settled-{number}" for number in range(1, 4)]
# Promoted in the morning after the first night: people who met it in each week until then, and in each week since.
FIXES = {"fix-works": (16, 2), "fix-fails": (16, 16), "fix-worsens": (16, 44)}
CROWD = [f"crowd-{number}" for number in range(1, 9)]
# Of low confidence, so no cluster: they show how much there was to see, which was the same in each week.
TRAFFIC = [f"traffic-{number}" for number in range(1, 13)]
# What each is called in the diary's log: people read this, so it says what went wrong.
NAMES = {
    "crowd-1": "amrap round saved as one set", "crowd-2": "band colour taken for a weight",
    "crowd-3": "barbell weight without the bar", "crowd-4": "cadence read as heart rate",
    "crowd-5": "calories of a snack doubled", "crowd-6": "distance in miles saved as km",
    "crowd-7": "dropset saved as rest", "crowd-8": "exercise renamed on save",
    "dismissed-late": "finger strength saved as grip", "fix-fails": "goal weight saved as body weight",
    "fix-works": "half reps rounded up", "fix-worsens": "heart rate lost after a pause",
    "newcomer": "incline lost on a treadmill run", "promoted-returns": "interval saved as one long run",
    "returns-stronger": "jump rope counted in seconds", "returns-the-same": "kettlebell pair saved as one",
    "settled-1": "kilograms saved as pounds", "settled-2": "kilometres saved as miles",
    "settled-3": "kilometres saved twice", "snoozed": "knee note saved as a set",
    "two-at-once": "lap saved under two names",
    **{role: f"voice note {number} too quiet to read" for number, role in enumerate(TRAFFIC, 1)},
}  # fmt: skip
# What recurs: role to {weeks ago: events of each person}.
RECURRING: dict[str, dict[int, tuple[int, ...]]] = {
    **{role: dict.fromkeys(range(WEEKS), STRONG) for role in SETTLED},
    **{
        role: {weeks_ago: (2,) * (since if weeks_ago < 4 else before) for weeks_ago in range(8)}
        for role, (before, since) in FIXES.items()
    },
    **{role: dict.fromkeys(range(8), STRONG) for role in TRAFFIC},
    "returns-stronger": {4: MIDDLING, 2: (2,) * 30, 1: (2,) * 30},
    "returns-the-same": {4: MIDDLING, 2: MIDDLING},
    "snoozed": {4: MIDDLING, 2: STRONG, 1: MIDDLING},
    "promoted-returns": {4: MIDDLING, 1: MIDDLING},
    "dismissed-late": {4: MIDDLING, 2: MIDDLING},
    "newcomer": {2: FAIR},
    "two-at-once": {2: MIDDLING},
    **{role: {0: FAIR} for role in CROWD},
}
# Claims of a week: (confidence, right, wrong).
TURNING = "lunge.reps"
CROWDED = (
    "bike.cadence", "bike.power", "climb.grade", "climb.rest", "jump.height", "jump.rope", "kettlebell.weight",
)  # fmt: skip
Pattern = tuple[float, int, int]
CLASSES: dict[str, dict[int, Pattern]] = {
    TURNING: {4: (0.7, 7, 3), 3: (0.95, 5, 15)},
    **{name: {0: (0.95, 10, 10)} for name in CROWDED},
}
VERSION = "p-4.2"


def night(plan: Plan, weeks_ago: int) -> datetime:
    """Return the instant of the night after a week."""
    return plan.as_of - timedelta(days=7 * weeks_ago)


def cluster_key(role: str) -> str:
    """Return the candidate key of a planted failure."""
    return _key("cluster", NAMES[role])


def class_key(claim_class: str, status: str) -> str:
    """Return the candidate key of a planted class."""
    return _key("calibration", f"{claim_class}:{VERSION}:{status}")


def write(con: duckdb.DuckDBPyConnection, out: Path, plan: Plan) -> Truth:
    """Write the chapter's files below ``out`` and return what they hold; none in a world of under six whole weeks."""
    if len(plan.planted_weeks) < WEEKS:
        return {"files": {}, "backlog": {}}
    deliveries: list[tuple[str, date, dict[str, Any]]] = [
        ("events", event.file_day, json.loads(event.line())) for event in (*_signals(plan), *_claims(plan))
    ]
    deliveries += [("backlog_decisions", arrives, row) for arrives, row in _decisions(plan)]
    deliveries += [("checklist_updates", date.fromisoformat(row["updated_at"][:10]), row) for row in _updates(plan)]
    deliveries += [
        ("shadow_evaluations", date.fromisoformat(row["evaluated_at"][:10]), row) for row in _evaluations(plan)
    ]
    files: dict[str, list[str]] = {}
    for feed, day, row in deliveries:
        path = f"{feed}/date={day}/backlog.jsonl"
        files.setdefault(path, []).append(json.dumps(row, ensure_ascii=False) + "\n")
    for path, lines in files.items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text("".join(lines), "utf-8")
    counts = {path: file_counts(kept=len(lines)) for path, lines in sorted(files.items())}
    return {"files": counts, "backlog": _truth(plan)}


def _truth(plan: Plan) -> Truth:
    return {
        "nights": [night(plan, weeks_ago).isoformat() for weeks_ago in reversed(range(WEEKS))],
        "keys": {role: cluster_key(role) for role in RECURRING},
        "candidates": {
            **{role: {"status": "approved", "is_regressed": False, "reopened_count": 0} for role in SETTLED},
            "returns-stronger": {"status": "candidate", "is_regressed": False, "reopened_count": 1},
            "returns-the-same": {"status": "dismissed", "is_regressed": False, "reopened_count": 0},
            "snoozed": {"status": "candidate", "is_regressed": False, "reopened_count": 1},
            # That it was seen again in one week says nothing of its rate.
            "promoted-returns": {"status": "promoted", "is_regressed": False, "reopened_count": 0},
            "fix-works": {"status": "promoted", "is_regressed": False, "reopened_count": 0},
            "fix-fails": {"status": "promoted", "is_regressed": False, "reopened_count": 0},
            "fix-worsens": {"status": "promoted", "is_regressed": True, "reopened_count": 0},
            "dismissed-late": {"status": "dismissed", "is_regressed": False, "reopened_count": 0},
            "newcomer": {"status": "candidate", "is_regressed": False, "reopened_count": 0},
            "two-at-once": {"status": "dismissed", "is_regressed": False, "reopened_count": 0},
        },
        "fix_effects": {
            "fix-works": "lowered", "fix-fails": "undecided", "fix-worsens": "worse", "promoted-returns": "undecided",
        },
        "reopened_because": {"returns-stronger": "rate_risen", "snoozed": "snooze_passed"},
        # Of a night (weeks ago): role or class key to verdict. The settled and the fixes tie at the top of night 5.
        "verdicts": {
            "5": dict.fromkeys((*SETTLED, *FIXES), "written"),
            "4": dict.fromkeys(SETTLED, "already_approved") | {"promoted-returns": "written", "snoozed": "written"},
            "2": dict.fromkeys(SETTLED, "already_approved") | {
                "newcomer": "written", "returns-stronger": "written", "returns-the-same": "still_dismissed",
                "snoozed": "still_dismissed", "dismissed-late": "written",
            },
            "1": {"snoozed": "written", "promoted-returns": "already_promoted"},
            # Eight of one priority for six slots, of which the other chapters take one.
            "0": dict.fromkeys(CROWD[:5], "written") | dict.fromkeys(CROWD[6:], "limited_by_source"),
        },
        "class_verdicts": {
            "4": {class_key(TURNING, "underperforming"): "written"},
            "3": {class_key(TURNING, "drift_alert"): "already_approved"},
            "0": {class_key(CROWDED[-1], "underperforming"): "limited_by_source"},
        },
        "rejected": {
            "dec-early-promote": "not_allowed_when_candidate",
            "dec-unknown-key": "unknown_candidate",
            "dec-at-once-2": "not_allowed_when_dismissed",
            # Whatever the seed of approvers holds: the key is approved already.
            "dec-stranger": "not_allowed_when_approved",
        },
        "underperforming": [
            {"claim_class": name, "parser_version": VERSION, "status": "underperforming"} for name in CROWDED
        ],
        # Twenty claims of one week, 95 % sure and a quarter right, against no past: the approval is no answer yet.
        "drift_alarms": [
            {
                "claim_class": TURNING, "parser_version": VERSION, "channel": "overconfident",
                "began_period_key": period_key(plan.at(3), "week"),
            }
        ],
    }  # fmt: skip


def _signals(plan: Plan) -> Iterator[Event]:
    for role, weeks in RECURRING.items():
        for weeks_ago, per_person in weeks.items():
            for person, how_many in enumerate(per_person):
                for turn in range(how_many):
                    at = plan.at(weeks_ago, 1 + turn, 3600 * (9 + person))
                    name = f"{NAMES[role].replace(' ', '-')}-{weeks_ago}-{person}-{turn}"
                    yield Event(f"bl-{name}", SIGNAL, at, _signal_data(role, person, at))


def _signal_data(role: str, person: int, at: datetime) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "signal_type": "save_claim_mismatch_attempt",
        "category": "friction_signal",
        "captured_at": timestamp(at),
        "user_ref": {"pseudonymized_user_id": f"backlog-person-{person}"},
        "signature": {
            "issue_type": "save_mismatch", "invariant_id": "INV-SAVE", "agent_version": "agent-2.1",
            "workflow_phase": "save", "modality": "voice",
            "confidence_band": "low" if role in TRAFFIC else "high",
        },
        "cluster_signature": NAMES[role],
        "attributes": {"mismatch_severity": "critical"},
    }  # fmt: skip


def _claims(plan: Plan) -> Iterator[Event]:
    for claim_class, weeks in CLASSES.items():
        for weeks_ago, (confidence, right, wrong) in weeks.items():
            for number in range(right + wrong):
                name = f"{claim_class}-{weeks_ago}-{number:02d}"
                at = plan.at(weeks_ago, 1, 60 * number)
                data = {
                    "claim_type": claim_class,
                    "confidence": confidence,
                    "provenance": {"parser_version": VERSION},
                    "lineage": {"event_id": f"bl-set-{name}"},
                }
                yield Event(f"bl-claim-{name}", CLAIM, at, data)
                if number < wrong:
                    fix = {
                        "target_event_id": f"bl-set-{name}",
                        "changed_fields": {claim_class.rsplit(".", 1)[-1]: {"to": 1}},
                    }
                    yield Event(f"bl-fix-{name}", CORRECTION, at + timedelta(hours=1), fix)


def _decisions(plan: Plan) -> Iterator[tuple[date, dict[str, Any]]]:
    """Yield (the day of the file that brings it, decision)."""

    def decide(
        name: str, key: str, decision: str, actor: str, at: datetime, arrives: datetime | None = None, **more: str
    ) -> tuple[date, dict[str, Any]]:
        row = {"decision_id": f"dec-{name}", "candidate_key": key, "decision": decision, "actor": actor}
        return (arrives or at).date(), row | {"decided_at": timestamp(at), "recorded_by": "sample on world"} | more

    morning = {weeks_ago: night(plan, weeks_ago) + timedelta(hours=7) for weeks_ago in range(WEEKS)}
    for role in SETTLED:
        yield decide(role, cluster_key(role), "approve", APPROVER, morning[5], reason="known, in work")
    for role in ("returns-stronger", "returns-the-same"):
        yield decide(f"{role}-away", cluster_key(role), "dismiss", SECOND, morning[4], reason="too rare to act on")
    until = timestamp(morning[2])
    yield decide("snooze", cluster_key("snoozed"), "dismiss", SECOND, morning[4], snooze_until=until, reason="later")
    yield decide("way-1", cluster_key("promoted-returns"), "approve", APPROVER, morning[4])
    for number, role in enumerate(FIXES, 201):
        yield decide(f"{role}-1", cluster_key(role), "approve", APPROVER, morning[5])
        at = morning[5] + timedelta(days=2)
        yield decide(f"{role}-2", cluster_key(role), "promote", APPROVER, at, issue_ref=f"TRACKER-{number}")
    promoted_at = morning[4] + timedelta(days=2)
    yield decide("way-2", cluster_key("promoted-returns"), "promote", APPROVER, promoted_at, issue_ref="TRACKER-101")
    yield decide("turning", class_key(TURNING, "underperforming"), "approve", APPROVER, morning[4])
    late = morning[4] + timedelta(days=1)
    yield decide(
        "late", cluster_key("dismissed-late"), "dismiss", SECOND, late, morning[2], reason="found in a notebook"
    )
    # What the rules refuse.
    yield decide("early-promote", cluster_key("newcomer"), "promote", APPROVER, morning[2])
    yield decide("unknown-key", "cluster:nobody saw this:0000000000000000", "approve", APPROVER, morning[2])
    yield decide("at-once-1", cluster_key("two-at-once"), "dismiss", APPROVER, morning[2])
    yield decide("at-once-2", cluster_key("two-at-once"), "approve", SECOND, morning[2])
    yield decide("stranger", cluster_key(SETTLED[0]), "approve", STRANGER, morning[2])


def _updates(plan: Plan) -> Iterator[dict[str, Any]]:
    for name, (role, weeks_ago) in _ways().items():
        yield {
            "update_id": f"upd-{name}-1",
            "candidate_key": cluster_key(role),
            "step_id": "regression_test_implementation",
            "status": "completed",
            "actor": "ci",
            "updated_at": _utc(night(plan, weeks_ago) + timedelta(days=1)),
            "evidence": "tests/regression/save_mismatch.py",
        }


def _evaluations(plan: Plan) -> Iterator[dict[str, Any]]:
    for name, (role, weeks_ago) in _ways().items():
        for number, (verdict, hours) in enumerate((("fail", 24), ("pass", 30)), 1):
            yield {
                "evaluation_id": f"eval-{name}-{number}",
                "candidate_key": cluster_key(role),
                "verdict": verdict,
                "evaluated_at": _utc(night(plan, weeks_ago) + timedelta(hours=hours)),
                "metric_deltas": {"brier_score": -0.04},
            }


def _ways() -> dict[str, tuple[str, int]]:
    """Return what goes all the way: name to (role, weeks ago of the night that proposed it)."""
    return {"way": ("promoted-returns", 4), **{role: (role, 5) for role in FIXES}}


def _key(prefix: str, source_ref: str) -> str:
    named = f"{prefix}:{source_ref}"
    return f"{named}:{hashlib.sha1(named.encode(), usedforsecurity=False).hexdigest()[:16]}"


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
