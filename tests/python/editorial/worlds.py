"""Random worlds of candidates and labels, with the shapes that break a rate."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
SOURCES = ("alpha", "beta", "gamma")
STRATEGIES = ("css", "sitemap")
EDITORS = ("u_ada", "u_ben", "u_cyd")
REASONS = ("not_actionable", "too_vague_or_generic", "duplicate_existing_idea")
ACTIONS = ("promoted", "promoted_after_edit", "rejected", "needs_work")
WORDS = ("make a small boat of paper and sail it", "together on the pond in spring café über straße")


def random_world(seed: int, as_of: datetime, machine: str) -> tuple[list[Row], list[Row]]:
    """Return candidates and labels: relabelled ones, ties, late and unknown candidates, clocks out of step."""
    rng = random.Random(seed)

    def instant() -> datetime:
        # Now and then exactly a window's edge, or after as_of.
        edge = rng.choice([None, None, None, None, None, 7, 30, 90, 0])
        if edge is not None:
            return as_of - timedelta(days=edge)
        return as_of - timedelta(seconds=rng.randrange(-3 * 86400, 100 * 86400))

    candidates = [
        {
            "candidate_id": f"c{number:03d}",
            "source_key": rng.choice(SOURCES),
            "source_url": f"https://example.org/{rng.choice('ab')}/{number}",
            "title": " ".join(rng.choices(" ".join(WORDS).split(), k=rng.randrange(1, 7))),
            "description": rng.choice([None, "Fold it, float it."]),
            "created_at": instant(),
            "strategy": rng.choice(STRATEGIES),
        }
        for number in range(rng.randrange(1, 60))
    ]
    labels = []
    for number in range(rng.randrange(0, 120)):
        action = rng.choice(ACTIONS)
        is_edit = action == "promoted_after_edit" and rng.random() < 0.8
        labels.append(
            {
                "label_id": f"l{rng.randrange(10**6):06d}-{number}",
                "candidate_id": rng.choice(candidates)["candidate_id"] if rng.random() < 0.95 else "nobody-knows",
                "action": action,
                "reject_reason_code": rng.choice(REASONS) if action == "rejected" else None,
                "rewrite_severity": rng.choice([None, "light", "heavy"]) if is_edit else None,
                "duplicate_confirmed": rng.choice([None, True, False]),
                "actor_user_id": machine if rng.random() < 0.1 else rng.choice(EDITORS),
                "created_at": instant(),
                "final_title": " ".join(rng.choices(" ".join(WORDS).split(), k=3))
                if is_edit and rng.random() < 0.8
                else None,
                "final_description": rng.choice([None, "Fold it. Föhn it."]) if is_edit else None,
            }
        )
    return candidates, labels
