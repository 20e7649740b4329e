"""The command line of the learning-loop warehouse."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from learning_loop import (
    __version__,
    cli_editorial,
    cli_erasure,
    cli_experiments,
    cli_history,
    cli_operational_db,
    cli_report,
    cli_stage_b,
    summary,
)
from learning_loop.backlog.cli import app as backlog_app
from learning_loop.landing import known_feeds, landing_dir, unknown_folders
from learning_loop.night import AnotherNightRuns, Night, NightFailed, WrongUse
from learning_loop.night import run as run_night
from learning_loop.options import parse_instant, warehouse_file
from learning_loop.project import VARIABLE, project_dir, write_project

app = typer.Typer(
    help="Turn the failures and editor decisions of an extraction or judging system into what a person can act on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

app.add_typer(backlog_app, name="backlog")
app.add_typer(cli_editorial.app)
app.add_typer(cli_report.app)
app.add_typer(cli_operational_db.app)
app.add_typer(cli_erasure.app)
app.add_typer(cli_history.app)
app.add_typer(cli_experiments.app, name="experiment")
app.add_typer(cli_stage_b.app, name="stage-b")

LANDING_HELP = "The landing folder. Default: LEARNING_LOOP_LANDING, else ./landing."
WAREHOUSE_HELP = "The published file. Default: LEARNING_LOOP_WAREHOUSE, else ./warehouse/learning_loop.duckdb."
AS_OF_HELP = "The instant of the run, e.g. 2026-02-16T02:00:00Z; without an offset it is UTC. Default: now."


def _version(is_asked: bool) -> None:
    if is_asked:
        console.print(f"learning-loop {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version, and stop.")
    ] = False,
) -> None:
    """Every command says what it did; --help says what it can do."""
    if not (project_dir() / "dbt_project.yml").is_file():
        raise WrongUse(
            f"{project_dir()} holds no dbt project. Unset {VARIABLE}, or name a folder that `learning-loop init` wrote."
        )


@app.command()
def nightly(
    landing: Annotated[Path | None, typer.Option(help=LANDING_HELP)] = None,
    warehouse: Annotated[Path | None, typer.Option(help=WAREHOUSE_HELP)] = None,
    as_of: Annotated[str | None, typer.Option(help=AS_OF_HELP)] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild every mart from the stored rows and logs.")
    ] = False,
    bridge: Annotated[
        bool, typer.Option("--bridge/--no-bridge", help="Whether the night proposes to the backlog.")
    ] = True,
    all_tests: Annotated[
        bool, typer.Option("--all-tests", help="Test all that is stored, not only what the night touched: weekly.")
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(min=0, envvar="LEARNING_LOOP_KEEP", help="How many earlier published files stay, for rollback."),
    ] = None,
) -> None:
    """Run a night: load, compute, test, publish.

    Exit code 0: published. 1: a model or a test failed; yesterday's file stands. 2: wrong use or unreadable input.
    3: another night is running.
    """
    night = Night(
        landing=(landing or landing_dir()).resolve(),
        warehouse=warehouse_file(warehouse),
        as_of=parse_instant(as_of, "--as-of") if as_of else datetime.now(UTC),
        full_refresh=full_refresh,
        with_bridge=bridge,
        keep=keep,
        all_tests=all_tests,
    )
    before: tuple[set[Any], set[Any]] = (set(), set())
    with _progress() as progress:
        task = progress.add_task("start", total=None)

        def step(name: str) -> None:
            progress.update(task, description=name)
            _line(f"{name} …")

        def build(_: Night, arguments: list[str]) -> None:
            from learning_loop import dbt_runner  # dbt takes seconds to import: only a night needs it

            nonlocal before
            before = summary.known(night.warehouse)
            tally = dbt_runner.build(
                night,
                arguments,
                lambda seen: progress.update(
                    task, completed=seen.done, total=seen.total or None, description=f"build and test {seen.now}"
                ),
            )
            _line(f"  {tally.models} models and {tally.tests} tests passed")

        run_night(night, build, step)
        seconds = progress.tasks[0].elapsed or 0
    _tell(night, summary.summarize(night.warehouse, night.run_id, before), seconds)


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="The folder to write; it must be empty or absent.")],
    seed: Annotated[int, typer.Option(help="Another seed is another world with the same truths.")] = 7,
    days: Annotated[int, typer.Option(min=28, help="How many days of history.")] = 60,
    scale: Annotated[int, typer.Option(min=1, help="How many times the background events.")] = 1,
) -> None:
    """Write a made-up landing folder with planted truths, listed in its truth.json."""
    from learning_loop.sample.world import write_world

    if out.exists() and any(out.iterdir()):
        raise WrongUse(f"{out} is not empty. Name a new folder with --out, or empty this one.")
    truth = write_world(out, seed=seed, days=days, scale=scale)
    told = f"Wrote {out} (seed {seed}, {days} days, scale {scale}); what is planted: {out / 'truth.json'}"
    console.print(escape(told), soft_wrap=True)
    console.print(escape(f"Run it: learning-loop nightly --landing {out} --as-of {truth['as_of']}"), soft_wrap=True)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to write; it must be empty or absent.")] = Path(),
) -> None:
    """Write out the dbt project, for those who change it: models, macros, seeds with every policy, tests."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} is not empty. Name a new folder, or empty this one.")
    write_project(project_dir(), folder)
    console.print(escape(f"Wrote {folder.resolve()}: change what you like, seeds/policy first."), soft_wrap=True)
    console.print(escape(f"Have it used: export {VARIABLE}={folder.resolve()}"), soft_wrap=True)


