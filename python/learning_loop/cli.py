"""The command line of the learning-loop warehouse: it puts the rooms' commands together."""

from __future__ import annotations

import gc

gc.disable()  # nothing of what is loaded is garbage: to look through it takes a tenth of the time at start
# ruff: noqa: E402
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from learning_loop import __version__, terminal
from learning_loop.errors import AnotherNightRuns, NightFailed, WrongUse, without_values
from learning_loop.project import VARIABLE, project_dir, write_project
from learning_loop.rooms import Room, Rooms

# What a person is about to do, and the commands for it; each line says what the command's own help says first.
SECTIONS = {
    "Every night": {
        "nightly": Room("learning_loop.night.cli", "Run a night: load, compute, test, publish."),
        "status": Room(
            "learning_loop.report.cli",
            "Say what wants a person, how old the feeds and the last night are, what is in quarantine and what is not"
            " read.",
        ),
        "report": Room(
            "learning_loop.report.cli",
            "Write the morning's page: what wants a person, what changed, a part for each loop.",
        ),
        "digest": Room(
            "learning_loop.report.digest_cli",
            "Print what is new or changed since an instant: of what wants a person, of what people decided, of what"
            " left.",
        ),
    },
    "Decide": {
        "backlog": Room(
            "learning_loop.backlog.cli",
            "The backlog: what was proposed and why, what people decided, and the way to a promoted issue.",
            is_app=True,
        ),
        "experiment": Room("learning_loop.experiments.cli", "Where the experiments stand.", True),
        "sources": Room(
            "learning_loop.editorial.cli",
            "Show how each source does, those with reviews first: what editors promote, where it heads, what it is set"
            " to.",
        ),
        "source": Room("learning_loop.editorial.cli", "Pause a source, or let it run again."),
        "suggestion": Room("learning_loop.editorial.cli", "What to change about sources: plan, adopt, refuse."),
        "inbox": Room(
            "learning_loop.editorial.inbox_cli",
            "Show what waits for an editor, what is worth reading first, and the models behind it.",
        ),
        "override": Room(
            "learning_loop.editorial.cli",
            "Say whether a candidate is shown, whatever its score; clear leaves it to the score again.",
        ),
        "rules": Room("learning_loop.editorial.cli", "The quality rules."),
        "stage-b": Room("learning_loop.stage_b.cli", "Stage-B: review, rules, and files for reviewers.", True),
        "shadow": Room("learning_loop.landing.cli", "What a re-evaluation beside production found."),
        "change": Room("learning_loop.landing.cli", "Changes of sources that were deployed."),
        "flag": Room(
            "learning_loop.landing.cli",
            "Raise a safety flag or a compliance incident on a candidate: a guardrail of experiments and sources.",
        ),
        "policy": Room("learning_loop.backlog.policy_cli", "The numbers that decide.", True),
    },
    "Bring data": {
        "feeds": Room(
            "learning_loop.feeds.cli",
            "What may lie in the landing folder: each feed, its fields, a line to start from.",
        ),
        "check": Room(
            "learning_loop.feeds.cli",
            "Say what a first night would make of a landing folder: what is kept and quarantined, and why.",
        ),
        "import": Room(
            "learning_loop.importing.cli",
            "Bring the export of another tool into the landing folder: label_studio, argilla, langfuse, scrapy and"
            " more.",
        ),
        "land": Room(
            "learning_loop.operational_db.cli",
            "Copy new and changed rows of the operational database into the landing folder.",
        ),
        "sample": Room(
            "learning_loop.sample.cli",
            "Write a made-up landing folder with planted truths, listed in its truth.json.",
        ),
    },
    "Look back, mend, change": {
        "diff": Room(
            "learning_loop.night.history_cli",
            "Say which mart rows differ between two published files: only in A, only in B, changed.",
        ),
        "replay": Room(
            "learning_loop.night.history_cli",
            "Build a lost warehouse anew, night by night: each sees the landing files and decisions that were there by"
            " then.",
        ),
        "rollback": Room(
            "learning_loop.night.history_cli",
            "Publish an earlier file again, by one rename; `nightly --keep N` keeps them.",
        ),
        "erase": Room(
            "learning_loop.erasure.cli",
            "Forget a person: rewrite the landing files that hold their rows, and have the next night drop the rest.",
        ),
        "init": Room(
            "learning_loop.cli",
            "Write out the dbt project, for those who change it: models, macros, seeds with every policy, tests.",
        ),
    },
}


class _Root(Rooms):
    sections = SECTIONS


app = typer.Typer(
    help="Turn the failures and editor decisions of an extraction or judging system into what a person can act on.",
    no_args_is_help=True,
    cls=_Root,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

gc.enable()


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
    gc.enable()  # the command is loaded
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
    gc.disable()
    try:
        app()
    except WrongUse as error:
        _fail(str(error), 2)
    except AnotherNightRuns as error:
        _fail(str(error), 3)
    except NightFailed as error:
        _fail(f"The night failed; what was published before stands.\n{error}", 1)
    except Exception as error:
        if not isinstance(error, (OSError, OverflowError, *_of_duckdb())):
            raise
        _fail(f"This could not be done: {without_values(f'{type(error).__name__}: {error}')}".splitlines()[0], 1)


def _of_duckdb() -> tuple[type[Exception], ...]:
    """Return DuckDB's errors, if a command has loaded it."""
    duckdb = sys.modules.get("duckdb")
    return (duckdb.Error,) if duckdb else ()


def _fail(message: str, code: int) -> None:
    terminal.say(*message.splitlines(), to=terminal.errors, style="red" if terminal.errors.is_terminal else None)
    sys.exit(code)


if __name__ == "__main__":
    main()
