"""The experiments on the command line: where each stands, what it lacks, what it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from learning_loop.errors import WrongUse
from learning_loop.terminal import WarehouseOption, day, safe, say, say_marked, say_table
from learning_loop.warehouse import open_published, warehouse_file

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Where the experiments stand. Nothing is changed.")
Row = dict[str, Any]


@app.command("list")
def list_(warehouse: WarehouseOption = None) -> None:
    """List the experiments, each with its counts, days and verdict."""
    rows = _rows(warehouse, "from main.experiment_gates order by verdict = 'insufficient_data', experiment_id")
    if not rows:
        say("No experiment is known yet. They come in with the feed ingest_experiments.")
        return
    say_table(
        ["experiment", "status", "reviewed", "days", "lift", "verdict"],
        [
            [
                row["experiment_id"],
                row["status"],
                f"{row['control_reviewed_count']} / {row['treatment_reviewed_count']}",
                f"{_floored(row['control_days'])} / {_floored(row['treatment_days'])}",
                "gate shut" if row["sample_gate"] == "shut" or row["lift"] is None else f"{row['lift']:+.3g}",
                row["verdict"],
            ]
            for row in rows
        ],
        "Experiments (control / treatment)",
    )


@app.command()
def show(experiment: str, warehouse: WarehouseOption = None) -> None:
    """Show one experiment: what is missing, the lift with its interval, the guardrails, the verdict and why."""
    rows = _rows(warehouse, "from main.experiment_gates where experiment_id = $1", experiment)
    if not rows:
        raise WrongUse(f"No experiment {experiment!r} is known. `learning-loop experiment list` names them all.")
    row = rows[0]
    plan = _rows(warehouse, "from main.ingest_experiments where id = $1", experiment)[0]
    metrics = _rows(
        warehouse, "from main.ingest_experiment_metrics where experiment_id = $1 order by role, metric_name", experiment
    )
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


def _told(row: Row, plan: Row) -> list[str]:
    """Return the heading and, in one line each, the verdict with its reasons, the counts and the lift."""
    opens = f"; should open {row['expected_open_date']}" if row["sample_gate"] == "shut" else ""
    started = day(plan["started_at"]) if plan["started_at"] else "not yet"
    state = f"{row['status']}, {safe(row['deployment_mode'])}, started {started}"
    lines = [
        f"[bold]{safe(row['experiment_id'])}[/bold] {safe(plan['name'])} ({state}): {safe(plan['hypothesis'])}",
        f"  verdict   {row['verdict']}: {safe('; '.join(row['reasons']))}{opens}",
        f"  reviewed  {row['control_reviewed_count']} and {row['treatment_reviewed_count']} candidates "
        f"(bar {row['min_reviewed']}) over {_floored(row['control_days'])} and {_floored(row['treatment_days'])} days "
        f"(bar {row['min_days']:g}), on {row['control_active_days']} and {row['treatment_active_days']} calendar days",
    ]
    if row["sample_gate"] == "open":
        p_value = _number(row["always_valid_p_value"])
        lines.append(f"  lift      {safe(row['primary_metric'])} {_lift(row)}, always-valid p = {p_value}")
    else:
        lines.append("  lift      no verdict on the lift while the gate is shut")
    rails = ", ".join(f"{rail['metric_name']} {rail['statistical_rule']}" for rail in json.loads(row["guardrails"]))
    lines.append(f"  guards    {safe(rails) or 'none'}")
    if row["verdict"] == "ready_for_approval":
        lines.append("  next      a person decides: land a row in ingest_tuning_changes that names this experiment")
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


def _floored(days: float) -> str:
    # 13.999 days are not 14: what is short of a bar must not read as the bar.
    return f"{int(days * 100 + 1e-6) / 100:g}"


def _rows(warehouse: Path | None, sql: str, *parameters: str) -> list[Row]:
    with open_published(warehouse_file(warehouse)) as connection:
        found = connection.execute(sql, list(parameters))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
