"""Every reason rule of every feed: a row that is good but for the field that a rule names is quarantined for just that.

The rules are read from the compiled models, so one without a case fails. A good row of each feed is written by hand.
"""

from __future__ import annotations

import copy
import re
import shutil
from typing import Any

import pytest

from house import LOADING, House, manifest
from learning_loop.landing.folder import known_feeds

AS_OF = "2026-02-16T02:00:00+00:00"
AT = "2026-02-10T10:00:00Z"
TICKET = {
    "mission": "m",
    "ticket_key": "t::pass",
    "group_id": "t",
    "gt_label": "pass",
    "global_step": 3,
    "timestamp": AT,
}
RESULT = {"verdict": "pass", "reason": "seen", "label_match": True, "selected_candidate": 0}
REFLECTION = {
    "reflection_id": "r1", "mission": "m", "applied": True, "evidence_group_ids": ["t"],
    "proposal": {"action": "refine", "operations": [{"op": "upsert", "key": "k1"}]},
}  # fmt: skip
GOOD: dict[str, dict[str, Any]] = {
    "events": {
        "event_id": "e1", "event_type": "learning.signal.logged", "timestamp": AT,
        "data": {"signal_type": "repair_proposed", "user_ref": {"pseudonymized_user_id": "u"}},
    },
    "ingest_candidates": {
        "id": "c1", "source_key": "s", "source_url": "https://example.org/1", "title": "Build a boat", "created_at": AT,
    },
    "ingest_editor_labels": {
        "id": "l1", "candidate_id": "c1", "action": "promoted", "actor_user_id": "u", "created_at": AT,
    },
    "ingest_source_registry": {"source_key": "s", "state": "active", "updated_at": AT},
    "ingest_runs": {"id": "r1", "source_key": "s", "started_at": AT, "status": "success"},
    "quality_flags": {"candidate_id": "c1", "flag": "safety", "raised_at": AT, "raised_by": "u"},
    "score_overrides": {
        "override_id": "o1", "candidate_id": "c1", "visibility": "hidden", "actor": "ann", "created_at": AT,
    },
    "source_overrides": {"override_id": "o1", "source_key": "s", "action": "pause", "actor": "ann", "created_at": AT},
    "suggestion_decisions": {
        "decision_id": "sd1", "suggestion_id": "ts_1", "decision": "refuse", "actor": "ann", "decided_at": AT,
    },
    "ingest_experiments": {
        "id": "x1", "name": "n", "hypothesis": "h", "status": "running", "started_at": AT, "updated_at": AT,
    },
    "ingest_experiment_assignments": {
        "experiment_id": "x1", "candidate_id": "c1", "arm": "control", "assigned_at": AT,
    },
    "ingest_tuning_changes": {
        "id": "t1", "source_key": "s", "config_version": "v1", "approved_by": "ann", "applied_at": AT,
        "deployment_mode": "full",
    },
    "stage_b_selections": TICKET | {"epoch": 1, "result": RESULT},
    "stage_b_trajectories": TICKET | {"epoch": 1, "result": RESULT | {"candidate_index": 0, "format_ok": True}},
    "stage_b_reflections": {"mission": "m", "global_step": 3, "epoch": 1, "timestamp": AT, "reflection": REFLECTION},
    "stage_b_failure_malformed": TICKET | {"reason": "format_error"},
    "stage_b_reflection_malformed": {"mission": "m", "global_step": 3, "timestamp": AT},
    "stage_b_runs": {"started_at": AT},
    "stage_b_review_labels": {
        "review_id": "1", "run_id": "r", "mission": "m", "ticket_key": "g::pass", "label": "pass", "actor_user_id": "u",
        "reviewed_at": AT,
    },
    "backlog_decisions": {
        "decision_id": "d1", "candidate_key": "k", "decision": "approve", "actor": "ann", "decided_at": AT,
    },
    "checklist_updates": {
        "update_id": "u1", "candidate_key": "k", "step_id": "regression_test_implementation", "status": "completed",
        "actor": "ann", "updated_at": AT,
    },
    "shadow_evaluations": {
        "evaluation_id": "v1", "candidate_key": "k", "experiment_id": "x1", "verdict": "pass", "evaluated_at": AT,
    },
    "erasures": {"erasure_id": "x1", "tombstones": ["0" * 64], "actor": "ann", "created_at": AT},
}  # fmt: skip
LINES = {
    "stage_b_selections": "selections", "stage_b_trajectories": "trajectories", "stage_b_reflections": "reflection",
    "stage_b_failure_malformed": "failure_malformed", "stage_b_reflection_malformed": "reflection_malformed",
}  # fmt: skip
# What spoils a field for a reason, and what is still good: the first value is bad, others are just within the rule.
SPOILT: dict[str, list[Any]] = {
    "missing_field": [None],
    "wrong_type": [{"is": "x"}],
    "id_too_long": ["ж" * 257, "ж" * 256],  # characters, not bytes
    "unknown_value": ["moon"],
    "unreadable_instant": ["yesterday"],
    "instant_before_2000": ["1999-12-31T23:59:59.999999Z", "2000-01-01T00:00:00Z"],
    "confidence_out_of_range": [1.0001, 1, 0],
}
CASES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("id_too_long", "candidate_key"): [{"candidate_key": "ж" * 1025}, {"candidate_key": "ж" * 1024}],
    ("missing_field", "candidate_key or experiment_id"): [
        {"candidate_key": None, "experiment_id": None}, {"experiment_id": None}, {"candidate_key": None},
    ],
    ("wrong_type", "reflection.proposal.operations.key"): [
        {"reflection.proposal.operations": [{"op": "upsert", "key": {"is": "x"}}]}
    ],
    ("wrong_type", "reflection.proposal.operations"): [{"reflection.proposal.operations": "many"}],
    ("missing_reject_reason", "reject_reason_code"): [
        {"action": "rejected"}, {"action": "rejected", "reject_reason_code": "not_actionable"},
    ],
    ("mission_mismatch", "the line names another mission than its folder"): [{"mission": "other"}],
    ("mission_mismatch", "the reflection names another mission than its folder"): [{"reflection.mission": "other"}],
    ("id_too_long", "reflection.proposal.operations.key"): [
        {"reflection.proposal.operations": [{"op": "upsert", "key": "ж" * size}]} for size in (257, 256)
    ],
    ("unknown_value", "reflection.proposal.operations.op"): [
        {"reflection.proposal.operations": [{"op": "moon", "key": "k"}]}
    ],
    ("wrong_type", "reflection.proposal.operations.merged_from"): [
        {"reflection.proposal.operations": [{"op": "merge", "key": "k", "merged_from": keys}]} for keys in ("j", ["j"])
    ],
}  # fmt: skip
# Of a key, its group and its label each follows from the others; of an experiment any instant says when.
ALONE: dict[tuple[str, str, str], list[dict[str, Any]]] = {
    ("ingest_experiments", "missing_field", "updated_at"): [
        {"started_at": None, "updated_at": None}, {"started_at": None}, {"updated_at": None},
    ],
} | {
    (feed, "missing_field", field): cases
    for feed in ("stage_b_selections", "stage_b_trajectories", "stage_b_failure_malformed")
    for field, cases in {
        "ticket_key": [{"ticket_key": None, "group_id": None}, {"ticket_key": None}],
        "group_id": [{"ticket_key": "::pass", "group_id": None}, {"group_id": None}],
        "gt_label": [{"ticket_key": "t", "gt_label": None}, {"gt_label": None}],
    }.items()
}  # fmt: skip
BY_OTHER_TESTS = {"events"}  # its unit tests take each side of every rule


