"""Why something is, or is not, in the backlog; and all that is known of one candidate."""

from __future__ import annotations

import json
from typing import Any

from learning_loop.backlog.foresight import Backlog
from learning_loop.errors import WrongUse
from learning_loop.terminal import json_value

VERDICTS = {
    "written": "it is in the backlog",
    "filtered_noise": "noise: {missed_guardrail} is {bar_value:g}, it measured {measured_value:g}",
    "duplicate_in_run": "another proposal of the same key and run was stronger",
    "already_approved": "a person approved it, or the class under its other status: a run changes nothing of it",
    "already_promoted": "a person promoted it, or the class under its other status: a run changes nothing of it",
    "still_dismissed": "a person dismissed it, and nothing has brought it back: it takes a later week, and either a"
    " snooze that passed or more than before ({missed_guardrail}: {measured_value:g}, the bar is {bar_value:g})",
    "limited_by_source": "its source had only {bar_value:g} slots that night, and it was number {measured_value:g}",
    "limited_by_run": "the run had only {bar_value:g} slots, and it was number {measured_value:g}",
}
WITHIN_CHANCE = (
    "noise: no alarm of the stream stands; its matured weeks are within chance, or too few: see extraction_drift_alarms"
)
BUCKETS = {
    "filtered_low_confidence": "no cluster: all of its {total_signals} signals had low confidence",
    "filtered_min_support": "no cluster: {event_count} events count, {min_support} are the least",
    "filtered_unique_users": "no cluster: {unique_users} people, {min_unique_users} are the least",
    "cluster": "a cluster of that week",
}


def find_key(backlog: Backlog, prefix: str) -> str:
    """Return the one candidate key that is called so, or that begins so; its short key may be cut as well.

    Raises:
        WrongUse: none does, or several do.
    """
    rows = backlog.rows(
        """
        select candidate_key, candidate_key = $1 or short_key = lower($1) as is_named
        from temp.learning_backlog_candidates
        where starts_with(candidate_key, $1) or starts_with(short_key, lower($1))
        order by candidate_key
        """,
        prefix,
    )
    keys: list[str] = [row["candidate_key"] for row in rows]
    named: list[str] = [row["candidate_key"] for row in rows if row["is_named"]]
    if named or len(keys) == 1:
        return (named or keys)[0]
    if not keys:
        raise WrongUse(
            f"No candidate's key begins with {prefix} (unknown_candidate). Why: learning-loop backlog why {prefix}"
        )
    raise WrongUse(f"{len(keys)} keys begin with {prefix}: {', '.join(keys[:5])}. Write more of one.")


def describe(backlog: Backlog, key: str) -> dict[str, Any]:
    """Return all that is known of a candidate, JSON-able."""
    row = backlog.rows("from temp.learning_backlog_candidates where candidate_key = ?", key)[0]
    history = backlog.rows("from temp.learning_backlog_history where candidate_key = ? order by state_number", key)
    verdicts = backlog.rows(
        "select run_id, source_period_key, verdict, priority_score, missed_guardrail, measured_value, bar_value,"
        " reopens_because from main.learning_backlog_verdicts where candidate_key = ? order by proposed_at desc",
        key,
    )
    regressions = backlog.rows(
        "from temp.learning_backlog_regressions where candidate_key = ? order by period_starts_on", key
    )
    effects = backlog.rows("from main.fix_effects where candidate_key = ? order by promoted_at", key)
    refused = backlog.rows("from temp.rejected_decisions where candidate_key = ? order by decided_at, decision_id", key)
    told = {name: json_value(value) for name, value in row.items()}
    for name, rows in (
        ("history", history),
        ("verdicts", verdicts),
        ("regressions", regressions),
        ("fix_effects", effects),
        ("rejected", refused),
    ):
        told[name] = [{column: json_value(value) for column, value in entry.items()} for entry in rows]
    return told


def explain(backlog: Backlog, what: str) -> list[dict[str, Any]]:
    """Return one answer per key that a signature, class or beginning of a key stands for; else what is known of it.

    What is called exactly so comes alone; if nothing is, whatever begins so or has it among its words, in any case.
    """
    if exact := _answers(backlog, what, [what]):
        return exact
    names = [row["name"] for row in backlog.rows(NAMED_LIKE, what)]
    return _answers(backlog, None, names) if names else []


