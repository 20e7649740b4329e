"""The backlog at any second of the past, from the logs: what was known, what was shown, what was decided.

Known at an instant is what the last run up to it had loaded. The night's own models (module `sql`) are run over just
these rows, as of that run, so that they say what that night published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from learning_loop.backlog.foresight import FEEDS, MODELS, Backlog
from learning_loop.backlog.foresight import RELATIONS as OF_NOW
from learning_loop.backlog.sql import KeptSql, set_as_of
from learning_loop.terminal import instant_text
from learning_loop.warehouse import Night, night_at

RELATIONS = OF_NOW | {
    name: f"temp.{name}"
    for name in (
        "learning_backlog_proposals", "int_backlog__short_keys", "int_backlog__short_keys_before_tonight",
        "int_policy__approvals", "approvers", "fix_effects",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Then:
    """The backlog at an instant.

    Attributes:
        night: the last run with an as_of up to the instant.
        known: how many rows of each feed of people, and proposals, that run knew.
        verdicts: how many proposals of that run had each verdict.
        shown: the candidates that it published, the most pressing first.
        decided: the decisions that it knew, the latest first, each with the rule that refused it, if one did.
        unknown: decisions of people up to the instant that it did not know: made since, or landed later.
        exceptions: what makes this differ from what was published, in words.
    """

    night: Night
    known: dict[str, int]
    verdicts: dict[str, int]
    shown: list[dict[str, Any]]
    decided: list[dict[str, Any]]
    unknown: list[dict[str, Any]]
    exceptions: list[str]


def stand(backlog: Backlog, instant: datetime) -> Then:
    """Return the backlog as it stood at an instant; the tables of ``backlog`` are then those of that time.

    Raises:
        WrongUse: no night had run yet.
    """
    con = backlog.con
    night = night_at(con, instant)
    con.execute("create or replace temp table said_by_now as from temp.stg_backlog_decisions")
    rebuild(con, backlog.kept, night)
    known = {feed: _count(con, f"temp.{stage}") for feed, (stage, _, _) in FEEDS.items()}
    known["proposals"] = _count(con, "temp.learning_backlog_proposals")
    return Then(
        night=night,
        known=known,
        verdicts={row["verdict"]: row["proposals"] for row in backlog.rows(VERDICTS, night.run_id)},
        shown=backlog.rows("from temp.learning_backlog_candidates order by priority_score desc, candidate_key"),
        decided=backlog.rows(DECIDED),
        unknown=backlog.rows(UNKNOWN, instant),
        exceptions=exceptions(con, night),
    )


def rebuild(con: duckdb.DuckDBPyConnection, kept: KeptSql, night: Night) -> None:
    """Build the tables that a night published, under the names of their models in the schema ``temp``.

    Args:
        con: to the published file, opened read-only.
        kept: the SQL of its last night.
        night: one of its runs.
    """
    file = _catalog(con)
    for feed, (stage, identity, happened) in FEEDS.items():
        con.execute(f"create or replace temp table {stage} as " + KNOWN.format(
            file=file, feed=feed, stage=stage, identity=identity, happened=happened
        ), [night.run_number, night.as_of])  # fmt: skip
    con.execute(f"create or replace temp table approvers as {APPROVERS.format(file=file)}", [night.run_number])
    for name, comparison in (("int_backlog__short_keys_before_tonight", "<"), ("int_backlog__short_keys", "<=")):
        con.execute(
            f"create or replace temp table learning_backlog_proposals as"
            f" from {file}.main.learning_backlog_proposals where proposed_at {comparison} $1",
            [night.as_of],
        )
        con.execute(f"create or replace temp table {name} as {kept.model('int_backlog__short_keys', RELATIONS)}")
    set_as_of(con, night.as_of)
    for name in ("int_policy__approvals", *MODELS):
        if name == "int_backlog__shown_proposals":
            con.execute(f"create or replace temp table fix_effects as {REGRESSED.format(file=file)}", [night.as_of])
        con.execute(f"create or replace temp table {name} as {kept.model(name, RELATIONS)}")


def exceptions(con: duckdb.DuckDBPyConnection, night: Night) -> list[str]:
    """Say what may make the replay of a night differ from what it published, with how many rows; nothing if nothing."""
    file = _catalog(con)
    erased = con.execute(
        f"select count(*) from {file}.main.erasures where is_in_force and erased_at > $1", [night.as_of]
    ).fetchall()[0][0]
    reread, displaced = 0, 0
    for feed, (stage, _, happened) in FEEDS.items():
        found = con.execute(
            REREAD.format(file=file, feed=feed, stage=stage, happened=happened), [night.run_number, night.as_of]
        ).fetchall()[0]
        reread, displaced = reread + found[0], displaced + found[1]
    last = con.execute(
        f"select arg_max(code_version, run_number) from {file}.main.nightly_runs where status = 'success'"
    ).fetchall()[0][0]
    said = [
        (erased, f"Persons erased since: {erased}. Their rows are gone from all nights."),
        (
            reread,
            f"Rows of files that were older than that night and read after it: {reread}. They came late, or were read"
            " again; here they count from their last reading.",
        ),
        (
            displaced,
            f"Rows that lost since to another version under their id: {displaced}. They count from when their file was"
            " read, or else from their own instant.",
        ),
        (
            last != night.code_version,
            f"That night ran the rules of {night.code_version}; those of {last} are applied here.",
        ),
    ]
    return [text for is_so, text in said if is_so]


def lines(instant: datetime, then: Then) -> list[str]:
    """Return the text of `backlog at`."""
    night = then.night
    known = [f"{count:,} {feed.replace('_', ' ')}" for feed, count in then.known.items()]
    verdicts = [f"{count:,} {verdict.replace('_', ' ')}" for verdict, count in then.verdicts.items()]
    shown = [
        f"At {instant_text(instant)} the last night was {night.run_id} (run {night.run_number}).",
        f"  known     {', '.join(known[:2])},",
        f"            {', '.join(known[2:])}",
        *(f"  {'proposed' if not turn else '':<8}  {verdict}" for turn, verdict in enumerate(verdicts or ["nothing"])),
        "",
        "Shown" if then.shown else "Nothing was in the backlog.",
    ]
    for row in then.shown:
        weeks = f"{row['times_seen']} week{'' if row['times_seen'] == 1 else 's'}"
        state = row["status"] + (", regressed" if row["is_regressed"] else "")
        shown += [
            f"  {row['short_key']:<10}  {row['priority']} {row['priority_score']:.3f}  {state}, {weeks}",
            f"              {row['title']}",
        ]
    for heading, decisions in (
        ("Decided, the last first", then.decided),
        ("Decided by then, and not known to that night", then.unknown),
    ):
        if decisions:
            shown += ["", heading, *(_decision(one) for one in decisions[:SHOWN_DECISIONS])]
        if len(decisions) > SHOWN_DECISIONS:
            shown.append(f"  and {len(decisions) - SHOWN_DECISIONS:,} more: --json has all")
    if then.exceptions:
        shown += ["", "What may differ from what was published", *(f"  {text}" for text in then.exceptions)]
    return shown


def _decision(row: dict[str, Any]) -> str:
    refused = f" (refused: {row['rejected_because']})" if row.get("rejected_because") else ""
    key = row["short_key"] or row["candidate_key"]
    return f"  {instant_text(row['decided_at'])}  {row['decision']:<7}  {key} by {row['actor']}{refused}"


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"select count(*) from {table}").fetchall()[0][0])


def _catalog(con: duckdb.DuckDBPyConnection) -> str:
    """Name the published file's catalog: a bare `main.` would find the table of the same name in temp."""
    name: str = con.execute("select current_database()").fetchall()[0][0]
    return '"' + name.replace('"', '""') + '"'


