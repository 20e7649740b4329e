"""The command line of the learning-loop warehouse: it puts the rooms' commands together."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from learning_loop import __version__, terminal
from learning_loop.backlog.cli import app as backlog_app
from learning_loop.backlog.policy_cli import app as policy_app
from learning_loop.editorial.cli import app as editorial_app
from learning_loop.erasure.cli import app as erasure_app
from learning_loop.errors import AnotherNightRuns, NightFailed, WrongUse, without_values
from learning_loop.experiments.cli import app as experiments_app
from learning_loop.feeds.cli import app as feeds_app
from learning_loop.importing.cli import app as importing_app
from learning_loop.night.cli import app as night_app
from learning_loop.night.history_cli import app as history_app
from learning_loop.operational_db.cli import app as operational_db_app
from learning_loop.project import VARIABLE, project_dir, write_project
from learning_loop.report.cli import app as report_app
from learning_loop.report.digest_cli import app as digest_app
from learning_loop.sample.cli import app as sample_app
from learning_loop.stage_b.cli import app as stage_b_app

app = typer.Typer(
    help="Turn the failures and editor decisions of an extraction or judging system into what a person can act on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(night_app)
app.add_typer(sample_app)
app.add_typer(feeds_app)
app.add_typer(backlog_app, name="backlog")
app.add_typer(policy_app, name="policy")
app.add_typer(editorial_app)
app.add_typer(report_app)
app.add_typer(digest_app)
app.add_typer(operational_db_app)
app.add_typer(importing_app)
app.add_typer(erasure_app)
app.add_typer(history_app)
app.add_typer(experiments_app, name="experiment")
app.add_typer(stage_b_app, name="stage-b")


def _version(is_asked: bool) -> None:
    if is_asked:
        terminal.say(f"learning-loop {__version__}")
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
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to write; it must be empty or absent.")] = Path(),
) -> None:
    """Write out the dbt project, for those who change it: models, macros, seeds with every policy, tests."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} is not empty. Name a new folder, or empty this one.")
    write_project(project_dir(), folder)
    terminal.say(
        f"Wrote {folder.resolve()}: change what you like, seeds/policy first.",
        f"Have it used: export {VARIABLE}={folder.resolve()}",
    )


def main() -> None:
    """Run the command line; a user's mistake is one line, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an ASCII terminal shows "?" for what it cannot write
            stream.reconfigure(errors="replace")
    try:
        app()
    except WrongUse as error:
        _fail(str(error), 2)
    except AnotherNightRuns as error:
        _fail(str(error), 3)
    except NightFailed as error:
        _fail(f"The night failed; what was published before stands.\n{error}", 1)
    except (OSError, duckdb.Error, OverflowError) as error:
        _fail(f"This could not be done: {without_values(f'{type(error).__name__}: {error}')}".splitlines()[0], 1)


def _fail(message: str, code: int) -> None:
    terminal.say(*message.splitlines(), to=terminal.errors, style="red" if terminal.errors.is_terminal else None)
    sys.exit(code)


if __name__ == "__main__":
    main()
