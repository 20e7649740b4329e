"""What a night at ``as_of`` must make of the planted events, by the formulas of the contract in plain Python."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from math import fsum
from typing import Any

from learning_loop.sample.plan import CLAIM, CORRECTION, RETRACTION, SIGNAL, Event, period_key, read_timestamp

WEIGHTS = {
    "save_claim_mismatch_attempt": (1.0, 1.0),
    "workflow_violation": (0.95, 0.95),
    "quality_issue_detected": (0.9, 0.86),
    "repair_auto_rejected": (0.88, 0.9),
    "save_handshake_pending": (0.78, 0.78),
    "clarification_requested": (0.72, 0.72),
    "repair_proposed": (0.65, 0.6),
}
OTHER_SEVERITY = 0.6
OTHER_IMPACT = {"friction_signal": 0.82, "quality_signal": 0.68, "correction_signal": 0.6, "outcome_signal": 0.42}
MISMATCH = {"critical": 1.0, "warning": 0.5, "info": 0.1, "none": 0.0, None: 1.0}
BANDS = {"high": 1.0, "medium": 0.92}  # any other is low, and low is filtered
USER_CAP, MIN_SUPPORT, MIN_USERS = 3, 3, 2


def cluster_signature(data: dict[str, Any]) -> str:
    """Return the explicit signature of a signal, else the one computed from what it is about."""
    about = data["signature"]
    parts = (data["signal_type"], about["issue_type"], about["invariant_id"], about["workflow_phase"])
    digest = hashlib.sha1("|".join(part or "" for part in parts).encode()).hexdigest()
    return str(data.get("cluster_signature") or f"ls_{digest[:20]}")


def clusters(signals: Iterable[tuple[str, Event]], as_of: datetime) -> tuple[list[Any], list[Any]]:
    """Return (clusters by day and week, the weeks in which a planted signature is no cluster, with the reason).

    Args:
        signals: (role, event), each event_id once.
        as_of: events with a later instant do not exist.
    """
    buckets: dict[tuple[str, str, str, str], list[tuple[datetime, Event]]] = defaultdict(list)
    for role, event in signals:
        if event.event_type == SIGNAL and event.at <= as_of:
            captured = event.data.get("captured_at")
            at = read_timestamp(captured) if captured else event.at
            for granularity in ("day", "week"):
                key = (granularity, period_key(at, granularity), cluster_signature(event.data), role)
                buckets[key].append((at, event))
    found, missed = [], []
    for (granularity, period, signature, role), rows in sorted(buckets.items()):
        place = {"period_granularity": granularity, "period_key": period, "cluster_signature": signature, "role": role}
        figures = _cluster_figures(rows)
        reason = _missing(figures["event_count"], figures["unique_users"])
        if reason is None:
            found.append(place | figures)
        elif granularity == "week":
            missed.append(place | {"reason": reason, "rows": len(rows)})
    return found, missed


def _missing(event_count: int, unique_users: int) -> str | None:
    if event_count == 0:
        return "low_confidence"
    if event_count < MIN_SUPPORT:
        return "min_support"
    return "min_unique_users" if unique_users < MIN_USERS else None


def _cluster_figures(rows: list[tuple[datetime, Event]]) -> dict[str, Any]:
    by_user: dict[str, list[Event]] = defaultdict(list)
    for _, event in sorted(rows, key=lambda row: (row[0], row[1].event_id)):
        if event.data["signature"]["confidence_band"] in BANDS:
            by_user[event.data["user_ref"]["pseudonymized_user_id"]].append(event)
    kept = [event for events in by_user.values() for event in events[:USER_CAP]]
    if not kept:
        return {"event_count": 0, "unique_users": 0}
    weights = [_weights(event.data) for event in kept]
    frequency = min(1.0, len(kept) / 12)
    severity = fsum(weight[0] for weight in weights) / len(kept)
    impact = fsum(weight[1] for weight in weights) / len(kept)
    reproducibility = (min(1.0, len(by_user) / 4) + min(1.0, len(kept) / len(by_user) / 2)) / 2
    score = frequency * severity * impact * reproducibility
    return {
        "event_count": len(kept),
        "unique_users": len(by_user),
        "score": round(score, 6),
        # A score halfway between two sixth decimals may be rounded either way: compare with this one.
        "score_before_rounding": round(score, 12),
        "severity": round(severity, 9),
        "impact": round(impact, 9),
    }


def _weights(data: dict[str, Any]) -> tuple[float, float]:
    """Return (severity, impact) of one signal."""
    kind = data["signal_type"]
    severity, impact = WEIGHTS.get(kind, (OTHER_SEVERITY, OTHER_IMPACT.get(data["category"], 0.6)))
    factor = MISMATCH[data["attributes"].get("mismatch_severity")] if kind == "save_claim_mismatch_attempt" else 1.0
    return severity * factor * BANDS[data["signature"]["confidence_band"]], impact * factor


def calibration(events: Iterable[Event], as_of: datetime) -> list[dict[str, Any]]:
    """Return per (week, class, parser version) the status, the drift and the figures behind them.

    Args:
        events: planted events of all types, each event_id once.
        as_of: events with a later instant do not exist.
    """
    known = [event for event in events if event.at <= as_of]
    retracted: dict[str, datetime] = {}
    for event in known:
        if event.event_type == RETRACTION:
            target = event.data["retracted_event_id"]
            retracted[target] = max(event.at, retracted.get(target, event.at))
    corrected: dict[tuple[str, str], datetime] = {}
    for event in known:
        if event.event_type == CORRECTION and event.event_id not in retracted:
            for name in event.data["changed_fields"]:
                place = (event.data["target_event_id"], name)
                corrected[place] = max(event.at, corrected.get(place, event.at))
    weeks: dict[tuple[str, str, str], list[tuple[float, bool]]] = defaultdict(list)
    for event in known:
        target = event.data.get("lineage", {}).get("event_id")
        if event.event_type == CLAIM and target is not None and event.event_id not in retracted:
            claim_class = event.data["claim_type"]
            findings = (retracted.get(target), corrected.get((target, claim_class.rsplit(".", 1)[-1])))
            is_right = not any(found is not None and found >= event.at for found in findings)
            version = event.data["provenance"].get("parser_version", "unknown")
            week = (claim_class, version, period_key(event.at, "week"))
            weeks[week].append((event.data["confidence"], is_right))
    rows: list[dict[str, Any]] = []
    before: tuple[str, str, float] | None = None
    for (claim_class, version, period), samples in sorted(weeks.items()):
        brier = fsum((confidence - is_right) ** 2 for confidence, is_right in samples) / len(samples)
        has_history = before is not None and before[:2] == (claim_class, version)
        delta = round(brier - before[2], 9) if before is not None and has_history else None
        before = (claim_class, version, brier)
        stream = {"period_key": period, "claim_class": claim_class, "parser_version": version}
        rows.append(stream | _calibration_figures(samples, round(brier, 9), delta))
    return rows


def _calibration_figures(samples: list[tuple[float, bool]], brier: float, delta: float | None) -> dict[str, Any]:
    high = [is_right for confidence, is_right in samples if confidence >= 0.86]
    right = sum(is_right for _, is_right in samples)
    precision = round(sum(high) / len(high), 9) if high else None
    if len(samples) < 3 or precision is None:
        status = "monitor"
    elif brier >= 0.30 or precision < 0.55:
        status = "degraded"
    else:
        status = "monitor" if brier >= 0.20 or precision < 0.70 else "healthy"
    drift = "insufficient_history" if delta is None else "drift_alert" if delta >= 0.06 else "stable"
    return {
        "status": status,
        "drift_status": drift,
        "drift_delta_brier": delta,
        "sample_count": len(samples),
        "correct_count": right,
        "brier_score": brier,
        "precision_high_conf": precision,
        "recall_high_conf": round(sum(high) / right, 9) if right else None,
    }
