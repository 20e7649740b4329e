"""`learning-loop stage-b`: what the runs left for a person, and why each rule stands where it stands."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path
from textwrap import shorten, wrap
from typing import Annotated, Any

import duckdb
import typer

from learning_loop.errors import WrongUse
from learning_loop.stage_b import export as exports
from learning_loop.terminal import AsJson, WarehouseOption, say, say_json, say_table
from learning_loop.warehouse import ask, open_published, warehouse_file

app = typer.Typer(help="Stage-B: review, rules, and files for reviewers.", no_args_is_help=True)
WIDTH = 80
SUMMARY_LINES = 10
Mission = Annotated[str | None, typer.Option(help="Only this mission.")]
Run = Annotated[str | None, typer.Option(help="Only this run.")]


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="The folder to write to; nothing is written outside of it.")],
    mission: Annotated[str | None, typer.Option(help="The mission to export. Default: every mission.")] = None,
    run: Run = None,
    guidance: Annotated[
        bool,
        typer.Option("--guidance", help="Write guidance.json too: what is known of each rule; it applies nothing."),
    ] = False,
    tasks: Annotated[
        bool, typer.Option("--tasks", help="Write the waiting tickets too, for Label Studio and for Argilla.")
    ] = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Write the review queue of a mission: need_review_queue.jsonl, need_review.json, manual_review_queue.jsonl."""
    with open_published(warehouse_file(warehouse)) as con:
        _refuse_unknown(con, mission, run)
        known = con.execute(
            "select distinct mission from intermediate.int_stage_b__runs where run_id = coalesce(?, run_id) order by 1",
            [run],
        ).fetchall()
        for one in [mission] if mission is not None else [name for (name,) in known]:
            queue, latest = exports.read_queue(con, one, run)
            files = exports.review_files(one, queue, latest)
            if tasks:
                files |= exports.task_files(latest)
            if guidance:
                files |= exports.guidance_file(one, *exports.read_guidance(con, one, run))
            try:
                written = exports.write_files(out.resolve(), [one, run] if run else [one], files)
            except exports.ExportError as error:
                raise WrongUse(str(error)) from None
            waiting = sum(not row["is_resolved"] for row in latest)
            say(f"{len(queue)} rows of {len(latest)} tickets, {waiting} still waiting, in {written[0].parent}")


@app.command()
def rules(
    mission: Mission = None,
    run: Run = None,
    advice: Annotated[str | None, typer.Option(help="Only keep, drop or undecided.")] = None,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
) -> None:
    """List the rules that stand: what each did, what to do with it, and why. What should go comes first."""
    found = _rows(
        warehouse,
        """select run_id, mission, rule_key, advice, reason, effect, effect_lower, effect_upper, verdict,
            uplift_verdict, hit_count, miss_count, confidence, run_hard_hit_rate
        from stage_b_rule_effects
        where not is_retired and mission = coalesce($1, mission) and run_id = coalesce($2, run_id)
            and advice = coalesce($3, advice)
        order by run_id, mission, advice = 'drop' desc, advice = 'undecided' desc, effect nulls last, rule_key""",
        [mission, run, advice],
    )
    if as_json:
        return say_json(found)
    if not found:
        say("No rule stands." if advice is None else f"No rule that stands is advised so: {advice}.")
    for (run_id, of), rows in groupby(found, key=lambda row: (row["run_id"], row["mission"])):
        say(f"{run_id} / {of}")
        for row in rows:
            say(*_rule_lines(row))


def _rule_lines(row: dict[str, Any]) -> list[str]:
    """Say of a rule what to do, its effect and why, and the credit as what it is, in lines of 80 characters."""
    effect = "no effect can be told"
    if row["effect"] is not None:
        ends = [f"{100 * row[name]:+.0f}" for name in ("effect", "effect_lower", "effect_upper")]
        effect = f"{ends[0]} points ({ends[1]} to {ends[2]})"
    credit = f"Hard tickets: {row['hit_count']} hits, {row['miss_count']} misses"
    if row["hit_count"] + row["miss_count"] and row["run_hard_hit_rate"] is not None:
        credit += f", {row['confidence']:.0%} right; {row['run_hard_hit_rate']:.0%} in the whole run"
    head = f"  {row['advice']:<9}  {row['rule_key']}"
    lines = [f"{head}  {effect}"] if len(head) + len(effect) + 2 <= WIDTH else [head, f"{'':13}{effect}"]
    for text in (row["reason"], f"{credit}."):
        lines += wrap(text, WIDTH, initial_indent=" " * 13, subsequent_indent=" " * 13)
    return lines