NAMED_LIKE = r"""
with names as (
    select source_ref as name, source_ref || ' ' || title as says from main.learning_backlog_proposals
    where source_type = 'issue_cluster'
    union
    select subject_ref ->> '$[0]' as name, title as says from main.learning_backlog_proposals
    where source_type = 'extraction_calibration'
    union
    select cluster_signature as name, cluster_signature as says from intermediate.int_issue_clusters__buckets
    where period_granularity = 'week'
    union
    select claim_class as name, claim_class as says from main.extraction_calibration_metrics
),

words as (
    select
        name,
        starts_with(lower(name), lower($1)) as begins_so,
        ' ' || trim(regexp_replace(lower(says), '[^\pL\pN]+', ' ', 'g')) || ' ' as said,
        ' ' || trim(regexp_replace(lower($1), '[^\pL\pN]+', ' ', 'g')) || ' ' as asked
    from names
)

select name from words
where begins_so or (trim(asked) != '' and contains(said, asked))
group by name
order by not bool_or(begins_so), name
"""


def _answers(backlog: Backlog, key: str | None, names: list[str]) -> list[dict[str, Any]]:
    """Return what is known of a key, and of names: a run's verdict, or what kept a name from any run."""
    rows = backlog.rows(
        """
        with latest as (
            select verdicts.*, proposals.subject_ref, short_keys.short_key
            from main.learning_backlog_verdicts as verdicts
            inner join main.learning_backlog_proposals as proposals using (run_id, proposal_number)
            inner join intermediate.int_backlog__short_keys as short_keys
                on verdicts.candidate_key = short_keys.candidate_key
            where
                list_contains($2::varchar[], verdicts.source_ref)
                or (length($1) > 2 and starts_with(short_keys.short_key, lower($1)))
                or starts_with(verdicts.candidate_key, $1)
                or (
                    verdicts.source_type = 'extraction_calibration'
                    and list_contains($2::varchar[], proposals.subject_ref ->> '$[0]')
                )
            qualify row_number() over (
                partition by verdicts.candidate_key order by verdicts.proposed_at desc, verdicts.proposal_number
            ) = 1
        )
        select latest.*, candidates.status
        from latest
        left join temp.learning_backlog_candidates as candidates using (candidate_key)
        order by latest.candidate_key
        """,
        key,
        names,
    )
    answers = [{name: json_value(value) for name, value in row.items()} | {"answer": _answer(row)} for row in rows]
    told = {row["source_ref"] for row in rows} | {json.loads(row["subject_ref"])[0] for row in rows}
    if answers and key is not None:
        return answers
    return answers + _below_proposals(backlog, [name for name in names if name not in told])


