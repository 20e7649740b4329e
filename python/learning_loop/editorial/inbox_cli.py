"""`learning-loop inbox`: what waits for an editor, in the order in which it is worth reading, and why."""

from __future__ import annotations

import json
from typing import Annotated, Any

import duckdb
import typer

from learning_loop.terminal import AsJson, WarehouseOption, day, say, say_json, say_table
from learning_loop.warehouse import open_published, warehouse_file

app = typer.Typer(add_completion=False)
Row = dict[str, Any]


@app.command()
def inbox(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many to show.")] = 20,
    warehouse: WarehouseOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what waits for an editor, what is worth reading first, and the models behind it."""
    with open_published(warehouse_file(warehouse)) as con:
        waiting = _rows(con, "from main.inbox_ranking order by shown_order")
        models = _rows(
            con,
            "select * exclude (weights, holdout_bins) from main.model_versions where trained_until ="
            " (select max(trained_until) from main.model_versions) order by target",
        )
    for model in models:
        model |= {key: json.loads(model[key]) for key in ("calibration", "threshold_costs") if model[key]}
    if as_json:
        return say_json({"waiting": len(waiting), "inbox": waiting, "models": models})
    if not waiting:
        say("Nothing waits for an editor.")
    else:
        say_table(
            ["", "candidate", "source", "title", "came", "why here"],
            [
                [
                    row["shown_order"], row["candidate_id"], row["source_key"], row["title"], day(row["created_at"]),
                    row["reason"],
                ]
                for row in waiting[:limit]
            ],
            f"{min(limit, len(waiting))} of {len(waiting)} that wait, ranked by {waiting[0]['ranked_by']}",
        )  # fmt: skip
    say(*(line for model in models for line in _of_model(model)))
    if not models:
        say("No model was fitted yet: it takes 300 decisions (seed model_policy). The rules rank.")


def _of_model(model: Row) -> list[str]:
    """Say what a model is worth, and what a threshold on it would cost."""
    head = f"{model['target']}: {model['state']}, {model['because']} ({model['model_version']})"
    if model["auc"] is None:
        return [head]
    lines = [
        head,
        f"  on {model['holdout_count']} decisions it had not seen: AUC {model['auc']:.2f} ({model['auc_lower']:.2f} to"
        f" {model['auc_upper']:.2f}), the rules {model['rules_auc']:.2f}; lift {model['lift']:+.2f}"
        f" ({model['lift_lower']:+.2f} to {model['lift_upper']:+.2f}); calibration error"
        f" {model['calibration_error']:.3f}",
    ]
    # In the shadow it hides and costs nothing.
    for cost in (model["threshold_costs"] or ()) if model["state"] == "active" else ():
        lines.append(
            f"  hide the lowest {cost['hide_share']:.0%} (under {cost['below']:.2f}): you lose {cost['lost']} of"
            f" {cost['promotions']} promotions ({cost['lost_lower'] * cost['promotions']:.0f} to"
            f" {cost['lost_upper'] * cost['promotions']:.0f})"
        )
    return lines


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found = con.execute(sql)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