@app.command()
def review(
    mission: Mission = None,
    run: Run = None,
    reason: Annotated[str | None, typer.Option(help="Only no_winner or winner_contradicts_label.")] = None,
    supported: Annotated[
        bool | None, typer.Option("--supported/--unsupported", help="Only where a candidate had it right, or none had.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many tickets to list; 0: all.")] = 20,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Count the tickets that still wait for a person, and list the first of them."""
    found = _rows(
        warehouse,
        """select latest.run_id, latest.mission, ticket_key, reason_code, gt_label, pred_verdict, pred_reason, epoch,
            global_step, any_candidate_supports
        from stage_b_need_review_latest as latest join intermediate.int_stage_b__runs as runs using (run_id, mission)
        where not is_resolved and mission = coalesce($1, mission) and run_id = coalesce($2, run_id)
            and reason_code = coalesce($3, reason_code)
            and ($4 is null or any_candidate_supports is not distinct from $4)
        order by runs.started_at desc, run_id, mission, global_step desc, ticket_key""",
        [mission, run, reason, supported],
    )
    shown = found[:limit] if limit else found
    if as_json:
        return say_json(shown)
    if not found:
        say("No ticket waits for review.")
        return
    say(f"{len(found):,} tickets wait for a person.")
    counts = Counter((row["run_id"], row["mission"], row["reason_code"]) for row in found)
    for (run_id, of, code), count in counts.most_common(SUMMARY_LINES):
        say(f"  {count:>6,}  {run_id} / {of}: {code.replace('_', ' ')}")
    if len(counts) > SUMMARY_LINES:
        say(f"  and {len(counts) - SUMMARY_LINES} more runs, missions and reasons.")
    say("")
    for row in shown:
        verdict = f"{row['pred_verdict'] or 'none'} for {row['gt_label']}"
        line = f"{row['ticket_key']}  {verdict}  step {row['global_step']}  {row['pred_reason'] or ''}"
        say(shorten(line, WIDTH, placeholder=" …"))
    if len(shown) < len(found):
        say(
            "", f"{len(found) - len(shown):,} more: --limit 0, or narrow it by --run, --mission, --reason, --supported."
        )


@app.command()
def rule(
    key: Annotated[str, typer.Argument(help="The rule's key.")],
    mission: Mission = None,
    run: Run = None,
    as_json: AsJson = False,
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
        as_json,
    )


def _rows(given: Path | None, query: str, parameters: list[Any]) -> list[dict[str, Any]]:
    """Return the rows of a query whose first parameters are a mission and a run."""
    with open_published(warehouse_file(given)) as con:
        _refuse_unknown(con, parameters[0], parameters[1])
        found = ask(con, query, *parameters)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _show(
    given: Path | None, title: str, query: str, parameters: list[Any], nothing: str | None, as_json: bool
) -> None:
    with open_published(warehouse_file(given)) as con:
        _refuse_unknown(con, parameters[0], parameters[1])
        found = ask(con, query, *parameters)
        names = [column[0] for column in found.description or []]
        rows = found.fetchall()
    if not rows:
        if nothing is None:
            raise WrongUse(f"{title} is not known there. `learning-loop stage-b rules` lists the rules.")
        say(nothing)
        return
    if as_json:
        return say_json([dict(zip(names, row, strict=True)) for row in rows])
    say_table(names, rows, title)


def _refuse_unknown(con: duckdb.DuckDBPyConnection, mission: str | None, run: str | None) -> None:
    """Say which missions there are when a name that was given is not one of them: an empty answer would hide a typo."""
    runs = con.execute("select run_id, mission from intermediate.int_stage_b__runs order by all").fetchall()
    if mission is not None and mission not in {known for _, known in runs}:
        known_missions = ", ".join(sorted({known for _, known in runs})) or "none"
        raise WrongUse(f"There is no mission {mission}. Known: {known_missions}.")
    if run is not None and not any(run == known and mission in (None, of) for known, of in runs):
        raise WrongUse(f"There is no run {run}" + (f" of {mission}" if mission else "") + ".")
