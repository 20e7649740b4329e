"""The nights of the past on the command line: build them again, go back to one, compare two."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from learning_loop.errors import SaltError, WrongUse
from learning_loop.landing.arrival import Arrival, Rule
from learning_loop.landing.folder import files, known_feeds, landing_dir
from learning_loop.landing.identity import judged_salt
from learning_loop.night import difference, earlier
from learning_loop.night.rollback import go_back
from learning_loop.night.steps import Night, holds_erased
from learning_loop.night.targets import runner
from learning_loop.terminal import (
    AsJson,
    LandingOption,
    WarehouseOption,
    parse_instant,
    run_id,
    say,
    say_json,
    say_table,
)
from learning_loop.warehouse import is_on_lake, is_published, opened, read_published, warehouse_file

app = typer.Typer()
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
MAX_NIGHTS = 10_000


@app.command()
def replay(
    first: Annotated[str, typer.Option("--from", help="The instant of the first night, e.g. 2026-01-01T02:00:00Z.")],
    last: Annotated[str, typer.Option("--to", help="No night lies after this instant.")],
    every: Annotated[str, typer.Option(help="From one night to the next: 1d, 12h, 1w.")] = "1d",
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
    arrived: Annotated[
        str,
        typer.Option(
            help="What says when a file arrived. modified: its modification time, or the instants of its rows when "
            "that lies after --to. partition: the day of a folder date=2026-02-12. rows: the instants of its rows."
        ),
    ] = "modified",
    ahead: Annotated[bool, typer.Option("--ahead", help="Let nights lie more than a day ahead of the clock.")] = False,
) -> None:
    """Build a lost warehouse anew, night by night: each sees the landing files and decisions that were there by then.

    If nothing arrived late, the result equals the lost file. A replay that broke off goes on after its last night.
    With a salt of its own: keep learning_loop.salt beside the file, or set LEARNING_LOOP_SALT. Exit codes as nightly.
    """
    instants = _instants(parse_instant(first, "--from"), parse_instant(last, "--to"), every)
    if arrived not in list(Rule):
        raise WrongUse(f"--arrived {arrived!r} is not known. Choose {', '.join(Rule)}.")
    arrival = Arrival(Rule(arrived), instants[-1])
    root, file = landing_dir(landing), warehouse_file(warehouse)
    done = _nights_of(file)
    if done != instants[: len(done)]:
        raise WrongUse(
            f"{file} holds nights that are none of this replay. Name a file that does not exist with --warehouse."
        )
    for number, at in enumerate(instants[len(done) :], len(done) + 1):
        night = Night(root, file, at, arrival=arrival, may_be_ahead=ahead)
        runner()(night, _build, lambda _: None)
        say(f"{number:>5} of {len(instants)}  {run_id(at)}  {_loaded(file, night.run_id)}")
    said = Counter(
        "row" if arrival.of(relative, stat) is None else "file" for _, relative, stat in files(root, known_feeds())
    )
    what = {Rule.MODIFIED: "modification time", Rule.PARTITION: "folder's day", Rule.ROWS: ""}[arrival.rule]
    ways = [f"{said['file']:,} by its {what}"] * bool(said["file"]) + [f"{said['row']:,} by its rows' instants"]
    say(f"Published {len(instants) - len(done)} nights: {file}", "  files came in  " + ", ".join(ways))


@app.command()
def rollback(
    to: Annotated[
        str | None, typer.Option(help="The run to go back to. Default: the one before the published.")
    ] = None,
    list_kept: Annotated[bool, typer.Option("--list", help="Only list what is kept.")] = False,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
    landing: LandingOption = None,
) -> None:
    """Publish an earlier file again, by one rename; `nightly --keep N` keeps them.

    What was published is kept too: `rollback --to` its run leads forth again. The next night starts from the earlier
    file and reads once more what the nights since had read. Of a person who was erased meanwhile, whom the earlier
    file still holds, it is said so, and the next night erases them again.
    """
    file = warehouse_file(warehouse)
    if is_on_lake():
        earlier_run = parse_instant(to, "--to") if to else None
        return _rollback_of_a_lake(earlier_run, list_kept, as_json, file, landing_dir(landing))
    if list_kept:
        kept = earlier.kept(file)
        if as_json:
            return say_json(
                [
                    {"run_id": run_id(at), "file": str(path), "bytes": path.stat().st_size,
                     "is_published": file.exists() and path.samefile(file)}
                    for at, path in kept.items()
                ]
            )  # fmt: skip
        if not kept:
            say(f"No earlier file of {file} is kept: `nightly --keep N` keeps N.")
        for at, path in kept.items():
            published = "  published" if file.exists() and path.samefile(file) else ""
            say(f"{run_id(at)}  {path.stat().st_size / 1e6:,.1f} MB  {path}{published}")
        return
    before, now = go_back(file, parse_instant(to, "--to") if to else None)
    beware = _erased_again(file, landing_dir(landing))
    if as_json:
        was_run = run_id(before) if before else None
        return say_json({"run_id": run_id(now), "was": was_run, "file": str(file), "beware": beware})
    was = f"It was {run_id(before)}, which is kept." if before else f"The unreadable file is {file}.damaged."
    say(f"Published again the night of {run_id(now)}: {file}", f"  {was}")
    if beware:
        say(f"  {beware}")


@app.command()
def diff(
    a: Annotated[str, typer.Argument(help="A published file, or a kept run of --warehouse (2026-02-15T02:00:00Z).")],
    b: Annotated[str, typer.Argument(help="Another one.")],
    mart: Annotated[str | None, typer.Option(help="Show this mart's rows that differ.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many rows of --mart to show.")] = 20,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Say which mart rows differ between two published files: only in A, only in B, changed.

    computed_at, and when a run started and finished by the clock, are passed over.
    """
    with _opened_both(a, b, warehouse_file(warehouse)) as pair:
        found = difference.compare(pair)
        if mart and mart not in {one.mart for one in found}:
            raise WrongUse(
                f"There is no mart {mart!r} in either file. `learning-loop diff A B` names those that differ."
            )
        if mart:
            rows = difference.rows(pair, mart, limit)
            one = next(one for one in found if one.mart == mart)
            return say_json(one.as_json() | {"rows": rows}) if as_json else _tell_rows(one, rows)
    if as_json:
        return say_json([one.as_json() for one in found])
    _tell_marts([one for one in found if one.is_any], len(found))