SHOWN_DECISIONS = 10

# A row that lost to another version was known until the run that set it aside, which is the only one it remembers: that
# it had come before is known of its file, or of its own instant.
KNOWN = """
with files as (
    select source_file, read_at from {file}.main.landing_files where feed = '{feed}'
),
lost_in as (
    select run_number, as_of from {file}.main.nightly_runs where status = 'success'
)
select stored.* replace (false as is_displaced)
from {file}.staging.{stage} as stored
left join files on stored.source_file = files.source_file
left join lost_in on stored.loaded_in_run = lost_in.run_number
where case
    when not stored.is_displaced then stored.loaded_in_run <= $1
    else stored.loaded_in_run > $1
        and coalesce(case when files.read_at < lost_in.as_of then files.read_at end, stored.{happened}) <= $2
end
qualify row_number() over (
    partition by stored.{identity} order by stored.{happened}, sha256(to_json(stored)::varchar)
) = 1
"""
REREAD = """
select
    count(*) filter (where not stored.is_displaced and files.modified_at <= $2),
    count(*) filter (where stored.is_displaced)
from {file}.staging.{stage} as stored
left join {file}.main.landing_files as files on files.feed = '{feed}' and stored.source_file = files.source_file
where stored.loaded_in_run > $1 and stored.{happened} <= $2
"""
# A row of policy counts from the run that first saw it, whatever day it names.
APPROVERS = """
select approvers.*
from {file}.policy.approvers
semi join (
    select row_key, effective_from
    from {file}.main.policy_log
    where policy = 'approvers' and not is_gone and loaded_in_run <= $1
) as seen
    on concat_ws('/', approvers.actor, approvers.role) = seen.row_key
    and approvers.effective_from = seen.effective_from
"""
# Rates are not in the logs of the backlog; which fixes had regressed is in that of what wants a person.
REGRESSED = """
select states.candidate_key, states.entered_at as promoted_at, true as is_regressed
from temp.learning_backlog_history as states
semi join (
    select item_key
    from {file}.main.attention_log
    where kind = 'regressed_fix' and since <= $1 and coalesce(ended_at > $1, true)
) as stays on states.candidate_key = stays.item_key
where states.status = 'promoted' and states.left_at is null
"""
VERDICTS = """
select verdict, count(*) as proposals
from temp.learning_backlog_proposals
where run_id = $1
group by verdict
order by proposals desc, verdict
"""
DECIDED = """
select decisions.decision_id, decisions.candidate_key, short_keys.short_key, decisions.decision, decisions.actor,
    decisions.decided_at, decisions.reason, rejected.reason_code as rejected_because
from temp.int_backlog__decisions as decisions
left join temp.int_backlog__short_keys as short_keys using (candidate_key)
left join temp.rejected_decisions as rejected using (decision_id)
order by decisions.decided_at desc, decisions.decision_id
"""
UNKNOWN = """
select said.decision_id, coalesce(short_keys.candidate_key, said.candidate_key) as candidate_key,
    short_keys.short_key, said.decision, said.actor, said.decided_at, said.reason
from temp.said_by_now as said
left join temp.int_backlog__short_keys as short_keys
    on said.candidate_key = short_keys.candidate_key or lower(said.candidate_key) = short_keys.short_key
anti join temp.int_backlog__decisions as known on said.decision_id = known.decision_id
where said.decided_at <= $1
order by said.decided_at, said.decision_id
"""
