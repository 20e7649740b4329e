"""Rows as int_experiments__gate_inputs has them, to be changed in one thing at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

AT = datetime(2026, 2, 16, 2, tzinfo=UTC)


def arm(**changes: Any) -> dict[str, Any]:
    full = {
        "reviewed_count": 200, "review_days": 14.0, "active_days": 14, "reviews_per_day": 14.0,
        "first_review_at": AT - timedelta(days=14), "assigned_count": 200, "source_count": 1,
    }  # fmt: skip
    told = full | changes
    # The pace of every weekday is that of the days.
    told.setdefault("recent_days", days(told["reviews_per_day"], told["first_review_at"]))
    return told


def days(pace: float, first_review_at: datetime | None) -> list[dict[str, Any]]:
    if first_review_at is None or not pace:
        return []
    first = max(first_review_at.date(), AT.date() - timedelta(days=28))
    return [
        {"day": first + timedelta(days=n), "reviewed_count": pace} for n in range((AT.date() - first).days)
    ]  # fmt: skip


def ratio_day(control: int, treatment: int, day: date = date(2026, 2, 2)) -> dict[str, Any]:
    return {"day": day, "control_count": control, "treatment_count": treatment}


def sums(control: tuple[float, int], treatment: tuple[float, int]) -> list[dict[str, Any]]:
    return [part(name, "s", *given) for name, given in (("control", control), ("treatment", treatment)) if given[1]]


def part(name: str, source: str, total: float, count: int, **changes: Any) -> dict[str, Any]:
    return {
        "arm": name, "source_key": source, "item_count": count, "total": float(total),
        "total_of_squares": float(total), "sorted_values": None, "open_values": None,
    } | changes  # fmt: skip


def metric(name: str, parts: list[dict[str, Any]], margin: float | None = None, **changes: Any) -> dict[str, Any]:
    role = "effect" if margin is None else "guardrail"
    full = {
        "metric_name": name, "kind": "rate", "role": role, "margin": margin, "mixture_sd": 0.05, "sums": parts,
        "worthwhile_lift": None if margin else 0.03, "is_required": margin is not None, "has_spoken": True,
        "feed": None if margin is None else "quality_flags",
    }  # fmt: skip
    return full | changes


def row(**changes: Any) -> dict[str, Any]:
    """Return an experiment at the bars, whose treatment clearly wins: 40 against 80 of 200 promoted.

    The metrics count as many as were reviewed, and the split is that of the assigned, unless the changes say otherwise.
    """
    full = {
        "experiment_id": "e", "judged_at": AT, "status": "running", "ended_at": None, "deployment_mode": "canary",
        "primary_metric": "promotion_rate", "direction": "up", "planned_treatment_share": 0.5, "is_split_unread": False,
        "planned_end": None, "planned_items_per_arm": None, "is_end_planned": False, "is_plan_late": False,
        "planned_stop_at": None,
        "min_reviewed": 200, "min_days": 14.0, "alpha": 0.05, "min_lift": 0.0, "sample_ratio_alpha": 0.001,
        "min_sources_per_arm": 10,
        "bunched_below_active_days": 7, "guardrail_rule": "statistical", "mismatch_bayes_factor": 1000.0,
        "wide_concentration": 2.0, "narrow_concentration": 1000.0, "review_after_days": 14, "pace_history_days": 28,
        "look_growth": 0.6, "review_rate_sd": 0.05,
        "control": arm(), "treatment": arm(), "is_clustered": False, "review_ratio_days": [], "due_ratio_days": [],
    }  # fmt: skip
    told = full | changes
    control, treatment = (told[name]["reviewed_count"] for name in ("control", "treatment"))
    told.setdefault("metrics", [
        metric("promotion_rate", sums((40, control), (80, treatment))),
        metric("duplicate_confirmed_rate", sums((10, control), (10, treatment)), margin=0.05),
    ])  # fmt: skip
    unit = "source_count" if told["is_clustered"] else "assigned_count"
    told.setdefault("sample_ratio_days", [ratio_day(told["control"][unit], told["treatment"][unit])])
    return told
