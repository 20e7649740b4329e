"""`learning-loop nightly`: run a night."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from learning_loop.landing.folder import known_feeds, landing_dir, unknown_folders
from learning_loop.night import summary
from learning_loop.night.steps import Night
from learning_loop.night.steps import run as run_night
from learning_loop.terminal import parse_instant
from learning_loop.warehouse import warehouse_file

app = typer.Typer(add_completion=False)
console = Console(highlight=False)

LANDING_HELP = "The landing folder. Default: LEARNING_LOOP_LANDING, else ./landing."
WAREHOUSE_HELP = "The published file. Default: LEARNING_LOOP_WAREHOUSE, else ./warehouse/learning_loop.duckdb."
AS_OF_HELP = "The instant of the run, e.g. 2026-02-16T02:00:00Z; without an offset it is UTC. Default: now."


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
            from learning_loop.night import dbt_runner  # dbt takes seconds to import: only a night needs it

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
