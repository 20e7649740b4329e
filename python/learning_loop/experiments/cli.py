"""The experiments on the command line: where each stands, what it lacks, what it shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from learning_loop.errors import WrongUse
from learning_loop.experiments import replay
from learning_loop.terminal import (
    A_SCREEN,
    AsJson,
    Limit,
    PastInstant,
    WarehouseOption,
    day,
    first_of,
    json_value,
    parse_instant,
    plain,
    safe,
    say,
    say_json,
    say_marked,
)
from learning_loop.warehouse import ask, open_published, warehouse_file

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Where the experiments stand. Nothing is changed.")
Row = dict[str, Any]
# As a reader needs them: what can be decided, what is wrong, what waits.
ORDER = (
    "ready_for_approval", "guardrail_regression", "sample_ratio_mismatch", "guardrails_undecided", "no_improvement",
    "no_worthwhile_effect", "undecided", "insufficient_data",
)  # fmt: skip
VERDICT_WIDTH, NAME_WIDTH = 21, 26


@app.command("list")
def list_(limit: Limit = A_SCREEN, as_json: AsJson = False, warehouse: WarehouseOption = None) -> None:
    """List the experiments, each with its verdict first, then its counts, days and lift."""
    rows = _rows(
        warehouse,
        "from main.experiment_gates order by list_position($1, verdict), experiment_id",
        list(ORDER),
    )
    if as_json:
        return say_json([_opened(row) for row in rows])
    if not rows:
        say("No experiment is known yet. They come in with the feed ingest_experiments.")
        return
    shown, hidden = first_of(rows, limit)
    say(*_list(shown), *[hidden] * bool(hidden))
    say("Control / treatment. Why: `learning-loop experiment show ID`.")
    for row in _rows(warehouse, "from main.experiment_false_readies"):
        if row["experiment_count"]:
            say(*_chance(row))


@app.command()
def at(
    instant: PastInstant,
    warehouse: WarehouseOption = None,
    as_json: AsJson = False,
) -> None:
    """Show the experiments at an instant of the past: what was known, which gates were shown, what was decided."""
    moment = parse_instant(instant, "INSTANT", datetime.now(UTC))
    with open_published(warehouse_file(warehouse)) as connection:
        then = replay.stand(connection, moment)
    if as_json:
        return say_json({"at": moment} | vars(then) | {"night": vars(then.night)})
    then.gates.sort(key=lambda row: ORDER.index(row["verdict"]) if row["verdict"] in ORDER else len(ORDER))
    say(*replay.heading(moment, then), *(_list(then.gates) if then.gates else ["No gate was shown."]))
    say(*replay.decisions(then))


@app.command()
def show(experiment: str, as_json: AsJson = False, warehouse: WarehouseOption = None) -> None:
    """Show one experiment: what is missing, the lift with its interval, the guardrails, the verdict and why."""
    rows = _rows(warehouse, "from main.experiment_gates where experiment_id = $1", experiment)
    if not rows:
        raise WrongUse(f"No experiment {experiment!r} is known. `learning-loop experiment list` names them all.")
    row = rows[0]
    plan = _rows(warehouse, "from main.ingest_experiments where id = $1", experiment)[0]
    metrics = _rows(
        warehouse, "from main.ingest_experiment_metrics where experiment_id = $1 order by role, metric_name", experiment
    )
    if as_json:
        return say_json(_opened(row) | {"plan": _opened(plan), "metrics": [_opened(metric) for metric in metrics]})
    say_marked(*_told(row, plan))
    say("  metrics   control, treatment: difference (95 % at one look), p (by Holm)", *map(_metric_line, metrics))
    conflicts = _rows(
        warehouse,
        "select conflict_type, count(*) as things from main.experiment_conflicts "
        "where experiment_id = $1 group by 1 order by 1",
        experiment,
    )
    for conflict in conflicts:
        say(f"  {conflict['things']} candidates: {conflict['conflict_type'].replace('_', ' ')}")


@app.command()
def aa(warehouse: WarehouseOption = None, as_json: AsJson = False) -> None:
    """Say how often the gate calls chance an effect on your own labels, and how often it finds one that was planted."""
    rows = _rows(
        warehouse,
        "select * exclude (computed_at) from main.placebo_rates "
        "order by list_position(['lies', 'holds', 'cannot_tell'], verdict), metric_name, rate_group",
    )
    if as_json:
        say_json(rows)
        return
    if not rows:
        say("No placebo was drawn yet: a night in which editors' labels come draws some.")
        return
    say(f"{'verdict':<11} {'metric':<25} {'placebos':<8} {'opened':>6} {'called':>7}  {'95 % bounds':>15}")
    for row in rows:
        head = f"{row['verdict']:<11} {row['metric_name']:<25} {row['rate_group']:<8} {row['opened_count']:>6}"
        say(f"{head} {_rate(row, 'rejected_rate', 'rejected')}")
        lift = f"the same with {row['planted_lift'] * 100:g} points planted"
        say(f"{'':<11} {lift:<41} {_rate(row, 'power', 'power')}")
    first = rows[0]
    say(
        f"Called: placebos that were called an effect on any look; promised: {first['alpha']:.0%} at most.",
        f"Under {first['min_opened']:,} opened nothing is said; a gate lies when the lower bound is above.",
    )
    if first["verdict"] == "lies":
        say_marked("[bold red]This gate lies on your data.[/]")


def _list(rows: Sequence[Row]) -> list[str]:
    """Return a line each, within 80 columns; a name that is too long for it has a line of its own, and none is cut."""
    lines = [f"{'verdict':<{VERDICT_WIDTH}} {'experiment':<{NAME_WIDTH}} {'counted':>11} {'days':>9} {'lift':>9}"]
    for row in rows:
        is_told = row["sample_gate"] == "open" and row["lift"] is not None
        counted = f"{_short(row['control_counted'])}/{_short(row['treatment_counted'])}"
        days = f"{_floored(row['control_days'], 1)}/{_floored(row['treatment_days'], 1)}"
        lift = f"{row['lift']:+.3g}" if is_told else "gate shut"
        name = plain(row["experiment_id"])
        if len(name) > NAME_WIDTH:
            lines.append(f"{row['verdict']:<{VERDICT_WIDTH}} {name}")
        head = f"{row['verdict']:<{VERDICT_WIDTH}} {name:<{NAME_WIDTH}}"
        head = head if len(name) <= NAME_WIDTH else " " * (VERDICT_WIDTH + NAME_WIDTH + 1)
        lines.append(f"{head} {counted:>11} {days:>9} {lift:>9}")
    return lines


def _opened(row: Row) -> Row:
    """Return a row with its JSON columns as what they hold."""
    return {name: json_value(value) for name, value in row.items()}


def _rate(row: Row, rate: str, bounds: str) -> str:
    if row[rate] is None:
        return f"{'none':>7}"
    lower, upper = row[f"{bounds}_lower"] * 100, row[f"{bounds}_upper"] * 100
    between = f"{lower:.1f} to {upper:.1f} %"
    return f"{row[rate] * 100:>5.1f} %  {between:>15}"


def _told(row: Row, plan: Row) -> list[str]:
    """Return the heading and, in one line each, the verdict with its reasons, the counts and the lift."""
    opens = f"; should open {row['expected_open_date']}" if row["sample_gate"] == "shut" else ""
    started = day(plan["started_at"]) if plan["started_at"] else "not yet"
    state = f"{row['status']}, {safe(row['deployment_mode'])}, started {started}"
    lines = [
        f"[bold]{safe(row['experiment_id'])}[/bold] {safe(plan['name'])} ({state}): {safe(plan['hypothesis'])}",
        f"  verdict   {row['verdict']}: {safe('; '.join(row['reasons']))}{opens}",
        f"  that is   {safe(row['verdict_sentence'])}",
        f"  reviewed  {row['control_reviewed_count']} and {row['treatment_reviewed_count']} candidates "
        f"(bar {row['min_reviewed']}) over {_floored(row['control_days'])} and {_floored(row['treatment_days'])} days "
        f"(bar {row['min_days']:g}), on {row['control_active_days']} and {row['treatment_active_days']} calendar days",
    ]
    if row["sample_gate"] == "open":
        p_value = _number(row["always_valid_p_value"])
        one_look = _number(row["one_look_p_value"])
        lines.append(
            f"  lift      {safe(row['primary_metric'])} {_lift(row)}, always-valid p = {p_value} "
            f"(one-sided, any look), p of one planned look = {one_look}"
        )
    else:
        lines.append("  lift      no verdict on the lift while the gate is shut")
    if row["review_ratio_factor"] is not None:
        lines.append(
            f"  split     {row['control_assigned_count']} and {row['treatment_assigned_count']} assigned; against the "
            f"plan {row['sample_ratio_factor']:.3g} to one, of the reviewed {row['review_ratio_factor']:.3g} to one "
            f"(bar {row['mismatch_bayes_factor']:,.0f}), chi-square p = {_number(row['sample_ratio_p_value'])}"
        )
    rails = ", ".join(
        f"{rail['metric_name']} {rail['statistical_rule']}{'' if rail['is_required'] else ' (not required)'}"
        for rail in json.loads(row["guardrails"])
    )
    lines.append(f"  guards    {safe(rails) or 'none'}")
    if row["verdict"] == "ready_for_approval":
        scope = json.loads(plan["scope_json"] or "{}")
        suggestion = scope.get("suggestion_id") if isinstance(scope, dict) else None
        how = (
            f"learning-loop suggestion adopt {safe(str(suggestion))} --config-version V --by WHO"
            if suggestion
            else "land a row in ingest_tuning_changes that names this experiment"
        )
        lines.append(f"  next      a person decides: {how}")
    return lines


def _metric_line(metric: Row) -> str:
    name = metric["metric_name"] + (" *" if metric["is_primary"] else "")
    arms = f"{_number(metric['baseline_value'])} of {metric['baseline_n']}, "
    arms += f"{_number(metric['treatment_value'])} of {metric['treatment_n']}"
    if metric["delta_lower"] is None:
        return f"    {name:<27}{arms}: no comparison"
    bounds = f"{metric['delta_value']:+.4g} ({metric['delta_lower']:+.4g} to {metric['delta_upper']:+.4g})"
    rail = f", {metric['statistical_rule']} (strict: {metric['strict_rule']})" if metric["role"] == "guardrail" else ""
    holm = f" ({metric['p_value_holm']:.3g})" if metric["p_value_holm"] is not None else ""
    return f"    {name:<27}{arms}: {bounds}, p = {_number(metric['p_value'])}{holm}{rail}"


def _lift(row: Row) -> str:
    if row["lift_lower"] is None:
        return "cannot tell"
    relative = f", {row['relative_lift']:+.0%} of the baseline" if row["relative_lift"] is not None else ""
    return f"{row['lift']:+.4g} ({row['lift_lower']:+.4g} to {row['lift_upper']:+.4g}{relative})"


def _number(value: float | None) -> str:
    return "cannot tell" if value is None else f"{value:.3g}"


def _chance(row: Row) -> list[str]:
    """Say how many of the list may be luck."""
    return [
        f"{row['quarter_key']}: {row['experiment_count']} experiments judged, {row['ready_count']} ready. "
        "If none had an effect,",
        f"chance alone would call up to {row['expected_false_readies']:.2g} ready on average (at least one: up to "
        f"{row['chance_of_a_false_ready']:.0%}).",
    ]


def _short(count: int) -> str:
    # Down, so that what is short of a bar does not read as the bar.
    return str(count) if count < 10_000 else f"{count // 1000}k"


def _floored(days: float, digits: int = 2) -> str:
    # 13.999 days are not 14: what is short of a bar must not read as the bar.
    return f"{int(days * 10**digits + 1e-6) / 10**digits:g}"


def _rows(warehouse: Path | None, sql: str, *parameters: object) -> list[Row]:
    with open_published(warehouse_file(warehouse)) as connection:
        found = ask(connection, sql, *parameters)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
