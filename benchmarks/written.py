"""The worlds whose nights are measured, written by SQL: editors, judging runs, and a backlog of two years."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb

AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)

# Of N candidates in three weeks, a label each and half of them a second one. Titles are of words of a long tail, one in
# fifty the other's with a word less, so that there is something near; a third of the texts is short, as rules want it.
EDITORIAL = {
    "ingest_candidates": """
        select
            'c' || i as id, 's' || hash(i, 1) % 300 as source_key, 'https://site.example/' || hash(i, 2) % 9 || '/' || i as source_url,
            list_aggregate(
                [
                    'w' || (40000 * pow(hash(if(i % 50 = 1, i - 1, i), w) % 1000003 / 1000003, 2))::integer
                    for w in generate_series(if(i % 50 = 1, 4, 3), 10)
                ], 'string_agg', ' '
            ) as title,
            repeat('What one needs, and how it is done. ', (hash(i, 11) % 6)::integer) as description,
            timestamptz '2026-01-25 00:00:00+00' + to_seconds(i % 1800000) as created_at,
            {
                'strategy': ['css', 'llm', 'feed'][(1 + hash(i, 12) % 3)::bigint], 'selector': 'h' || hash(i, 13) % 4,
                'parser_confidence': hash(i, 14) % 100 / 100
            } as meta_json
        from generate_series(1, $1) as numbers (i)
    """,
    "ingest_editor_labels": """
        select
            'l' || i as id, 'c' || 1 + (i - 1) % $1 as candidate_id, 'editor' || hash(i, 1) % 20 as actor_user_id,
            if(hash(i, 2) % 100 < 45, 'promoted', 'rejected') as action,
            if(action = 'rejected', ['not_actionable', 'too_vague_or_generic'][(1 + hash(i, 3) % 2)::bigint], null) as reject_reason_code,
            timestamptz '2026-01-25 01:00:00+00' + to_seconds((1 + (i - 1) % $1) % 1800000 + hash(i, 4) % 7200) as created_at
        from generate_series(1, $1 + $1 // 2) as numbers (i)
    """,
}  # fmt: skip

# Of one run, four tickets a step, a quarter of them hard; a ticket is judged once.
SELECTIONS_A_RUN, REFLECTIONS_A_RUN, GROUPS = 1_000_000, 40, 200
SELECTIONS = """
    select
        if(hash(i, 2) % 2 = 0, 'pass', 'fail') as gt_label, 'g' || hash(i, 1) % 200 as group_id, 'labels' as mission,
        't' || i || '::' || gt_label as ticket_key, 1 as epoch, (i // 4) % 1000 as epoch_step, i // 4 as global_step,
        hash(i, 3) % 5 != 0 as is_right,
        {
            'verdict': if(is_right, gt_label, if(gt_label = 'pass', 'fail', 'pass')), 'reason': 'as the picture shows',
            'selected_candidate': 0, 'warnings': []::varchar[], 'vote_strength': 0.5 + hash(i, 4) % 50 / 100,
            'conflict_flag': hash(i, 5) % 10 = 0, 'label_match': is_right
        } as result
    from generate_series(1, $1) as numbers (i)
"""


def write_editors(landing: Path, candidates: int) -> None:
    """Write candidates and one and a half times as many labels, each feed as one file of Parquet."""
    with duckdb.connect() as connection:
        for feed, sql in EDITORIAL.items():
            (landing / feed).mkdir(parents=True)
            connection.register("made", connection.execute(f"from ({sql})", [candidates]).to_arrow_table())
            connection.execute(f"copy made to '{landing / feed / 'all.parquet'}'")


def write_judges(landing: Path, selections: int) -> None:
    """Write runs of a million selections and forty reflections, each on three of two hundred groups."""
    for run in range(-(-selections // SELECTIONS_A_RUN)):
        folder = landing / "stage_b" / f"run-{run}" / "labels"
        folder.mkdir(parents=True)
        count = min(SELECTIONS_A_RUN, selections - run * SELECTIONS_A_RUN)
        (folder / "run.json").write_text(json.dumps({"started_at": f"2026-02-{run % 14 + 1:02d}T09:00:00+00:00"}))
        with duckdb.connect() as connection:
            connection.register(
                "made", connection.execute(f"select * exclude (is_right) from ({SELECTIONS})", [count]).to_arrow_table()
            )
            connection.execute(f"copy made to '{folder / 'selections.jsonl'}' (format json)")
        lines = [
            {
                "epoch": 1,
                "global_step": (number * count // 4) // (REFLECTIONS_A_RUN + 1),
                "reflection": {
                    "reflection_id": f"x{number}", "mission": "labels", "applied": True, "eligible": True,
                    "evidence_group_ids": [f"g{(7 * number + turn) % GROUPS}" for turn in range(3)],
                    "proposal": {
                        "action": "refine", "operations": [{"op": "upsert", "key": f"rule-{number % 12}", "merged_from": []}]
                    },
                    "guidance_step_before": number - 1, "guidance_step_after": number,
                },
            }
            for number in range(1, REFLECTIONS_A_RUN + 1)
        ]  # fmt: skip
        (folder / "reflection.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def write_backlog(published: Path, file: Path, keys: int, weeks: int = 104, times_seen: int = 6) -> None:
    """Write a published file whose backlog is that of a night, copied until it has so many keys.

    Each copy was proposed in six weeks of the two years, and nobody decided on it: two years of nights would take a day to
    run, and a list reads no more of them than their proposals and short keys.
    """
    shutil.copyfile(published, file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set timezone = 'UTC'")
        proposals = "learning_backlog_proposals"
        connection.execute(f"create temp table shown as select * from {proposals} where verdict = 'written'")
        (shown,) = connection.execute("select count(*) from shown").fetchall()[0]
        turns = -(-keys // shown)
        copies = f"from shown, generate_series(1, {turns}) as turns (turn)"
        connection.execute(
            f"""
            insert into {proposals} by name
            select
                shown.* replace (
                    candidate_key || ':' || turn as candidate_key,
                    'before-' || week || '-' || turn as run_id,
                    proposed_at - to_days((7 * week)::integer) as proposed_at,
                    period_starts_on - (7 * week)::integer as period_starts_on,
                    strftime(period_starts_on - (7 * week)::integer, '%G-W%V') as source_period_key
                )
            {copies}, lateral (select (turn * 7 + seen * 17) % {weeks} + 1 as week from range({times_seen}) as s (seen)) as w
            """
        )
        connection.execute(
            f"""
            insert into intermediate.int_backlog__short_keys
            select distinct candidate_key || ':' || turn, left(sha1(candidate_key || turn), 9)
            {copies} where candidate_key || ':' || turn not in (select candidate_key from intermediate.int_backlog__short_keys)
            """
        )
