"""Rows as int_experiments__gate_inputs has them, to be changed in one thing at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

AT = datetime(2026, 2, 16, 2, tzinfo=UTC)


def arm(**changes: Any) -> dict[str, Any]:
    full = {
        "reviewed_count": 200, "review_days": 14.0, "active_days": 14, "reviews_per_day": 14.0,
        "first_review_at": AT - timedelta(days=14), "assigned_count": 200, "source_count": 1,
    }  # fmt: skip
    return full | changes


def sums(control: tuple[float, int], treatment: tuple[float, int]) -> list[dict[str, Any]]:
    return [part(name, "s", *given) for name, given in (("control", control), ("treatment", treatment)) if given[1]]


def part(name: str, source: str, total: float, count: int) -> dict[str, Any]:
    return {
        "arm": name, "source_key": source, "item_count": count, "total": float(total),
        "total_of_squares": float(total), "sorted_values": None,
    }  # fmt: skip


def metric(name: str, parts: list[dict[str, Any]], margin: float | None = None, **changes: Any) -> dict[str, Any]:
    role = "effect" if margin is None else "guardrail"
    full = {"metric_name": name, "kind": "rate", "role": role, "margin": margin, "mixture_sd": 0.05, "sums": parts}
    return full | changes


def row(**changes: Any) -> dict[str, Any]:
    """Return an experiment at the bars, whose treatment clearly wins: 40 against 80 of 200 promoted."""
    full = {
        "experiment_id": "e", "judged_at": AT, "status": "running", "ended_at": None, "deployment_mode": "canary",
        "primary_metric": "promotion_rate", "direction": "up", "planned_treatment_share": 0.5, "is_split_unread": False,
        "min_reviewed": 200, "min_days": 14.0, "alpha": 0.05, "min_lift": 0.0, "sample_ratio_alpha": 0.001,
        "min_sources_per_arm": 10, "bunched_below_active_days": 7, "guardrail_rule": "statistical",
        "control": arm(), "treatment": arm(), "is_clustered": False,
        "metrics": [
            metric("promotion_rate", sums((40, 200), (80, 200))),
            metric("duplicate_confirmed_rate", sums((10, 200), (10, 200)), margin=0.05),
        ],
    }  # fmt: skip
    return full | changes
