"""What a changed set of quality rules would do to the latest candidates of a published warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

COLUMNS = {
    "rule_id": "varchar", "effective_from": "timestamptz", "is_active": "boolean", "dimension": "varchar",
    "field": "varchar", "kind": "varchar", "parameter": "varchar", "penalty": "decimal(9,4)",
    "is_hard_fail": "boolean", "rationale": "varchar",
}  # fmt: skip
KINDS = "url_pattern, min_chars, max_chars, min_tokens, starts_with_action_verb, pattern, blocklist"


class RulesError(Exception):
    """The file holds no rules that can be tried; the message says why."""


@dataclass(frozen=True)
class Trial:
    """What the tried rules do: how many candidates go from one visibility to another, and how often each rule fires.

    ``moves`` holds (before, after, candidates, of them promoted by an editor); ``rules`` holds (rule_id, fires now,
    would fire, penalty now, penalty then): None where there is no such rule.
    """

    candidate_count: int
    moves: list[tuple[str, str, int, int]]
    rules: list[tuple[str, int, int, float | None, float | None]]


def try_rules(connection: duckdb.DuckDBPyConnection, file: Path, latest: int = 1000) -> Trial:
    """Judge the ``latest`` candidates by the rules of ``file``, with the engine that the warehouse itself holds.

    Args:
        connection: to a published file; it is only read.
        file: rules as in seeds/policy/quality_rules.csv. Of each rule the row in force at the warehouse's as_of counts.
        latest: how many candidates, the newest first (ties by id).

    Raises:
        RulesError: the file cannot be read as rules, or a rule cannot be asked.
    """
    _read(connection, file)
    connection.execute("create temp table newest as " + NEWEST, [latest])
    try:
        connection.execute("create temp table tried_hits as " + TRIED_HITS)
    except duckdb.Error as error:
        raise RulesError(f"A rule of {file} cannot be asked: {error}") from error
    rows = connection.execute(MOVES).fetchall()
    return Trial(
        candidate_count=connection.execute("select count(*) from newest").fetchall()[0][0],
        moves=rows,
        rules=connection.execute(RULES).fetchall(),
    )


def _read(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    try:
        connection.execute(
            "create temp table tried_file as select * "
            f"from read_csv($1, header = true, columns = {{{types}}}, strict_mode = true)",
            [str(file)],
        )
    except duckdb.Error as error:
        raise RulesError(f"{file} holds no rules: {str(error).splitlines()[0]}") from error
    named = connection.execute("select list(column_name) from (describe tried_file)").fetchall()[0][0]
    if named != list(COLUMNS):
        raise RulesError(f"{file} has the columns {', '.join(named)}; rules have {', '.join(COLUMNS)}.")
    odd = connection.execute(
        f"select rule_id, kind from tried_file where not list_contains(string_split('{KINDS}', ', '), kind)"
    ).fetchall()
    if odd:
        raise RulesError(f"Rule {odd[0][0]} is of the unknown kind {odd[0][1]!r}. The kinds are {KINDS}.")
    connection.execute("create temp table tried as " + IN_FORCE)


IN_FORCE = """
select * from tried_file
where effective_from <= (select max(as_of) from main.nightly_runs where status = 'success')
qualify row_number() over (partition by rule_id order by effective_from desc) = 1
"""

NEWEST = """
select scores.candidate_id, scores.score_visibility, scores.quality_threshold
from main.candidate_quality_scores as scores
inner join main.idea_candidates as candidates on scores.candidate_id = candidates.candidate_id
order by candidates.created_at desc, candidates.candidate_id desc
limit $1
"""

TRIED_HITS = """
with texts as (
    select candidate_id, field, field_text, main.quality_words(field_text) as words
    from (
        select candidate_id, field, field_text from intermediate.int_quality__texts
        union all
        select candidate_id, field, field_text from intermediate.int_quality__duplicate_texts
    )
    semi join newest using (candidate_id)
)
select texts.candidate_id, tried.rule_id, tried.penalty, tried.is_hard_fail
from texts
inner join tried on texts.field = tried.field
where tried.is_active and main.quality_rule_met(tried.kind, texts.field_text, texts.words, tried.parameter) is not null
"""

MOVES = """
with totals as (
    select
        newest.candidate_id,
        newest.score_visibility as visibility_before,
        newest.quality_threshold as threshold,
        greatest(0, 1 - coalesce(sum(tried_hits.penalty), 0)) as total,
        coalesce(bool_or(tried_hits.is_hard_fail), false) as is_hard_fail
    from newest
    left join tried_hits on newest.candidate_id = tried_hits.candidate_id
    group by all
)
select
    visibility_before,
    case
        when is_hard_fail or total < round(cast(threshold / 2 as decimal(18, 12)), 9) then 'hidden'
        when total < round(cast(threshold as decimal(18, 12)), 9) then 'down_ranked'
        else 'shown'
    end as visibility_after,
    count(*) as candidate_count,
    count(labels.id) as promoted_count
from totals
left join main.ingest_editor_labels as labels
    on totals.candidate_id = labels.candidate_id and labels.is_counted and labels.is_promotion
group by all
order by all
"""

RULES = """
with in_force as (
    select rule_id, penalty from policy.quality_rules
    where effective_from <= (select max(as_of) from main.nightly_runs where status = 'success')
    qualify row_number() over (partition by rule_id order by effective_from desc) = 1
),
fired as (
    select rule_id, count(*) as fired_count
    from main.quality_rule_hits
    semi join newest using (candidate_id)
    group by rule_id
),
would_fire as (
    select rule_id, count(*) as fired_count from tried_hits group by rule_id
)
select
    coalesce(tried.rule_id, in_force.rule_id),
    coalesce(fired.fired_count, 0),
    coalesce(would_fire.fired_count, 0),
    in_force.penalty::double,
    tried.penalty::double
from tried
full join in_force on tried.rule_id = in_force.rule_id
left join fired on in_force.rule_id = fired.rule_id
left join would_fire on tried.rule_id = would_fire.rule_id
order by all
"""