def _rollback_of_a_lake(to: datetime | None, list_kept: bool, as_json: bool, file: Path, landing: Path) -> None:
    from learning_loop.lake import history

    if list_kept:
        found = history.kept()
        if as_json:
            return say_json(
                [
                    {"run_id": run_id(one.as_of), "snapshot": one.snapshot, "is_published": one == found[-1]}
                    for one in found
                ]
            )  # fmt: skip
        for one in sorted(found, key=lambda one: one.as_of):
            published = "  published" if one == found[-1] else ""
            say(f"{run_id(one.as_of)}  snapshot {one.snapshot}{published}")
        return
    before, now = history.go_back(to)
    beware = _erased_again(file, landing)
    if as_json:
        return say_json({"run_id": run_id(now), "was": run_id(before), "file": None, "beware": beware})
    say(f"Published again the night of {run_id(now)}: the lake", f"  It was {run_id(before)}, which is kept.")
    if beware:
        say(f"  {beware}")


def _opened_both(a: str, b: str, warehouse: Path) -> AbstractContextManager[difference.Files]:
    if is_on_lake():
        from learning_loop.lake import history

        return history.opened_both(a, b)
    file_a, file_b = (_file_of(text, warehouse) for text in (a, b))
    if file_a.samefile(file_b):
        raise WrongUse(f"{a} and {b} are one file. Name two, e.g. a kept run: `learning-loop rollback --list`.")
    return difference.opened_both(file_a, file_b)


