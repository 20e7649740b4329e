"""`learning-loop feeds …`: what may lie in the landing folder. `learning-loop check`: what a night would make of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learning_loop.errors import SaltError, WrongUse
from learning_loop.feeds import document as documents
from learning_loop.feeds import schema as schemas
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import known_feeds, landing_dir, must_be_listable
from learning_loop.landing.identity import known_salt
from learning_loop.terminal import AsJson, console, count_of, parse_instant, say, say_json, say_table
from learning_loop.warehouse import warehouse_file

if TYPE_CHECKING:
    from learning_loop.feeds.findings import Checked

app = typer.Typer(add_completion=False)
feeds_app = typer.Typer(
    add_completion=False, help="What may lie in the landing folder: each feed, its fields, a line to start from."
)
app.add_typer(feeds_app, name="feeds")
FeedName = Annotated[str, typer.Argument(metavar="FEED", help="Its name, such as events.")]
REASONS_SHOWN = 12


@feeds_app.callback(invoke_without_command=True)
def feeds(context: typer.Context) -> None:
    """List the feeds, and when one needs each."""
    if context.invoked_subcommand is None:
        say_table(
            ["feed", "files", "you need it when"], [(one.name, one.path_pattern, one.needed) for one in known_feeds()]
        )
        say("Nothing but the feeds of the loop that you want. Next: learning-loop feeds show FEED")


@feeds_app.command()
def show(feed: FeedName) -> None:
    """Say what a feed is: its fields, an example, what it switches on."""
    say(*documents.section(_feed(feed)))


@feeds_app.command()
def template(feed: FeedName) -> None:
    """Print an example line of each kind of row, to start from."""
    for line in documents.template(_feed(feed)):
        typer.echo(line)


@feeds_app.command()
def schema(
    feed: Annotated[str | None, typer.Argument(metavar="[FEED]", help="Only this one, on the terminal.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The folder to write to: a file for each feed.")] = None,
) -> None:
    """Write a JSON Schema (2020-12) of each feed: it accepts the rows that the night keeps."""
    if out is None and feed is None:
        raise WrongUse("Name a feed, or a folder for all of them: --out DIR.")
    chosen = [_feed(feed)] if feed else known_feeds()
    if out is None:
        say_json(schemas.schema(chosen[0]))
        return
    written = schemas.write(chosen, out)
    say(f"Wrote {count_of(len(written), 'schema')} to {out}.")


@feeds_app.command()
def document(
    out: Annotated[Path | None, typer.Option("--out", help="The file to write, such as docs/feeds.md.")] = None,
) -> None:
    """Write all feeds down as Markdown: docs/feeds.md."""
    text = documents.document(known_feeds())
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        say(f"Wrote {out}.")


@app.command()
def check(
    landing: Annotated[
        Path | None, typer.Argument(help="The folder. Default: LEARNING_LOOP_LANDING, else ./landing.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The instant of the night, e.g. 2026-02-16T02:00:00Z. Default: now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a first night would make of a landing folder: what is kept and quarantined, and why. Writes nothing.

    Persons who were erased are known by the salt (LEARNING_LOOP_SALT, or the file beside the warehouse); where there is
    none yet, their rows count as kept. The first check of a version of the code asks dbt for the night's own SQL, and
    keeps it in the user's cache.

    Exit code 0: clean. 1: there is something to look at. 2: wrong use.
    """
    from learning_loop.feeds import findings, judge  # Arrow takes long to import

    folder = landing_dir(landing)
    must_be_listable(folder)
    at = parse_instant(as_of, "--as-of") if as_of else datetime.now(UTC)
    try:
        salt = known_salt(warehouse_file())
    except SaltError as error:
        raise WrongUse(str(error)) from error
    found = findings.check(folder, judge.recorded_statements(), at, salt)
    if as_json:
        say_json(found.as_json())
    else:
        _tell(found)
    if not found.is_clean:
        raise typer.Exit(1)


def _feed(name: str) -> Feed:
    found = {feed.name: feed for feed in known_feeds()}
    if name not in found:
        raise WrongUse(f"There is no feed {name!r}. There are {', '.join(found)}.")
    return found[name]


def _tell(found: Checked) -> None:
    from learning_loop.feeds import findings

    for file in found.files:
        if file.not_read:
            say(f"{file.source_file}: not read: {file.not_read}")
            continue
        counts = (
            (file.kept, "kept"),
            (file.redelivered, "redelivered"),
            (file.ignored, "passed over"),
            (file.quarantined, "quarantined"),
        )
        told = ", ".join(f"{count:,} {what}" for count, what in counts if count or what == "kept")
        say(f"{file.source_file}: {file.feed}, {count_of(file.rows_in, 'row')}: {told}")
        for reason in file.reasons[:REASONS_SHOWN]:
            says = reason.says
            if reason.value is not None and console.is_terminal:  # a value goes to a person's eyes, not into a log
                says = says.replace(" is none of ", f" is `{reason.value}`: one of ")
            say(f"    {findings.shown_lines(reason.lines)}: {says} [{reason.reason_code}]")
        if len(file.reasons) > REASONS_SHOWN:
            say(f"    and {len(file.reasons) - REASONS_SHOWN:,} more reasons: --json lists them")
        if file.has_open_line:
            say("    the last line has no end: it waits for the next night")
        for hint in file.hints:
            say(f"    {hint}")
    for name, nearest in found.unknown_folders.items():
        say(f"{name}/: no feed reads it" + (f"; is {nearest} meant?" if nearest else ""))
    for loop in found.loops:
        say(f"{loop.loop}: {loop.says}")
    if not found.files:
        say("There is no file in it. What may lie there: learning-loop feeds")
    say(
        "Clean." if found.is_clean else "There is something to look at above. Rows that are kept are kept all the same."
    )
