"""The chapter of Stage-B: runs whose rules are known to help, to hurt or to do nothing, and one run of edge cases."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from learning_loop.sample.plan import Plan, Truth

Line = dict[str, Any]

LONG_RUN, LONG_MISSION = "winter-run", "meal-photos"
GROUPS, STEPS, TICKETS_PER_STEP, REFLECTIONS_PER_GROUP = 12, 3600, 3, 1
EFFECT = 0.3
EFFECTS = {"helps": EFFECT, "hurts": -EFFECT, "does_nothing": 0.0}
# The base rate of being right rises from .3 to .65 over the run: whoever acted late looks good.
BASE_RATE, RISE = 0.3, 0.35

# What a judge of meal photos is told, by what each rule is planted to do. The names sort like their kinds and numbers.
RULES = {
    "does_nothing": ("adds-the-date", "answers-in-one-line", "begins-with-the-dish", "calls-it-a-meal"),
    "helps": ("compares-with-a-hand", "counts-each-plate", "looks-for-the-label", "names-the-unit"),
    "hurts": ("rounds-to-whole-portions", "skips-dark-photos", "takes-the-first-dish", "trusts-the-caption"),
}
# Its groups of tickets, likewise in order.
MEALS = (
    "apples", "bowls", "curries", "dumplings", "eggs", "fritters", "grills", "hotpots", "jams", "kebabs", "lentils",
    "muesli",
)  # fmt: skip

# Windows on their borders and what can happen to keys; ways into a bucket; a rule that is right and looks wrong.
EDGE_RUN = "spring-run"
LEDGER, REVIEW, WRONGED = "sets & reps", "form-videos", "voice-notes"
# What the rules of the ledger are called, by the letter that its edges go by.
LETTERS = {
    "a": "pairs-count-twice", "b": "rest-ends-a-set", "c": "ladders-count-up", "d": "count-what-moves",
    "e": "last-rep-counts", "z": "never-count-warm-ups", "unknown": "unheard-of",
}  # fmt: skip
GOOD_RULE = "reads-back-the-weight"
# What the tickets of the reviews are called, by the way that each goes.
TICKETS = {
    "right": "squat-from-the-front", "wrong-then-right": "deadlift-from-the-side",
    "always-wrong": "snatch-from-behind", "no-winner": "plank-in-the-dark", "agreed-little": "lunge-cut-in-half",
    "asked-for": "push-up-on-knees", "spoken-ill-of": "row-with-a-towel", "overridden": "pull-up-with-a-band",
    "spared": "dip-between-chairs", "failed-at-the-end": "burpee-in-a-blur", "unreadable": "jump-upside-down",
    "no-one-answered": "bridge-without-sound",
}  # fmt: skip


def write(_con: duckdb.DuckDBPyConnection, out: Path, plan: Plan) -> Truth:
    """Write the run folders below ``out/stage_b`` and return their files and what they were planted to show."""
    files: dict[str, Truth] = {}
    truth: dict[str, Any] = {}
    for mission, (lines, part) in {
        (LONG_RUN, LONG_MISSION): long_run(plan.seed),
        (EDGE_RUN, LEDGER): ledger_edges(),
        (EDGE_RUN, REVIEW): review_edges(),
        (EDGE_RUN, WRONGED): wronged_rule(),
    }.items():
        truth["/".join(mission)] = part
        for name, rows in lines.items():
            files |= _write_lines(out, mission, name, rows, is_gzip=mission[0] == LONG_RUN and name == "selections")
    started_at = plan.at(1, 2, 9 * 3600)
    files |= _write_start(out, LONG_RUN, LONG_MISSION, started_at.isoformat())
    # Of a run that has not begun at as_of nothing is seen.
    files |= _write_lines(out, ("run-tomorrow", REVIEW), "selections", review_edges()[0]["selections"])
    files |= _write_start(out, "run-tomorrow", REVIEW, (plan.as_of + timedelta(hours=5)).isoformat())
    # A run of which only the folder and its beginning are there.
    files |= _write_start(out, "run-empty", REVIEW, started_at.isoformat())
    return {"files": files, "stage_b": truth}


def long_run(seed: int, steps: int = STEPS) -> tuple[dict[str, list[Line]], Truth]:
    """Return the run of planted effects: each group is spoken about by two reflections, each of a known kind."""
    world = planted_world(seed, steps)
    selections = [
        _selection(
            f"{MEALS[group]}-{number}", "pass", LONG_MISSION, int(step), 1 + int(step) * 3 // steps,
            label_match=bool(is_hit), conflict_flag=bool(is_conflict),
        )
        for number, (step, group, is_hit, is_conflict) in enumerate(
            zip(world["step"], world["group"], world["is_hit"], world["is_conflict"], strict=True)
        )
    ]  # fmt: skip
    for line, group in zip(selections, world["group"], strict=True):
        line["group_id"] = MEALS[group]
    by_name = sorted((name, kind) for name, _, _, kind in world["reflections"])
    rules = dict(
        zip((name for name, _ in by_name), (rule for kind in sorted(RULES) for rule in RULES[kind]), strict=True)
    )
    reflections = [
        _reflection(LONG_MISSION, rules[name], at, [("upsert", rules[name], [])], [MEALS[group]], order)
        for order, (name, at, group, _) in enumerate(world["reflections"], 1)
    ]
    kinds = {rules[name]: kind for name, kind in by_name}
    return {"selections": selections, "reflection": reflections}, {"reflections": kinds}


def planted_world(seed: int, steps: int = STEPS, groups: int = GROUPS) -> dict[str, Any]:
    """Draw the tickets and reflections of a run with planted effects under a rising base rate.

    Returns:
        step, group (int64), is_hit, is_conflict (bool), a value per ticket; reflections: (name, step, group, kind) in
        the order of their steps.
    """
    rng = np.random.default_rng([seed, 6])
    step = np.repeat(np.arange(steps), TICKETS_PER_STEP)
    group = rng.integers(0, groups, len(step))
    rate = BASE_RATE + RISE * step / steps + rng.normal(0, 0.04, groups)[group]
    kinds = rng.permutation(np.resize(list(EFFECTS), groups * REFLECTIONS_PER_GROUP))
    reflections = []
    part = steps // REFLECTIONS_PER_GROUP
    for number, kind in enumerate(kinds.tolist()):
        about, turn = divmod(number, REFLECTIONS_PER_GROUP)
        at = int(rng.integers(turn * part + part // 4, (turn + 1) * part - part // 6))
        rate += np.where((group == about) & (step >= at), EFFECTS[kind], 0)
        reflections.append((f"{kind}-{number:02d}", at, about, kind))
    return {
        "step": step,
        "group": group,
        "is_hit": rng.random(len(step)) < np.clip(rate, 0.03, 0.97),
        "is_conflict": rng.random(len(step)) < 0.6,
        "reflections": sorted(reflections, key=lambda reflection: (reflection[1], reflection[0])),
    }


def ledger_edges() -> tuple[dict[str, list[Line]], Truth]:
    """Return windows on their borders and what can happen to keys."""
    steps_and_hits = [
        *[(10, True), (266, True), (267, False)],  # the window of r1 is [10, 266]: 267 is nobody's
        *[(400, False), (401, True)],  # r2 from 400 is cut short by r3 from 401
        *[(500, True), (500, False)],  # at 500 r5 is active, not r4
        (900, False),  # the last step: r8 begins there
    ]
    selections = [
        _selection(f"set-{number}", "pass", LEDGER, step, 1, label_match=is_hit, conflict_flag=True)
        for number, (step, is_hit) in enumerate(steps_and_hits)
    ]

    def told(name: str, step: int, *operations: tuple[str, str, str], about: int | None = None, **more: bool) -> Line:
        """Return a reflection on the ledger: its operations are (what, letter, letters merged from)."""
        by_name = [
            (what, LETTERS[key], [LETTERS[letter] for letter in merged.split()]) for what, key, merged in operations
        ]
        return _reflection(
            LEDGER, name, step, by_name, [] if about is None else [f"set-{about}"], int(name.removeprefix("r")), **more
        )

    reflections = [
        told("r1", 10, ("upsert", "a", ""), ("upsert", "b", ""), about=0),
        told("r2", 400, ("upsert", "c", ""), about=3),
        told("r3", 401, ("merge", "c", "a"), about=4),  # c stands: +1, and a's 2 hits
        told("r4", 500, ("remove", "b", "")),
        told("r5", 500, ("upsert", "b", ""), about=5),  # b comes back as a new rule
        told("r6", 600, ("upsert", "z", ""), applied=False),
        told("r7", 700, ("merge", "d", "c a d unknown")),  # a was merged before
        told("r8", 900, ("upsert", "e", "")),
    ]
    rules = {
        "a": (2, 0, True),
        "b": (1, 1, False),
        # 1 miss of r2's window, then +1 for the merge, a's 2 hits, 1 hit of r3's window.
        "c": (4, 1, True),
        "d": (4, 1, False),
        "e": (0, 1, False),
    }
    named = {LETTERS[letter]: counts for letter, counts in rules.items()}
    return {"selections": selections, "reflection": reflections}, {"rules": named}


def review_edges() -> tuple[dict[str, list[Line]], Truth]:
    """Return one ticket for each way into a bucket, over two epochs; some settle in the second."""
    right: Line = {"label_match": True}
    wrong: Line = {"label_match": False, "verdict": "fail"}
    nobody: Line = {"label_match": None, "verdict": None, "selected_candidate": None}
    results: list[tuple[str, str, int, Line]] = [
        ("right", "pass", 1, right),
        ("wrong-then-right", "pass", 1, wrong),
        ("wrong-then-right", "pass", 2, right),
        ("always-wrong", "pass", 1, wrong),
        ("always-wrong", "pass", 2, wrong),
        ("no-winner", "fail", 1, nobody),
        ("agreed-little", "fail", 1, {**right, "low_agreement": True, "needs_manual_review": True}),
        ("asked-for", "pass", 1, {**right, "manual_review_recommended": True}),
        ("spoken-ill-of", "pass", 1, {**right, "reflection_cycle": 3, "low_agreement": True}),
        ("overridden", "fail", 1, {**right, "warnings": ["fail_first_override"], "reason": "label outside the frame"}),
        ("spared", "pass", 1, {**right, "fail_first_exception_phrase": "not required here"}),
        ("failed-at-the-end", "pass", 1, nobody),
    ]
    selections = [
        _selection(TICKETS[name], label, REVIEW, 100 * epoch + number, epoch, **result)
        for number, (name, label, epoch, result) in enumerate(results)
    ]
    last = selections[-1]
    failures = [
        _failure(TICKETS["unreadable"], "pass", 105, "format_error"),
        _failure(TICKETS["no-one-answered"], "fail", 106, "no_candidates"),
        {**_failure(TICKETS["failed-at-the-end"], "pass", 0, "selection_error"), "global_step": last["global_step"]},
    ]
    trajectories = [
        _trajectory(line, candidate, label_match=candidate == 1)
        for line in selections
        if line["group_id"] == TICKETS["always-wrong"]
        for candidate in (0, 1)
    ]
    malformed = {
        "mission": REVIEW, "ticket_key": f"{TICKETS['spoken-ill-of']}::pass", "reflection_cycle": 3,
        "reflection_id": "broken-1",
        "error_type": "json", "error_message": "cut off; ask anna@example.org", "raw_snippet": "{" * 700,
        "global_step": 108,
    }  # fmt: skip
    lines = {
        "selections": [*selections, selections[0], {**selections[0], "mission": "another"}],
        "trajectories": trajectories,
        "failure_malformed": failures,
        "reflection_malformed": [malformed, {**malformed, "ticket_key": None, "reflection_id": "broken-2"}],
    }
    truth = {
        "buckets": {
            "failure_malformed": 3, "need_review": 4, "reflection_malformed": 1, "low_agreement": 1,
            "selection_manual_review": 1, "none": 4,
        },
        "need_review_latest": {
            f"{TICKETS[way]}::{label}": is_resolved
            for way, label, is_resolved in (
                ("wrong-then-right", "pass", True), ("always-wrong", "pass", False), ("no-winner", "fail", False),
            )
        },
        # Of 12 tickets in epoch 1, 3 failed hard: 6 right of 12, 6 of 9 without the excluded.
        "epoch_1": {"n": 12, "right": 6, "n_without_excluded": 9},
        "fail_first": {
            f"{TICKETS['overridden']}::fail": "would_have_been_spared", f"{TICKETS['spared']}::pass": "spared",
        },
    }  # fmt: skip
    return lines, truth


def wronged_rule() -> tuple[dict[str, list[Line]], Truth]:
    """Return a rule that is right on 95 % of its tickets, of which only the wrong ones are hard."""
    selections = [
        _selection(f"note-{number}", "pass", WRONGED, 10 + number, 1, label_match=number % 20 != 0)
        for number in range(100)
    ]
    reflections = [_reflection(WRONGED, "good", 10, [("upsert", GOOD_RULE, [])], ["note-0"], 1)]
    truth = {"rules": {GOOD_RULE: {"hits": 0, "misses": 5, "all_hits": 95, "drop_recommended": "undecided"}}}
    return {"selections": selections, "reflection": reflections}, truth


def _selection(group: str, label: str, mission: str, step: int, epoch: int, **result: Any) -> Line:
    head = {
        "group_id": group, "mission": mission, "ticket_key": f"{group}::{label}", "gt_label": label, "epoch": epoch,
        "epoch_step": step % 1000, "global_step": step,
    }  # fmt: skip
    filled = {"verdict": label, "reason": "as the picture shows", "selected_candidate": 0, "warnings": []} | result
    return head | {"result": filled}


def _trajectory(selection: Line, candidate: int, label_match: bool) -> Line:
    result = {"candidate_index": candidate, "verdict": "pass", "format_ok": True, "label_match": label_match}
    return {**selection, "result": result}


def _failure(group: str, label: str, step: int, reason: str) -> Line:
    key = f"{group}::{label}"
    return {
        "ticket_key": key,
        "group_id": group,
        "mission": REVIEW,
        "gt_label": label,
        "reason": reason,
        "global_step": step,
    }


def _reflection(
    mission: str,
    name: str,
    step: int,
    operations: list[tuple[str, str, list[str]]],
    evidence: list[str],
    guidance_step: int,
    applied: bool = True,
) -> Line:
    return {
        "epoch": 1,
        "global_step": step,
        "reflection": {
            "reflection_id": name,
            "mission": mission,
            "applied": applied,
            "eligible": True,
            "evidence_group_ids": evidence,
            "proposal": {
                "action": "refine",
                "operations": [{"op": op, "key": key, "merged_from": merged} for op, key, merged in operations],
            },
            "guidance_step_before": guidance_step - 1,
            "guidance_step_after": guidance_step,
        },
    }


def _write_lines(out: Path, mission: tuple[str, str], name: str, lines: Iterable[Line], is_gzip: bool = False) -> Truth:
    rows = list(lines)
    path = Path("stage_b", *mission, f"{name}.jsonl{'.gz' if is_gzip else ''}")
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    # mtime 0: the same world is the same bytes.
    (out / path).write_bytes(gzip.compress(text, 6, mtime=0) if is_gzip else text)
    folder = mission[1]
    mismatched = sum(row.get("mission", folder) != folder for row in rows)
    again = len(rows) - mismatched - len({json.dumps(row) for row in rows if row.get("mission", folder) == folder})
    quarantined = {"mission_mismatch": mismatched} if mismatched else {}
    return {str(path): _counts(len(rows), again, quarantined)}


def _write_start(out: Path, run_id: str, mission: str, started_at: str) -> Truth:
    path = Path("stage_b", run_id, mission, "run.json")
    (out / path).parent.mkdir(parents=True, exist_ok=True)
    (out / path).write_text(json.dumps({"started_at": started_at, "host": "sample"}, indent=2) + "\n", "utf-8")
    return {str(path): _counts(1, 0, {})}


def _counts(rows: int, again: int, quarantined: dict[str, int]) -> Truth:
    kept = rows - again - sum(quarantined.values())
    return {"rows_in": rows, "kept": kept, "redelivered": again, "ignored": 0, "quarantined": quarantined}