def _erased_again(file: Path, landing: Path) -> str | None:
    """Say that the file which is published again holds a person who was erased after it."""
    try:
        salt = judged_salt(file, read_published(file).salt_fingerprint)
        is_held = salt is not None and holds_erased(file, landing, salt)
    except SaltError as error:
        return f"Whether it holds somebody who was erased cannot be told: {error}"
    if not landing.is_dir():
        return f"Whether it holds somebody who was erased cannot be told: there is no landing folder {landing}."
    if not is_held:
        return None
    return "Beware: it holds somebody who was erased since. The next night erases them again: run one now."


def _instants(first: datetime, last: datetime, every: str) -> list[datetime]:
    match = re.fullmatch(r"([1-9][0-9]{0,3})([mhdw])", every.strip())
    if not match:
        raise WrongUse(f"--every {every!r} is no span. Write it like 1d, 12h, 30m or 1w.")
    step = timedelta(**{UNITS[match[2]]: int(match[1])})
    if last < first:
        raise WrongUse(f"--to {run_id(last)} lies before --from {run_id(first)}.")
    count = (last - first) // step + 1
    if count > MAX_NIGHTS:
        raise WrongUse(f"That would be {count:,} nights. Choose a later --from or a longer --every.")
    return [first + number * step for number in range(count)]


def _nights_of(file: Path) -> list[datetime]:
    if not is_published(file):
        return []
    read_published(file)
    with opened(file) as connection:
        found = connection.execute("select as_of from nightly_runs where status = 'success' order by 1").fetchall()
    return [row[0].astimezone(UTC) for row in found]


def _build(night: Night, arguments: list[str]) -> None:
    from learning_loop.night import dbt_runner  # dbt takes seconds to import: only a night needs it

    dbt_runner.build(night, arguments, lambda _: None)


def _loaded(file: Path, run: str) -> str:
    with opened(file) as connection:
        row = connection.execute(
            "select count(*), coalesce(sum(kept), 0)::bigint, coalesce(sum(quarantined), 0)::bigint"
            " from landing_files where read_at = $1::timestamptz",
            [run],
        ).fetchall()[0]
    return f"{row[1]:,} rows kept, {row[2]:,} quarantined, of {row[0]:,} files"


def _file_of(text: str, warehouse: Path) -> Path:
    path = Path(text)
    if not path.is_file():
        kept = earlier.kept(warehouse)
        try:
            at = parse_instant(text, "A")
        except WrongUse:
            at = None
        if at not in kept:
            raise WrongUse(
                f"{text} is neither a file nor a kept run of {warehouse}. "
                f"Kept: {', '.join(run_id(one) for one in kept) or 'none'}."
            )
        path = kept[at]
    read_published(path)
    return path.resolve()


def _tell_marts(found: list[difference.MartDifference], compared: int) -> None:
    if not found:
        return say(f"No row differs in {compared} marts.")
    say_table(
        ["mart", "only in A", "only in B", "changed"],
        [[one.mart, *(f"{count:,}" for count in (one.only_in_a, one.only_in_b, one.changed))] for one in found],
        to_the_right=("only in A", "only in B", "changed"),
    )
    for one in found:
        for side, columns in (("A", one.columns_only_in_a), ("B", one.columns_only_in_b)):
            if columns:
                say(f"{one.mart}: only {side} has the columns {', '.join(columns)}")
    say("", f"{compared - len(found)} marts are equal. Rows: learning-loop diff A B --mart {found[0].mart}")


def _tell_rows(one: difference.MartDifference, rows: list[dict[str, Any]]) -> None:
    total = one.only_in_a + one.only_in_b + one.changed
    say(f"{one.mart}: {one.only_in_a:,} only in A, {one.only_in_b:,} only in B, {one.changed:,} changed")
    for row in rows:
        key = ", ".join(f"{name} {_short(value)}" for name, value in row["key"].items())
        say(f"{row['side'].replace('_', ' ').replace(' a', ' A').replace(' b', ' B')}  {key}")
        if row["side"] == "changed":
            for name in row["a"]:
                say(f"    {name}: {_short(row['a'][name])} → {_short(row['b'][name])}")
    if total > len(rows):
        say(f"… and {total - len(rows):,} more: --limit")


def _short(value: str | None) -> str:
    text = "null" if value is None else value
    return text if len(text) <= 120 else text[:119] + "…"
