"""`learning-loop digest`: the list for a chat or a mail, printed; sent only where that is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from learning_loop.errors import WrongUse
from learning_loop.terminal import AsJson, WarehouseOption, parse_instant, say, say_json_text
from learning_loop.warehouse import open_published, warehouse_file

app = typer.Typer(add_completion=False)


@app.command()
def digest(
    form: Annotated[str, typer.Option("--format", help="slack, markdown or text.")] = "text",
    since: Annotated[
        str | None, typer.Option(help="Only what is new or changed since then. Default: the night before the last.")
    ] = None,
    post: Annotated[
        bool, typer.Option("--post", help="Send it to the https address in LEARNING_LOOP_DIGEST_URL.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --post: say where it would go; send nothing.")
    ] = False,
    even_if_quiet: Annotated[
        bool, typer.Option("--even-if-quiet", help="With --post: send it also if nothing is new or changed.")
    ] = False,
    as_json: AsJson = False,
    now: Annotated[
        str | None, typer.Option("--now", help="The instant at which to judge the last night's age. Default: now.")
    ] = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Print what is new or changed since an instant: of what wants a person, of what people decided, of what left.

    It remembers nothing: the same --since gives the same digest. Nothing is sent without --post.
    """
    from learning_loop.report import digest as digests
    from learning_loop.report import posting
    from learning_loop.report.standing import stand

    if form not in digests.FORMATS:
        raise WrongUse(f"--format {form} is unknown. Choose one of {', '.join(digests.FORMATS)}.")
    if (dry_run or even_if_quiet) and not post:
        raise WrongUse("--dry-run and --even-if-quiet belong to --post: without it nothing is sent.")
    where = posting.address() if post else None
    start = parse_instant(since, "--since") if since else None
    at = parse_instant(now, "--now") if now else datetime.now(UTC)
    file = warehouse_file(warehouse)
    with open_published(file) as connection:
        found = digests.read_digest(connection, stand(connection, file, at), start)
    written = digests.write(found, form)
    if where is None or dry_run:
        if as_json or form == "slack":
            say_json_text(written if form == "slack" else json.dumps({"text": written}, ensure_ascii=False))
        elif form == "markdown":  # `say` would take out the marks that break mentions; all else went through `plain`
            typer.echo(written, nl=False)
        else:
            say(*written.splitlines())
        if where is not None:
            typer.echo(f"A dry run: this would go to {where.hostname}; nothing was sent.", err=True)
        return
    if found.is_quiet and not even_if_quiet:
        say("Nothing is new or changed: nothing was sent.")
        return
    body = written if form == "slack" else json.dumps({"text": written}, ensure_ascii=False)
    posting.post(where, body.encode(), "application/json; charset=utf-8")
    say(f"Sent to {where.hostname}.")
