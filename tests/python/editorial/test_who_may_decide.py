"""Who may decide is judged as of the decision: naming people for a role changes nothing of what was decided before."""

from __future__ import annotations

from typing import Any


def pause(source: str, actor: str, at: str) -> dict[str, Any]:
    return {"override_id": source, "source_key": source, "action": "pause", "actor": actor,
            "override_reason": "known to the team", "created_at": f"{at} 00:00:00+00"}  # fmt: skip


def test_naming_the_first_admin_leaves_the_pauses_made_before_in_force(world: Any) -> None:
    world.store("source_overrides", [pause("before", "anyone", "2026-02-01"), pause("after", "anyone", "2026-02-10")])
    world.connection.execute("insert into policy.approvers values ('dora', 'admin', '2026-02-10', 'named')")
    world.compute(
        "int_policy__approvals", "int_editorial__overrides", "int_editorial__source_states", "rejected_overrides"
    )
    assert world.rows("select source_key from intermediate.int_editorial__source_states where is_paused") == [
        ("before",)
    ]
    assert world.rows("select subject_key from main.rejected_overrides") == [("after",)]
