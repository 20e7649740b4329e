"""`learning-loop import`: exports of other tools become files of the feeds."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from learning_loop.landing.folder import known_feeds, landing_dir
from learning_loop.project import project_dir
from learning_loop.terminal import AsJson, count_of, parse_instant, say, say_json, say_table

if TYPE_CHECKING:
    from learning_loop.importing.importer import Importer
    from learning_loop.importing.importing import Imported
    from learning_loop.landing.declaration import Feed

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("import")
def import_(
    source: Annotated[
        str | None, typer.Argument(help="The tool, or an SQL file of your own; without it: what there is.")
    ] = None,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files of its export; without them: what it expects.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The landing folder. Default: LEARNING_LOOP_LANDING, else ./landing.")
    ] = None,
    map_: Annotated[
        Path | None, typer.Option("--map", help="A YAML file: settings and what values mean, over the importer's own.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Only what changed at or after this instant, or 2w back, by the tool's own times."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the export of another tool into the landing folder: label_studio, argilla, langfuse, scrapy and more.

    An importer is one SQL file that sees the records of the files and nothing else. The same export writes the same
    files; nothing is written unless all of it can be. Exit code 0: imported. 2: wrong use, or another export than the
    importer expects.
    """
    from learning_loop.importing import importer as importers  # DuckDB and YAML: only this command needs them
    from learning_loop.importing import importing

    if source is None:
        _list(as_json)
        return
    chosen = importers.with_map(importers.load(source), map_)
    if not files:
        _show(chosen, as_json)
        return
    at = parse_instant(since, "--since", datetime.now(UTC)) if since else None
    done = importing.run(chosen, files, landing_dir(out), _importable(), project_dir(), at)
    if as_json:
        say_json(asdict(done))
    else:
        say(*_lines(done))
        if any(one.path for one in done.written):
            say(f"Next: learning-loop check {shlex.quote(str(landing_dir(out)))}")


def _importable() -> list[Feed]:
    """Return the feeds whose rows need no folder of their own."""
    return [feed for feed in known_feeds() if feed.path_pattern == f"{feed.name}/*"]


def _list(as_json: bool) -> None:
    from learning_loop.importing import importer as importers

    known = [importers.load(name) for name in sorted(importers.known())]
    if as_json:
        say_json([{"name": one.name, "expects": one.expects, "feeds": one.feeds} for one in known])
        return
    say_table(["importer", "feeds", "expects"], [(one.name, ", ".join(one.feeds), one.expects) for one in known])


def _show(one: Importer, as_json: bool) -> None:
    if as_json:
        say_json(asdict(one) | {"sql": None})
        return
    say(f"{one.name} expects: {one.expects}", f"It follows {one.follows}", f"Feeds: {', '.join(one.feeds)}.")
    if one.settings:
        say("Settings, which --map overrides under `settings:`")
        say(*(f"  {name}: {'' if value is None else value}" for name, value in one.settings.items()))
    for name, words in one.values.items():
        say(f"What words of {name} mean, which --map overrides under `values:`")
        say(f"  {', '.join(f'{word}: {means}' for word, means in words.items())}")
    say(f"Import: learning-loop import {one.name} FILE … --out LANDING")


def _lines(done: Imported) -> list[str]:
    lines = []
    for one in done.written:
        if one.path:
            state = "" if one.is_new else "; they were there already"
            lines.append(f"{one.feed}: {count_of(one.row_count, 'row')} in {one.path}{state}.")
        if one.left_out:
            lines.append(f"{one.feed}: {count_of(one.left_out, 'row')} left out, as the map says.")
        lines += [
            f"{one.feed}: {count_of(count, 'row')} without `{name}`, which is required: the night will quarantine them."
            for name, count in sorted(one.lacking.items())
        ]
    lines += [f"Note: {note}." for note in done.notes]
    lines += [
        f"{feed}: {count_of(count, 'row')} left, since this project declares no such feed."
        for feed, count in done.undeclared.items()
    ]
    if not any(one.path for one in done.written):
        lines.append(f"Of {count_of(done.records, 'record')} nothing is to be imported.")
    return lines
