"""Section 8 of the contract as a plain loop over tickets and reflections: slow, and easy to check by reading."""

from __future__ import annotations

from collections import defaultdict
from typing import Any


def replay(
    tickets: list[dict[str, Any]], reflections: list[dict[str, Any]], window_steps: int, last_known_step: int
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return (credit per applied reflection, rules by key) of one run and mission."""
    applied = sorted(
        (r for r in reflections if r["applied"]),
        key=lambda r: (
            r["global_step"],
            -1 if r["guidance_step_after"] is None else r["guidance_step_after"],
            r["reflection_id"],
        ),
    )
    credit = []
    for number, reflection in enumerate(applied):
        start = reflection["global_step"]
        end = start + window_steps
        # What changes nothing ends no window and has none.
        later = [one["global_step"] for one in applied[number + 1 :] if one["operations"]]
        if later:
            end = min(end, later[0] - 1)
        if not reflection["operations"]:
            end = start - 1
        counts = defaultdict(int)
        for ticket in tickets:
            if not start <= ticket["global_step"] <= end or ticket["label_match"] is None:
                continue
            outcome = "hit" if ticket["label_match"] else "miss"
            counts[f"all_{outcome}_count"] += 1
            if ticket["is_hard"]:
                counts[f"{outcome}_count"] += 1
            if ticket["is_hard_beyond_wrong"]:
                counts["hard_beyond_wrong_count"] += 1
        keys = []
        for operation in reflection["operations"]:
            if operation["op"] in ("upsert", "merge") and operation["key"] not in keys:
                keys.append(operation["key"])
        credit.append(
            {
                "reflection_id": reflection["reflection_id"],
                "start_global_step": start,
                "end_global_step": end,
                "rule_keys": keys,
                **{
                    name: counts[name]
                    for name in (
                        "hit_count",
                        "miss_count",
                        "hard_beyond_wrong_count",
                        "all_hit_count",
                        "all_miss_count",
                    )
                },
                "is_provisional": end >= last_known_step and end >= start,
            }
        )

    rules: dict[str, dict[str, Any]] = {}

    def state_again(key: str) -> None:
        if key in rules and not rules[key]["is_retired"]:
            rules[key]["hits"] += 1
        else:
            rules[key] = {"hits": 0, "misses": 0, "beyond": 0, "is_retired": False}

    changing = [number for number, reflection in enumerate(applied) if reflection["operations"]]
    for before, number in zip([None, *changing], changing, strict=False):
        reflection = applied[number]
        if before is not None:
            write_back(rules, credit[before])
        for operation in reflection["operations"]:
            key = operation["key"]
            if operation["op"] == "remove":
                if key in rules:
                    rules[key]["is_retired"] = True
                continue
            state_again(key)
            if operation["op"] == "merge":
                for source in operation["merged_from"]:
                    if source == key or source not in rules or rules[source]["is_retired"]:
                        continue
                    for count in ("hits", "misses", "beyond"):
                        rules[key][count] += rules[source][count]
                    rules[source]["is_retired"] = True
    if changing:
        write_back(rules, credit[changing[-1]])
    return credit, rules


def write_back(rules: dict[str, dict[str, Any]], context: dict[str, Any]) -> None:
    """Add a context's hits and misses once to each of its rules that still stands."""
    for key in context["rule_keys"]:
        if not rules[key]["is_retired"]:
            rules[key]["hits"] += context["hit_count"]
            rules[key]["misses"] += context["miss_count"]
            rules[key]["beyond"] += context["hard_beyond_wrong_count"]
