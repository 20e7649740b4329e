"""What a suggestion would change, as a patch of a source's configuration, and the trial that would show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LADDER = ("hourly", "daily", "weekly", "monthly")
# What a trial of each kind is judged by, and in which direction; of the others more promotions.
METRICS = {"text_normalisation_rule": ("mean_edit_distance", "down")}
ARMS = (
    "A candidate of the source is in the treatment when the first 8 hex digits of sha256(experiment_id || '/' ||"
    " candidate_id), as a number over 2^32, are under 0.5, else in the control; land each as a row of"
    " ingest_experiment_assignments."
)


def patch(suggestion: Mapping[str, Any], state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the change of the source's configuration as a JSON Patch (RFC 6902).

    The document is the source's configuration with the fields of its registry row (include_url_patterns,
    exclude_url_patterns, quality_threshold, cadence, state), and of its parser selectors and text_rules: lists whose
    first is tried first.

    Args:
        suggestion: kind, direction and value.
        state: what the source is set to, as far as it is registered.
    """
    kind, direction, value = suggestion["kind"], suggestion["direction"], suggestion["value"]
    if kind in ("include_pattern", "exclude_pattern"):
        field = "include_url_patterns" if kind == "include_pattern" else "exclude_url_patterns"
        return _of_patterns(field, direction, value, list(state.get(field) or []))
    if kind == "selector_priority":
        return [{"op": "add", "path": f"/selectors/{0 if direction == 'prefer' else '-'}", "value": value}]
    if kind == "text_normalisation_rule":
        return [{"op": "add", "path": "/text_rules/-", "value": value}]
    if kind == "quality_threshold":
        return [_set("quality_threshold", float(value), state)]
    if kind == "pause":
        return [_set("state", "paused" if direction == "pause" else "active", state)]
    return [_set("cadence", _cadence(state.get("cadence"), direction), state)]


def experiment_scope(suggestion: Mapping[str, Any], change: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the scope of the experiment that tries a suggestion: where, judged by what, who is in which arm."""
    metric, direction = METRICS.get(suggestion["kind"], ("promotion_rate", "up"))
    return {
        "suggestion_id": suggestion["suggestion_id"], "source_key": suggestion["source_key"], "change": change,
        "primary_metric": metric, "direction": direction, "deployment_mode": "canary", "planned_split": "equal",
        "arms_rule": ARMS,
    }  # fmt: skip


def _of_patterns(field: str, direction: str, value: str, patterns: list[str]) -> list[dict[str, Any]]:
    if direction == "add":
        if patterns:
            return [{"op": "add", "path": f"/{field}/-", "value": f"*{value}*"}]
        return [{"op": "add", "path": f"/{field}", "value": [f"*{value}*"]}]
    places = [place for place, pattern in enumerate(patterns) if value in pattern]
    # From the last on, so that no removal moves what is still to go; each says first what it takes away.
    return [
        step
        for place in reversed(places)
        for step in (
            {"op": "test", "path": f"/{field}/{place}", "value": patterns[place]},
            {"op": "remove", "path": f"/{field}/{place}"},
        )
    ]


def _set(field: str, value: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    return {"op": "add" if state.get(field) is None else "replace", "path": f"/{field}", "value": value}


def _cadence(now: str | None, direction: str) -> str:
    if now not in LADDER:
        return f"{direction} often than now"
    step = LADDER.index(now) + (1 if direction == "less" else -1)
    return LADDER[min(max(step, 0), len(LADDER) - 1)]
