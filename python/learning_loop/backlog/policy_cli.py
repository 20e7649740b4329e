"""`learning-loop policy`: what another row of a policy would have shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from learning_loop.backlog import policy, sql
from learning_loop.terminal import AsJson, WarehouseOption, say, say_json
from learning_loop.warehouse import open_published, warehouse_file

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The numbers that decide. Nothing is changed.")


@app.callback()
def root() -> None:
    """Have `try` named, though it is the only command."""


@app.command("try")
def try_(
    file: Annotated[
        Path,
        typer.Argument(help="A policy as in seeds/policy (backlog, backlog_priority, calibration …) with a new row."),
    ],
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Show what the backlog of the last year would have been under the latest row of a policy file.

    Filter, ranks and caps of each past night run again over all that it proposed, noise too; what people decided since
    is joined to it, month by month.
    """
    with open_published(warehouse_file(warehouse)) as con:
        kept = sql.read(con)
        for function in kept.functions:
            con.execute(function)
        as_of = con.execute("select max(as_of) from nightly_runs where status = 'success'").fetchall()[0][0]
        trial = policy.try_policy(con, kept, as_of, file)
    if as_json:
        return say_json(vars(trial))
    say(*policy.lines(trial))