def changed(row: dict[str, Any], difference: dict[str, Any]) -> dict[str, Any]:
    row = copy.deepcopy(row)
    for path, value in difference.items():
        *folders, name = path.split(".")
        place = row
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return row


def cases_of(feed: str, reason: str, detail: str) -> list[dict[str, Any]]:
    """Return what to change in a good row: the first difference breaks the rule, the others only just keep it."""
    if alone := ALONE.get((feed, reason, detail)):
        return alone
    if (reason, detail) in CASES:
        return CASES[reason, detail]
    path, _, what = detail.partition(" is ")
    bad, *good = SPOILT[reason]
    if what.startswith("no "):
        bad = "many"
    return [{path: value} for value in (bad, *good)]


def place(feed: str, number: int) -> tuple[str, str]:
    """Return the folder and the file of a case: each has one of its own."""
    if feed == "stage_b_runs":
        return f"stage_b/run-{number}", "run.json"
    if feed in LINES:
        return f"stage_b/run-{number}/m", f"{LINES[feed]}.jsonl"
    return feed, f"{number}.jsonl"


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """The rules, the case (feed, reason, detail, difference) of each file, and what a night found in each file."""
    root = tmp_path_factory.mktemp("reasons")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        house = House(root, select=LOADING)
        house.look = lambda work_dir: shutil.copytree(work_dir / "target/compiled", root / "compiled")
        house.night(AS_OF)  # an empty one, to compile the rules
        house.look = lambda work_dir: None
        compiled = root / "compiled/learning_loop"
        rules = {
            (node.config.meta["feed"], *found)
            for node in manifest().nodes.values()
            if node.resource_type == "model" and node.config.materialized == "landing_feed"
            for found in re.findall(
                r"'reason_code': '(\w+)', 'detail': '([^']+)'", (compiled / node.original_file_path).read_text()
            )
        }
        asked = [(feed, None, None, {}) for feed in GOOD]
        for feed, reason, detail in sorted(rules):
            if feed not in BY_OTHER_TESTS:
                bad, *good = cases_of(feed, reason, detail)
                asked += [(feed, reason, detail, bad), *((feed, None, None, difference) for difference in good)]
        files = {}
        for number, (feed, reason, detail, difference) in enumerate(asked):
            folder, name = place(feed, number)
            path = house.land(name, [changed(GOOD[feed], difference)], feed=folder)
            files[str(path.relative_to(house.landing))] = (feed, reason, detail, difference)
        house.night("2026-02-17T02:00:00+00:00")
    found = {file: (None, None) for file in files}
    found |= {
        file: (reason, detail)
        for file, reason, detail in house.query("select source_file, reason_code, detail from quarantined_rows")
    }
    return rules, files, found


def test_an_object_where_an_id_or_a_text_is_due_is_a_wrong_type_in_every_field_of_every_feed(judged):
    rules, _, _ = judged
    lacking = [
        f"{feed.name}.{field.path}"
        for feed in known_feeds()
        for field in feed.fields
        if field.kind in ("id", "text", "choice") and (feed.name, "wrong_type", field.path) not in rules
    ]
    assert not lacking


def test_every_rule_catches_what_it_names_and_nothing_that_just_keeps_it(judged):
    rules, files, found = judged
    assert len(rules) > 200
    wrong = [
        f"{feed}: {difference} is {found[file]}, not {(reason, detail)}"
        for file, (feed, reason, detail, difference) in files.items()
        # Of two good rows of one identity the second is a conflict: a row all the same.
        if found[file] != (reason, detail) and not (reason is None and found[file][0] == "conflicting_redelivery")
    ]
    assert not wrong, "\n".join(wrong)
