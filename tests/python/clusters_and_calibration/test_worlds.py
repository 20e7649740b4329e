"""The random worlds are worth comparing on: they reach the edges, and their order and repetition mean nothing."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from oracle import calibration, clusters
from worlds import STARTS, random_as_of, random_world


def test_the_worlds_reach_every_verdict_on_both_sides():
    seen = Counter()
    for seed in range(300):
        rng = Random(seed)
        events = random_world(rng)
        assert 20 <= len(events) <= 150
        as_of = random_as_of(rng, events)
        for key, row in clusters(events, as_of).items():
            seen.update([key[0], f"{row['event_count']} events", f"{row['unique_users']} users", key[2][:3] == "ls_"])
            seen["captured after as_of"] += row["last_seen_at"] > as_of
            seen["over 12 events"] += row["event_count"] > 12
            seen["last week of a year"] += key[1][-3:] in ("W52", "W53")
        for key, row in calibration(events, as_of).items():
            seen.update([row["status"], row["drift_status"], (key[0], row["status"])])
            seen.update([("Brier", round(row["brier_score"], 9)), ("precision", row["precision_high_conf"])])
            seen["drift on the bar"] += round(row["drift_delta_brier"] or 0, 9) == 0.06
            seen["partly matured"] += 0 < row["matured_share"] < 1
    edges = [
        "day", "week", "3 events", "12 events", "over 12 events", "2 users", "4 users", True, False,
        "captured after as_of", "last week of a year", "healthy", "monitor", "degraded", "insufficient_history",
        ("Brier", 0.2), ("Brier", 0.3), ("precision", 0.7), ("precision", 0.55), ("precision", None),
        "drift_alert", "stable", "drift on the bar", "partly matured",
    ]  # fmt: skip
    assert [edge for edge in edges if seen[edge] < 3] == []


@pytest.mark.parametrize("seed", range(5))
def test_order_and_redelivery_change_nothing(seed):
    rng = Random(seed)
    events = random_world(rng)
    as_of = random_as_of(rng, events)
    again = rng.sample(events + events, k=2 * len(events))
    assert clusters(again, as_of) == clusters(events, as_of)
    assert calibration(again, as_of) == calibration(events, as_of)


def test_tagged_worlds_add_up():
    worlds = [random_world(Random(seed), f"w{seed}-", STARTS[-1]) for seed in range(5)]
    poured, as_of = [row for world in worlds for row in world], STARTS[-1] + timedelta(days=30)
    for recompute in (clusters, calibration):
        parts = [recompute(world, as_of) for world in worlds]
        whole = recompute(poured, as_of)
        assert whole == {key: row for part in parts for key, row in part.items()}
        assert len(whole) == sum(len(part) for part in parts)
