"""`learning-loop nightly`: run a night."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from learning_loop.landing.folder import known_feeds, landing_dir, unknown_folders
from learning_loop.night import summary
from learning_loop.night.steps import Night
from learning_loop.night.targets import Target, how_to_attach, runner
from learning_loop.terminal import (
    AsJson,
    LandingOption,
    WarehouseOption,
    console,
    count_of,
    errors,
    parse_instant,
    safe,
    say,
    say_json,
    say_marked,
)
from learning_loop.warehouse import is_on_lake, opened, warehouse_file

app = typer.Typer(add_completion=False)

SHOWN_STEPS = 3
AS_OF_HELP = "The instant of the run, e.g. 2026-02-16T02:00:00Z; without an offset it is UTC. Default: now."


@app.command()
def nightly(
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
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
        typer.Option(
            min=0, max=10_000, envvar="LEARNING_LOOP_KEEP", help="How many earlier published files stay, for rollback."
        ),
    ] = None,
    as_json: AsJson = False,
    target: Annotated[
        Target,
        typer.Option(envvar="LEARNING_LOOP_TARGET", help="local: a file. lake: DuckLake, see docs/scale.md."),
    ] = Target.LOCAL,
    ahead: Annotated[bool, typer.Option("--ahead", help="Let --as-of lie more than a day ahead of the clock.")] = False,
) -> None:
    """Run a night: load, compute, test, publish.

    Exit code 0: published. 1: a model or a test failed; yesterday's file stands. 2: wrong use or unreadable input.
    3: another night is running.
    """
    night = Night(
        landing=landing_dir(landing),
        warehouse=warehouse_file(warehouse),
        as_of=parse_instant(as_of, "--as-of") if as_of else datetime.now(UTC),
        full_refresh=full_refresh,
        with_bridge=bridge,
        keep=keep,
        all_tests=all_tests,
        may_be_ahead=ahead,
    )
    os.environ["LEARNING_LOOP_TARGET"] = target.value
    places = _places(night)  # now: the build writes the night's own places into this process's environment
    before: tuple[set[Any], set[Any]] = (set(), set())
    with _progress() as progress:
        task = progress.add_task("start", total=None)

        def step(name: str) -> None:
            progress.update(task, description=name)
            _line(f"{name} …", as_json)

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
            if is_on_lake():  # what it makes is not published yet
                return _line(f"  {tally.models} models passed", as_json)
            with opened(night.private_file) as made:  # dbt counts no test that is held with others in one statement
                tests = made.execute("select arg_max(tests_passed, run_number) from nightly_runs").fetchall()[0][0]
            _line(f"  {tally.models} models and {tests} tests passed", as_json)

        runner()(night, build, step)
        seconds = progress.tasks[0].elapsed or 0
    told = summary.summarize(night.warehouse, night.run_id, before)
    if as_json:
        attach = how_to_attach()
        place = {"file": None, "attach": attach} if attach else {"file": str(night.warehouse)}
        return say_json({"run_id": night.run_id} | place | {"seconds": seconds} | vars(told))
    _tell(night, told, seconds, places)


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


def _line(text: str, is_beside: bool) -> None:
    """Say a step line by line where there is no terminal to draw on; beside the output where that is JSON."""
    if not console.is_terminal:
        say(text, to=errors if is_beside else None)


def _tell(night: Night, told: summary.Summary, seconds: float, places: str) -> None:
    reasons = ", ".join(f"{count} {reason}" for reason, count in told.reasons.items())
    lines = [
        f"[bold]Published[/bold] the night of {night.run_id} in {seconds:.0f} s: "
        + ("the lake" if is_on_lake() else safe(str(night.warehouse))),
        f"  rows      {told.kept:,} kept, {told.redelivered:,} redelivered, {told.ignored:,} ignored, "
        f"{told.quarantined:,} quarantined, of {told.files_read:,} files read tonight",
    ]
    if reasons:
        lines.append(f"            newly quarantined: {safe(reasons)}")
    if told.not_read:
        lines.append(f"            not read, see landing_files: {_some(told.not_read)}")
    if told.has_events or told.clusters or told.alerts:
        lines += [
            f"  clusters  {told.clusters} in {told.week}, {len(told.new_clusters)} new: {_some(told.new_clusters)}",
            f"  alerts    {told.alerts} in {told.week}, {len(told.new_alerts)} new: {_some(told.new_alerts)}",
        ]
    if told.sources:
        name, rate, _, days = told.sources[0]
        lines.append(
            f"  sources   {count_of(len(told.sources), 'source')} with {sum(one[2] for one in told.sources):,} reviewed"
            f" candidates in {days} days; lowest promotion rate {rate:.0%}: {safe(name)}"
        )
    if unknown := unknown_folders(night.landing, known_feeds()):
        lines.append(f"  [yellow]no feed reads[/yellow] {safe(', '.join(unknown))}: a misspelt folder?")
    for number, (count, title, step) in enumerate(told.wanted[:SHOWN_STEPS]):
        head = "  next      " if not number else " " * 12
        lines.append(f"{head}{safe(title)}: {count:,}. {safe(step)}")
    more = len(told.wanted) - SHOWN_STEPS
    rest = f"{count_of(more, 'kind')} more: " if more > 0 else ""
    head = " " * 12 if told.wanted else "  next      Nothing wants a person. "
    lines.append(f"{head}{rest}learning-loop status, or the page: learning-loop report --out report.html")
    if places:
        lines.append(f"  for these {safe(places)}")
    if attach := how_to_attach():
        lines.append(f"  to read   {safe(attach)}")
    say_marked(*lines)


def _places(night: Night) -> str:
    """Return what a shell must be told for the commands above to be found, and to read what this night read."""
    told = []
    if not shutil.which("learning-loop"):
        told.append(f'PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    if night.landing != landing_dir(None):
        told.append(f"LEARNING_LOOP_LANDING={shlex.quote(str(night.landing))}")
    if night.warehouse != warehouse_file(None) and not is_on_lake():
        told.append(f"LEARNING_LOOP_WAREHOUSE={shlex.quote(str(night.warehouse))}")
    return f"export {' '.join(told)}" if told else ""


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return safe(shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")) or "none"
