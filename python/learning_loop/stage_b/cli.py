"""`learning-loop stage-b`: what the runs left for a person, and why each rule stands where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from learning_loop.errors import WrongUse
from learning_loop.stage_b import export as exports
from learning_loop.terminal import WarehouseOption, say, say_table
from learning_loop.warehouse import open_published, warehouse_file

app = typer.Typer(help="Stage-B: review, rules, and files for reviewers.", no_args_is_help=True)
Mission = Annotated[str | None, typer.Option(help="Only this mission.")]
Run = Annotated[str | None, typer.Option(help="Only this run.")]


@app.command()
def export(
    mission: Annotated[str, typer.Option(help="The mission to export.")],
    out: Annotated[Path, typer.Option(help="The folder to write to; nothing is written outside of it.")],
    run: Run = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Write the review queue of a mission: need_review_queue.jsonl, need_review.json, manual_review_queue.jsonl."""
    with open_published(warehouse_file(warehouse)) as con:
        _refuse_unknown(con, mission, run)
        queue, latest = exports.read_queue(con, mission, run)
    try:
        files = exports.review_files(mission, queue, latest)
        written = exports.write_files(out.resolve(), [mission, run] if run else [mission], files)
    except exports.ExportError as error:
        raise WrongUse(str(error)) from None
    waiting = sum(not row["is_resolved"] for row in latest)
    say(f"{len(queue)} rows of {len(latest)} tickets, {waiting} still waiting, in {written[0].parent}")


@app.command()
def rules(mission: Mission = None, run: Run = None, warehouse: WarehouseOption = None) -> None:
    """List the rules that stand, the most doubtful first."""
    _show(
        warehouse,
        "Rules",
        """select rule.run_id, rule.mission, rule.rule_key, rule.hit_count as hits, rule.miss_count as misses,
            round(rule.confidence, 3) as confidence, round(shrunk.hit_rate_shrunk, 3) as shrunk,
            rule.drop_recommended as "drop", rule.is_provisional as provisional
        from stage_b_rules as rule left join stage_b_rules_shrunk as shrunk using (run_id, mission, rule_key)
        where not rule.is_retired and rule.mission = coalesce($1, rule.mission)
            and rule.run_id = coalesce($2, rule.run_id)
        order by rule.drop_recommended = 'yes' desc, rule.confidence, rule.run_id, rule.mission, rule.rule_key""",
        [mission, run],
        "No rule stands.",
    )


@app.command()
def review(mission: Mission = None, run: Run = None, warehouse: WarehouseOption = None) -> None:
    """List the tickets that still wait for a person."""
    _show(
        warehouse,
        "Waiting for review",
        """select run_id, mission, ticket_key, reason_code, pred_verdict as verdict, pred_reason as reason,
            global_step as step, any_candidate_supports as supported
        from stage_b_need_review_latest
        where not is_resolved and mission = coalesce($1, mission) and run_id = coalesce($2, run_id)
        order by run_id, mission, global_step desc, ticket_key""",
        [mission, run],
        "No ticket waits for review.",
    )


@app.command()
def rule(
    key: Annotated[str, typer.Argument(help="The rule's key.")],
    mission: Mission = None,
    run: Run = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Tell the history of a rule: everything that changed it, in order."""
    _show(
        warehouse,
        f"Rule {key}",
        """select event.run_id, event.mission, event.global_step as step, event.event_type as event,
            event.reflection_id as reflection, event.other_rule_key as "other rule",
            event.hit_count_before || '/' || event.miss_count_before as "hits/misses before",
            event.hit_count_after || '/' || event.miss_count_after as "after", uplift.verdict as uplift
        from stage_b_rule_events as event left join stage_b_rule_uplift as uplift using (run_id, mission, reflection_id)
        where event.rule_key = $3 and event.mission = coalesce($1, event.mission)
            and event.run_id = coalesce($2, event.run_id)
        order by event.run_id, event.mission, event.event_number""",
        [mission, run, key],
        None,
    )


def _show(given: Path | None, title: str, query: str, parameters: list[Any], nothing: str | None) -> None:
    with open_published(warehouse_file(given)) as con:
        _refuse_unknown(con, parameters[0], parameters[1])
        found = con.execute(query, parameters)
        names = [column[0] for column in found.description or []]
        rows = found.fetchall()
    if not rows:
        if nothing is None:
            raise WrongUse(f"{title} is not known there. `learning-loop stage-b rules` lists the rules.")
        say(nothing)
        return
    say_table(names, rows, title)


def _refuse_unknown(con: duckdb.DuckDBPyConnection, mission: str | None, run: str | None) -> None:
    """Say which missions there are when a name that was given is not one of them: an empty answer would hide a typo."""
    runs = con.execute("select run_id, mission from intermediate.int_stage_b__runs order by all").fetchall()
    if mission is not None and mission not in {known for _, known in runs}:
        known_missions = ", ".join(sorted({known for _, known in runs})) or "none"
        raise WrongUse(f"There is no mission {mission}. Known: {known_missions}.")
    if run is not None and not any(run == known and mission in (None, of) for known, of in runs):
        raise WrongUse(f"There is no run {run}" + (f" of {mission}" if mission else "") + ".")