def lines(told: dict[str, Any]) -> list[str]:
    """Return the text of `backlog show`."""
    payload = told["issue_payload"]
    source = payload["source"]
    updates = told["suggested_updates"]
    shown = [
        f"{told['title']}",
        f"  key         {told['short_key']}",
        f"  in full     {told['candidate_key']}",
        f"  status      {told['status']} since {told['status_changed_at']}"
        + (f", by {told['decided_by']}" if told["decided_by"] else "")
        + (", regressed" if told["is_regressed"] else ""),
        f"  priority    {told['priority']} ({told['priority_score']}),"
        f" {source['source_type']} of {told['source_period_key']}",
        f"  proposed    in {told['times_seen']} week{'' if told['times_seen'] == 1 else 's'},"
        f" {told['quiet_weeks']} quiet since; reopened {told['reopened_count']} times",
        *([f"  trend       {told['trend']['in_words']}"] if told.get("trend") else []),
        "",
        "What",
        f"  {payload['description']}",
        "Why",
        f"  {told['root_cause_hypothesis']}",
        "Evidence",
        *(f"  {rail['guardrail']}: {rail['measured']:g}, the bar is {rail['bar']:g}" for rail in told["guardrails"]),
        *(
            line
            for example in payload.get("examples") or told["evidence"].get("representative_examples", [])
            for line in _example(example)
        ),
        "Suggested",
        *(
            f"  {update_text(update)}"
            for name in ("invariant_updates", "policy_updates", "regression_tests")
            for update in updates[name]
        ),
        "Checklist",
    ]
    for step in told["promotion_checklist"]["steps"]:
        mark = "x" if step["status"] == "completed" else " "
        by = (
            f" ({step['completed_by']}{': ' + step['evidence'] if step['evidence'] else ''})"
            if step["completed_by"]
            else ""
        )
        shown.append(f"  [{mark}] {step['step_id']}{by}")
    shown.append("History")
    for state in told["history"]:
        who = state["actor"] or f"run {state['run_id']}"
        shown.append(
            f"  {state['entered_at']}  {state['status']:<10} {who}"
            + (f": {state['reason']}" if state["reason"] else "")
        )
    shown += [
        f"  {one['decided_at']}  refused    {one['decision']} by {one['actor']}: {one['reason_code']}"
        for one in told["rejected"]
    ]
    if told["fix_effects"]:
        shown += ["Did the fix work", *(f"  {one['in_words']}" for one in told["fix_effects"])]
    weeks = [one["source_period_key"] for one in told["regressions"]]
    shown += [f"  seen again in {len(weeks)} week{'' if len(weeks) == 1 else 's'}, last {weeks[-1]}"] if weeks else []
    shown.append("Verdicts, the last first")
    shown += [f"  {one['run_id']}  {one['verdict']} at {one['priority_score']}" for one in told["verdicts"][:10]]
    return shown


def update_text(update: str | dict[str, Any]) -> str:
    """Return what a suggested update says to do, with its target; earlier versions wrote the bare sentence."""
    if isinstance(update, str):
        return update
    return f"{update['target_id']}: {update['text']}" if update["target_id"] else str(update["text"])


def _example(example: dict[str, Any]) -> list[str]:
    first = f"  event {example['event_id']} at {example['captured_at']}: {example['signal_type']}"
    attributes = example.get("attributes")
    return [first, *([f"    {attributes}"] if attributes else [])]


def _answer(row: dict[str, Any]) -> str:
    is_chance = row["missed_guardrail"] == "within_chance"
    reason = WITHIN_CHANCE if is_chance else VERDICTS[row["verdict"]].format(**row)
    status = f" It is {row['status']}." if row["status"] else " It has never been in the backlog."
    return (
        f"{row['short_key']}, {row['source_ref']} ({row['source_period_key']}, run {row['run_id']}):"
        f" {row['verdict']}: {reason}.{status}"
    )


def _below_proposals(backlog: Backlog, names: list[str]) -> list[dict[str, Any]]:
    """Return what stands in the way before a source proposes anything: no cluster, or a healthy class."""
    buckets = backlog.rows(
        "select * from intermediate.int_issue_clusters__buckets"
        " where list_contains($1::varchar[], cluster_signature) and period_granularity = 'week'"
        " qualify row_number() over (partition by cluster_signature order by period_starts_on desc) = 1"
        " order by list_position($1::varchar[], cluster_signature)",
        names,
    )
    streams = backlog.rows(
        "select * from extraction_calibration_metrics"
        " where list_contains($1::varchar[], claim_class) and period_granularity = 'week'"
        " qualify row_number() over (partition by claim_class, parser_version order by period_starts_on desc) = 1"
        " order by claim_class, parser_version",
        names,
    )
    return [
        {"cluster_signature": row["cluster_signature"], "period_key": row["period_key"], "verdict": row["verdict"],
         "answer": f"{row['cluster_signature']}: last seen in {row['period_key']};"
         f" {BUCKETS[row['verdict']].format(**row)}. No run has proposed it."}
        for row in buckets
    ] + [
        {"claim_class": row["claim_class"], "parser_version": row["parser_version"], "period_key": row["period_key"],
         "verdict": row["status"],
         "answer": f"{row['claim_class']} by {row['parser_version']}: {row['status']}, drift {row['drift_status']}"
         f" in {row['period_key']}."
         " Only a class that is not healthy or drifts is proposed."}
        for row in streams
    ]  # fmt: skip
