"""What a person decides: judged at once by the rules of the night, and landed as one new line."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from learning_loop.backlog.foresight import Backlog
from learning_loop.backlog.steps import COMMANDS
from learning_loop.errors import WrongUse
from learning_loop.landing.decisions import OLD_DATA, is_old, new_id, recorded_by
from learning_loop.terminal import instant_text

RULES = {
    "not_an_approver": "{actor} is not in the seed of approvers, so the decision would be listed as rejected.",
    "unknown_candidate": "No run had written {key} at {at}: there is no candidate to decide on.",
    "not_allowed_when_candidate": "{key} is a candidate: it can be approved or dismissed.",
    "not_allowed_when_approved": "{key} is approved: it can be promoted, dismissed or reopened.",
    "not_allowed_when_dismissed": "{key} is dismissed: it can be reopened.",
    "not_allowed_when_promoted": "{key} is promoted: it can be reopened.",
    "checklist_incomplete": "{key} cannot be promoted before its checklist is complete. Missing: {missing}. How: {how}",
}
STEPS_OF_OTHERS = {
    "human_approval_gate": "It opens only by an approve: learning-loop backlog approve KEY --by WHO.",
    "root_cause_hypothesis_attached": "It completes itself, once the candidate carries a hypothesis.",
    "invariant_policy_mapping": "It completes itself, once the candidate names invariants or policies.",
    "regression_test_plan": "It completes itself, once the candidate names regression tests.",
    "shadow_re_evaluation": "It is complete while the latest row of shadow_evaluations on this key passes:"
    " learning-loop shadow record pass KEY.",
}


@dataclass(frozen=True)
class Foreseen:
    """What a decision will change on the next night."""

    key: str
    status_before: str
    status_after: str
    pending_steps: list[str]
    row: dict[str, Any]
    now_refused: list[str] = field(default_factory=list)


def decision_row(key: str, decision: str, actor: str, at: datetime, **optional: str | None) -> dict[str, Any]:
    """Return a row of the feed backlog_decisions; ``optional``: reason, issue_ref, snooze_until."""
    given = {name: value for name, value in optional.items() if value}
    head = {"decision_id": new_id("dec", at), "candidate_key": key, "decision": decision, "actor": actor}
    return head | {"decided_at": instant_text(at), "recorded_by": recorded_by()} | given


def update_row(key: str, step: str, status: str, actor: str, at: datetime, evidence: str) -> dict[str, Any]:
    """Return a row of the feed checklist_updates."""
    head = {"update_id": new_id("upd", at), "candidate_key": key, "step_id": step, "status": status, "actor": actor}
    return head | {"updated_at": instant_text(at), "evidence": evidence, "recorded_by": recorded_by()}


def judge_decision(backlog: Backlog, row: dict[str, Any]) -> Foreseen:
    """Return what a decision will change.

    Raises:
        WrongUse: the rules refuse it; the message names the rule and what is missing.
    """
    at = datetime.fromisoformat(row["decided_at"])
    key = row["candidate_key"]
    before, refused_before = _before(backlog, key, at)
    backlog.foresee(at, ("backlog_decisions", row), key)
    refused = _refused(backlog, key)
    if own := refused.get(row["decision_id"]):
        rule = RULES[own["reason_code"]].format(
            key=key, actor=row["actor"], at=row["decided_at"], missing=", ".join(own["missing_steps"] or []),
            how="; ".join(commands_of(own["missing_steps"] or [], key)),
        )  # fmt: skip
        raise WrongUse(f"Refused, nothing was recorded ({own['reason_code']}). {rule}")
    if not backlog.rows("select 1 from temp.stg_backlog_decisions where decision_id = ?", row["decision_id"]):
        raise WrongUse(
            "Refused, nothing was recorded: the row would be quarantined. Check the lengths and the instants."
        )
    after = _state(backlog, key)
    later = [name for name in refused if name not in refused_before]
    return Foreseen(key, before, after, pending_steps(backlog, key), row, later)


def judge_update(backlog: Backlog, row: dict[str, Any]) -> Foreseen:
    """Return what a checklist update will change.

    Raises:
        WrongUse: the step is not completed by an update, or there is no such candidate.
    """
    at = datetime.fromisoformat(row["updated_at"])
    key = row["candidate_key"]
    if row["step_id"] in STEPS_OF_OTHERS:
        raise WrongUse(f"Refused, nothing was recorded ({row['step_id']}). {STEPS_OF_OTHERS[row['step_id']]}")
    if row["step_id"] != "regression_test_implementation":
        raise WrongUse(f"There is no step {row['step_id']}. By hand: regression_test_implementation.")
    backlog.foresee(at, ("checklist_updates", row), key)
    status = _state(backlog, key)
    if status == "unknown":
        raise WrongUse(
            f"Refused, nothing was recorded (unknown_candidate). {RULES['unknown_candidate'].format(key=key, at=at)}"
        )
    if not backlog.rows("select 1 from temp.stg_checklist_updates where update_id = ?", row["update_id"]):
        raise WrongUse(
            "Refused, nothing was recorded: the row would be quarantined. Check the lengths and the instants."
        )
    return Foreseen(key, status, status, pending_steps(backlog, key), row)


def commands_of(steps: list[str], key: str) -> list[str]:
    """Return what completes these steps of a key, as lines to paste but for the words in capitals."""
    return [COMMANDS[step].format(key=shlex.quote(key)) for step in steps if step in COMMANDS]


def next_commands(status: str, pending_steps: list[str], key: str) -> list[str]:
    """Return what a person can do with a candidate of a status, as lines to paste but for the words in capitals."""
    quoted = shlex.quote(key)
    if status == "candidate":
        return [
            f"learning-loop backlog approve {quoted} --by WHO --reason WHY",
            f"learning-loop backlog dismiss {quoted} --by WHO --reason WHY",
        ]
    if status == "approved":
        return commands_of(pending_steps, key) or [f"learning-loop backlog promote {quoted} --by WHO --issue-ref ISSUE"]
    return [f"learning-loop backlog reopen {quoted} --by WHO --reason WHY"] if status == "dismissed" else []


def default_instant(backlog: Backlog, key: str, now: datetime) -> datetime:
    """Return when a decision without --at is made: now, or just after the last night of old data.

    It lies after all that was landed on the key, so that approve, check and promote can follow each other.
    """
    old = is_old(backlog.last_as_of, now)
    at, tick = (backlog.last_as_of, timedelta(seconds=1)) if old else (now, timedelta(microseconds=1))
    latest = backlog.rows(
        """
        select max(instant) as instant from (
            select candidate_key, decided_at as instant from temp.stg_backlog_decisions
            union all select candidate_key, updated_at from temp.stg_checklist_updates
            union all select candidate_key, evaluated_at from temp.stg_shadow_evaluations
        ) as said
        left join intermediate.int_backlog__short_keys as short_keys on lower(said.candidate_key) = short_keys.short_key
        where $1 in (said.candidate_key, short_keys.candidate_key) and instant <= $2
        """,
        key,
        at + OLD_DATA,
    )[0]["instant"]
    start = max(at, latest.astimezone(UTC)) if latest else at
    return start + tick if old or start > now else start


def pending_steps(backlog: Backlog, key: str) -> list[str]:
    """Return the steps that a candidate lacks, in order."""
    rows = backlog.rows(
        "select step_id from temp.learning_backlog_checklist where candidate_key = ? and status = 'pending'"
        " order by step_position",
        key,
    )
    return [row["step_id"] for row in rows]


def _before(backlog: Backlog, key: str, at: datetime) -> tuple[str, set[str]]:
    """Return the state of a key, and which decisions on it are refused, before another one is made."""
    if not backlog.is_of_the_night:
        backlog.foresee(at, key=key)
    return _state(backlog, key), set(_refused(backlog, key))


def _state(backlog: Backlog, key: str) -> str:
    rows = backlog.rows(
        "select status from temp.int_backlog__steps"
        " where candidate_key = ? and entry_kind = 'close' and status is not null",
        key,
    )
    return rows[0]["status"] if rows else "unknown"


def _refused(backlog: Backlog, key: str) -> dict[str, dict[str, Any]]:
    rows = backlog.rows("select * from temp.rejected_decisions where candidate_key = ?", key)
    return {row["decision_id"]: row for row in rows}
