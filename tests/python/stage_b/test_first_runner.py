"""Run folders as the first runner writes them, failures that say no epoch, other words, and answers of reviewers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from house import STAGE_B, House
from learning_loop.stage_b.cli import app

AS_OF = "2026-02-16T02:00:00+00:00"
MISSION = "挡风板安装检查"


def selection(key: str, epoch: int, step: int, cycle: int, **result: Any) -> dict[str, Any]:
    group, label = key.split("::")
    verdict = result.get("verdict", label)
    return {
        "group_id": group,
        "mission": MISSION,
        "result": {
            "verdict": verdict,
            "reason": "看得清楚",
            "vote_strength": 1.0,
            "label_match": verdict == label,
            "selected_candidate": 0,
            "guidance_step": cycle + 1,
            "reflection_change": None,
            "reflection_cycle": cycle,
            "manual_review_recommended": False,
            "eligible": None,
            "ineligible_reason": None,
            "warnings": [],
            "conflict_flag": verdict != label,
            "needs_manual_review": False,
            "low_agreement": False,
        }
        | result,
        "epoch": epoch,
        "epoch_step": step,
        "global_step": step,
        "ticket_key": key,
        "gt_label": label,
    }


def trajectory(key: str, epoch: int, candidate: int, verdict: str, reason: str = "看得清楚") -> dict[str, Any]:
    group, label = key.split("::")
    return {
        "group_id": group,
        "mission": MISSION,
        "reflection_cycle": 0,
        "guidance_step": 1,
        "result": {
            "candidate_index": candidate,
            "decode": {"temperature": 0.7, "top_p": 0.9, "max_new_tokens": 512, "seed": 17, "stop": []},
            "text": f"Verdict: {verdict}",
            "verdict": verdict,
            "reason": reason,
            "format_ok": True,
            "created_at": "2026-01-03T09:00:00+00:00",
            "warnings": [],
            "label_match": verdict == label,
        },
        "epoch": epoch,
        "ticket_key": key,
        "gt_label": label,
    }


def failure(key: str, reason: str, **more: Any) -> dict[str, Any]:
    group, label = key.split("::")
    return {"ticket_key": key, "group_id": group, "mission": MISSION, "gt_label": label, "reason": reason} | more


def reflection(name: str, before: int, operations: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    written = [
        {"op": "upsert", "key": None, "text": "x", "rationale": None, "evidence": [], "merged_from": None} | operation
        for operation in operations
    ]
    return {
        "epoch": 1,
        "reflection": {
            "reflection_id": name,
            "mission": MISSION,
            "proposal": {
                "action": "refine" if operations else "noop",
                "summary": None,
                "critique": None,
                "text": None,
                "operations": written,
                "hypotheses": [],
                "evidence_group_ids": ["t2::fail"],
                "uncertainty_note": None,
                "no_evidence_group_ids": [],
            },
            "eligible": True,
            "applied": True,
            "guidance_step_before": before,
            "guidance_step_after": before + 1,
            "ineligible_reason": None,
            "warnings": [],
            "trace": {"batch_size": 4},
        }
        | more,
    }


# Four tickets in two epochs, a step each. t3 fails in the first epoch, t4 in both, by different ways.
SELECTIONS = [
    selection("t1::pass", 1, 1, 0),
    selection("t2::fail", 1, 2, 0, verdict="pass"),
    selection("t1::pass", 2, 5, 1),
    selection("t2::fail", 2, 6, 1, warnings=["fail_first_override"], reason="fail first", selected_candidate=1),
    selection("t3::pass", 2, 7, 1, verdict="fail"),
]
TRAJECTORIES = [
    trajectory("t2::fail", 1, 0, "pass"),
    trajectory("t2::fail", 1, 1, "fail"),
    trajectory("t2::fail", 2, 1, "pass", "the label is outside the frame"),
]
FAILURES = [
    failure("t3::pass", "format_error", raw_text="?"),
    failure("t4::pass", "no_candidates", raw_text=None),
    failure("t4::pass", "selection_error: No valid candidates after filtering"),
]
REFLECTIONS = [
    reflection("r1", 1, [{}, {"key": "G3", "evidence": ["t2::fail"]}]),
    reflection("r2", 2, []),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    patch = pytest.MonkeyPatch()
    patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
    patch.delenv("LEARNING_LOOP_WAREHOUSE", raising=False)
    house = House(tmp_path_factory.mktemp("first_runner"), select=STAGE_B)
    original = f"stage_b/original/{MISSION}"
    house.land("selections.jsonl", SELECTIONS, feed=original)
    house.land("trajectories.jsonl", TRAJECTORIES, feed=original)
    house.land("failure_malformed.jsonl", FAILURES, feed=original)
    house.land("reflection.jsonl", REFLECTIONS, feed=original)
    # Two tickets, two epochs, one always failing; the selection of an epoch comes after the failure.
    for number, (epoch, step) in enumerate([(1, 1), (2, 3)]):
        head = {"epoch": epoch, "global_step": step}
        house.land(
            f"selections-{number}.jsonl", [selection("b::pass", epoch, step + 1, 0)], f"stage_b/epochs/{MISSION}"
        )
        house.land(
            f"trajectories-{number}.jsonl",
            [trajectory("a::pass", epoch, 0, "pass") | head],
            f"stage_b/epochs/{MISSION}",
        )
        house.land(
            f"failure_malformed-{number}.jsonl",
            [failure("a::pass", "format_error", global_step=step)],
            f"stage_b/epochs/{MISSION}",
        )
    words = [
        selection("c::fail", 1, 1, 0, verdict=" 不通过 ", label_match=True),
        selection("d::pass", 1, 2, 0, verdict="FAIL"),
    ]
    house.land(
        "selections.jsonl", [*words, selection("e::pass", 1, 3, 0, verdict="unclear")], f"stage_b/words/{MISSION}"
    )
    for run, day in (("run-9", "02"), ("run-10", "05")):
        house.land(
            "selections.jsonl", [selection("t::pass", 1, 1, 0, verdict="fail", reason=run)], f"stage_b/{run}/order"
        )
        for line in (house.landing / f"stage_b/{run}/order/selections.jsonl",):
            line.write_text(line.read_text("utf-8").replace(MISSION, "order"), "utf-8")
        (house.landing / f"stage_b/{run}/order/run.json").write_text(
            json.dumps({"started_at": f"2026-02-{day}T00:00:00Z"})
        )
    answer = {"run_id": "original", "mission": MISSION, "label": "fail", "reviewed_at": "2026-02-15T09:00:00Z"}
    house.land(
        "answers.jsonl",
        [
            answer
            | {
                "review_id": "1",
                "ticket_key": "t3::pass",
                "actor_user_id": "bea@example.org",
                "note": "ask 0151 234567",
            },
            answer | {"review_id": "2", "ticket_key": "t2::fail", "actor_user_id": "bea@example.org", "label": "maybe"},
        ],
        feed="stage_b_review_labels",
    )
    house.night(AS_OF)
    patch.undo()
    return house


ORIGINAL = "run_id = 'original'"


def test_a_folder_of_the_first_runner_loads_whole(house: House) -> None:
    found = house.query("select feed, source_file, reason_code, detail from quarantined_rows order by all")
    assert [(feed, reason, detail) for feed, _, reason, detail in found] == [
        ("stage_b_review_labels", "unknown_value", "label"),
        ("stage_b_selections", "unknown_value", "result.verdict"),
    ]
    assert not [file for _, file, _, _ in found if file.startswith("stage_b/original/")]
    reasons = house.query(f"select ticket_key, reason from stage_b_failure_malformed where {ORIGINAL} order by all")
    assert reasons == [("t3::pass", "format_error"), ("t4::pass", "no_candidates"), ("t4::pass", "selection_error")]


def test_a_hard_failure_without_a_step_falls_in_an_epoch_that_lacks_its_ticket(house: House) -> None:
    metrics = f"select epoch, n, right_count, failure_malformed_count from stage_b_metrics where {ORIGINAL} order by 1"
    assert house.query(metrics) == [(1, 4, 1, 2), (2, 4, 2, 1)]


def test_a_hard_failure_falls_in_the_epoch_of_its_trajectories(house: House) -> None:
    assert house.query("select epoch, n, acc from stage_b_metrics where run_id = 'epochs' order by 1") == [
        (1, 2, 0.5),
        (2, 2, 0.5),
    ]


def test_a_reflection_without_a_step_or_a_key_opens_its_window_and_one_without_operations_does_not(
    house: House,
) -> None:
    credit = house.query(
        "select reflection_id, start_global_step, rule_keys, unkeyed_operations, is_noop, hit_count, miss_count"
        f" from stage_b_feedback_credit where {ORIGINAL} order by 1"
    )
    assert credit == [("r1", 2, ["G3"], 1, False, 1, 2), ("r2", 7, [], 0, True, 0, 0)]
    assert house.query(f"select evidence_group_ids from stage_b_rule_uplift where {ORIGINAL}") == [(["t2"],)]


def test_verdicts_in_other_words_count_and_unknown_ones_are_loud(house: House) -> None:
    assert house.query("select n, right_count, fp, fn from stage_b_metrics where run_id = 'words'") == [(2, 1, 0, 1)]


def test_the_winners_own_reason_is_looked_at_and_candidates_without_a_step_are_found(house: House) -> None:
    assert house.query(
        f"select ticket_key, seed_phrase, audit_verdict from stage_b_fail_first_audit where {ORIGINAL}"
    ) == [("t2::fail", "outside the frame", "would_have_been_spared")]
    supports = (
        f"select any_candidate_supports from stage_b_need_review_queue where {ORIGINAL} and ticket_key = 't2::fail'"
    )
    assert house.query(supports) == [(True,)]


def test_an_answer_resolves_its_ticket_and_names_nobody(house: House) -> None:
    answered = (
        "select ticket_key, is_resolved, resolved_by, review_label, reviewer_id from stage_b_need_review_latest"
        f" where {ORIGINAL} order by 1"
    )
    (wrong_once, *selected), (_, *reviewed, reviewer) = house.query(answered)
    assert (wrong_once, *selected[:2]) == ("t2::fail", True, "selection")
    assert reviewed == [True, "review", "fail"]
    assert reviewer.startswith("u_")
    stored = house.query("select note, raw_row from staging.stg_stage_b_review_labels, quarantined_rows")
    assert "bea" not in str(stored) and "234567" not in str(stored)


def exported(house: House, out: Path, *more: str) -> dict[str, bytes]:
    arguments = ["export", "--out", str(out), "--warehouse", str(house.warehouse), *more]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return {path.name: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_the_latest_of_a_ticket_is_of_the_run_that_began_last(house: House, tmp_path: Path) -> None:
    document = json.loads(exported(house, tmp_path, "--mission", "order")["need_review.json"])
    assert document["latest_by_ticket"]["t::pass"]["run_id"] == "run-10"
    assert document["all_history"] == document["items"] and len(document["items"]) == 2


def test_guidance_and_tasks_are_the_same_bytes_each_time_and_hold_what_waits(house: House, tmp_path: Path) -> None:
    arguments = ["--mission", MISSION, "--run", "original", "--guidance", "--tasks"]
    files = exported(house, tmp_path / "once", *arguments)
    assert files == exported(house, tmp_path / "twice", *arguments)
    rule = json.loads(files["guidance.json"])[MISSION]["metadata"]["G3"]
    assert (rule["hit_count"], rule["miss_count"], rule["advice"]) == (1, 2, "undecided")
    assert rule["reason"].startswith("Nothing can be told")
    # t2 was right later and t3 was answered: nothing waits.
    assert json.loads(files["label_studio_tasks.json"]) == json.loads(files["argilla_records.json"]) == []
    waiting = exported(house, tmp_path / "words", "--mission", MISSION, "--run", "words", "--tasks")
    task, record = (json.loads(waiting[name])[0] for name in ("label_studio_tasks.json", "argilla_records.json"))
    named = {"run_id": "words", "mission": MISSION, "ticket_key": "d::pass"}
    assert task["meta"] == record["metadata"] == named
    assert task["predictions"][0]["result"][0]["value"] == {"choices": ["fail"]}
    assert record["suggestions"]["label"]["value"] == "fail"