def main() -> None:
    """Run the command line; a user's mistake is one line, never a traceback."""
    try:
        app()
    except WrongUse as error:
        _fail(str(error), 2)
    except AnotherNightRuns as error:
        _fail(str(error), 3)
    except NightFailed as error:
        _fail(f"The night failed; what was published before stands.\n{error}", 1)


def _fail(message: str, code: int) -> None:
    errors.print(escape(message), style="red" if errors.is_terminal else None, soft_wrap=True)
    sys.exit(code)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", table_column=None),
        BarColumn(),
        TextColumn("{task.completed}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _line(text: str) -> None:
    """Say a step line by line where there is no terminal to draw on."""
    if not console.is_terminal:
        console.print(escape(text), soft_wrap=True)


def _tell(night: Night, told: summary.Summary, seconds: float) -> None:
    reasons = ", ".join(f"{count} {reason}" for reason, count in told.reasons.items())
    lines = [
        f"[bold]Published[/bold] the night of {night.run_id} in {seconds:.0f} s: {escape(str(night.warehouse))}",
        f"  rows      {told.kept:,} kept, {told.redelivered:,} redelivered, {told.ignored:,} ignored, "
        f"{told.quarantined:,} quarantined, of {told.files_read:,} files read tonight",
    ]
    if reasons:
        lines.append(f"            newly quarantined: {escape(reasons)}")
    lines += [
        f"  clusters  {told.clusters} in {told.week}, {len(told.new_clusters)} new: {_some(told.new_clusters)}",
        f"  alerts    {told.alerts} in {told.week}, {len(told.new_alerts)} new: {_some(told.new_alerts)}",
    ]
    if unknown := unknown_folders(night.landing, known_feeds()):
        lines.append(f"  [yellow]no feed reads[/yellow] {escape(', '.join(unknown))}: a misspelt folder?")
    lines.append(
        "  next      duckdb -readonly "
        + escape(f'{night.warehouse} "from learning_issue_clusters order by period_key desc, score desc limit 10"')
    )
    for line in lines:
        console.print(line, soft_wrap=True)


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return escape(shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")) or "none"


if __name__ == "__main__":
    main()
