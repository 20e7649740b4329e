"""`learning-loop land`: bring rows of the operational database into the landing folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from learning_loop.errors import WrongUse
from learning_loop.landing.folder import landing_dir
from learning_loop.operational_db import config as configs
from learning_loop.terminal import AsJson, LandingOption, count_of, errors, say, say_json

if TYPE_CHECKING:
    from learning_loop.operational_db.copying import Copied

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command()
def land(
    source: Annotated[
        str,
        typer.Option("--from", help="The database: postgresql://reader@host:5432/database, without a password."),
    ],
    config: Annotated[
        str, typer.Option(help="Which tables: event_store, studio, example (to copy), or a YAML file of your own.")
    ] = "event_store",
    landing: LandingOption = None,
    batch_rows: Annotated[
        int | None, typer.Option(min=1, max=10_000_000, help="Rows in one file; default: what the config says.")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Copy every row again. That harms nothing: a row counts once.")
    ] = False,
    as_json: AsJson = False,
    # Refused below and not by the parser, which would repeat an address with its password.
    arguments: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
) -> None:
    """Copy new and changed rows of the operational database into the landing folder.

    Only reads there. A password comes from PGPASSFILE (or ~/.pgpass) or PGPASSWORD. Exit code 0: copied. 1: the
    database went away; what was copied stands, run it again. 2: wrong use. 3: another copy is running.
    """
    from learning_loop.operational_db import copying, postgres  # they load the driver: only this command needs it

    if arguments:
        raise WrongUse("land takes no argument. The address goes to --from, a config to --config.")
    tables = configs.load(config, configs.feeds())
    if batch_rows:
        tables = [replace(table, batch_rows=batch_rows) for table in tables]
    try:
        folder = landing_dir(landing)
        is_no_folder = folder.exists() and not folder.is_dir()
    except (OSError, RuntimeError) as error:  # a name too long, a link to itself, a folder that cannot be entered
        raise WrongUse(
            f"--landing {landing} cannot be used: {getattr(error, 'strerror', None) or 'it leads to itself'}."
        ) from error
    if is_no_folder:
        raise WrongUse(f"{folder} is no folder. Name one with --landing or LEARNING_LOOP_LANDING.")
    database = postgres.Postgres(source)
    try:
        with _progress(as_json) as tell:
            done = copying.copy(database, tables, folder, from_start, tell)
    except postgres.SourceLost as error:
        say(f"{error}. What was copied stands: run the command again, it goes on from there.", to=errors)
        raise typer.Exit(1) from error
    finally:
        database.close()
    if as_json:
        say_json([asdict(table) for table in done])
        return
    say(*_lines(done, folder))


@contextmanager
def _progress(is_silent: bool) -> Iterator[Callable[[Copied], None]]:
    """Count rows on a terminal; keep silent in a pipe."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
        console=errors, transient=True, disable=is_silent or not errors.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task("copying", total=None)
        yield lambda table: bar.update(task, description=f"{table.table}: {table.rows:,} rows")


def _lines(done: list[Copied], landing: Path) -> Iterator[str]:
    total = sum(table.rows for table in done)
    yield f"Copied {count_of(total, 'row')} in {count_of(sum(table.files for table in done), 'file')} into {landing}"
    for table in done:
        if table.is_absent:
            yield f"  {table.table}: not there, passed over"
            continue
        since = "everything" if table.copied_from is None else f"from {table.copied_from}"
        if table.is_filtered:
            since += ", of what row-level security shows this role"
        resumed = ", going on where a copy had stopped" if table.is_resumed else ""
        until = f", until {table.copied_until}" if table.rows else ""
        yield f"  {table.table}: {count_of(table.rows, 'row')}, {since}{resumed}{until}"
        if table.columns_passed_over:
            lacking = ", ".join(f"{name} ({why})" for name, why in table.columns_passed_over.items())
            yield f"    columns passed over: {lacking}. Where one comes later, --from-start brings it for older rows."
        if table.lacks_watermark_columns:
            left = ", ".join(table.watermark)
            yield f"    a changed row is known by {left} alone: what changed without it is missed."
        if table.rows_without_watermark:
            lacking = count_of(table.rows_without_watermark, "row")
            yield f"    not copied: {lacking} without a watermark. Nothing says when they changed: fill it in there."
    if not all(table.sees_open_transactions for table in done):
        yield (
            "  note: this role cannot see other sessions' transactions; a row whose transaction stays open longer than "
            "the overlap would be missed. Grant it pg_read_all_stats, or lengthen `overlap`."
        )
    if total:
        yield f"Next: learning-loop nightly --landing {landing}"
