"""`learning-loop report` and `learning-loop status`: what wants a person, on a page and in the terminal."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from learning_loop import atomic
from learning_loop.errors import WrongUse
from learning_loop.report.blocks import cell
from learning_loop.report.reading import Row
from learning_loop.report.standing import Standing, alarms, stand
from learning_loop.terminal import instant_text, parse_instant
from learning_loop.warehouse import open_published, warehouse_file

app = typer.Typer(add_completion=False)
# A pipe has no width: tables are then as wide as they need.
console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)

STALE = 4
SHOWN_ITEMS = 3

Warehouse = Annotated[
    Path | None,
    typer.Option(help="The published file. Default: LEARNING_LOOP_WAREHOUSE, else ./warehouse/learning_loop.duckdb."),
]
Now = Annotated[
    str | None,
    typer.Option(
        "--now", help="The instant at which to judge the last night's age, for a file of the past. Default: now."
    ),
]


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="The page to write; an existing one is replaced.")],
    warehouse: Warehouse = None,
    now: Now = None,
) -> None:
    """Write the morning's page: what wants a person, what changed, a part for each loop. It loads and runs nothing."""
    from learning_loop.report.page import write_page  # altair takes a second to import: only the page needs it

    if out.is_dir() or not out.resolve().parent.is_dir():
        raise WrongUse(f"{out} cannot be written: name a file in a folder that exists with --out.")
    file = warehouse_file(warehouse)
    with open_published(file) as connection:
        page = write_page(connection, file, _instant(now))
    try:
        if out.exists() and not out.is_file():  # /dev/stdout, a pipe: nothing that a rename could replace
            out.write_bytes(page.encode())
        else:
            atomic.write(out.resolve(), page.encode())
    except OSError as error:
        raise WrongUse(f"{out} cannot be written: {error.strerror}. Name another file with --out.") from error
    console.print(escape(f"Wrote {out} ({len(page.encode()) / 1e6:.1f} MB)."), soft_wrap=True)


@app.command()
def status(
    warehouse: Warehouse = None,
    now: Now = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every entry.")] = False,
) -> None:
    """Say what wants a person, how old the feeds and the last night are, and what is in quarantine.

    Exit code 4: a feed or the night itself is older than its bar in seeds/policy/feed_freshness_policy.csv.
    """
    file = warehouse_file(warehouse)
    with open_published(file) as connection:
        standing = stand(connection, file, _instant(now))
    if as_json:
        typer.echo(json.dumps(_as_json(standing), default=_isoformat, ensure_ascii=False))
    else:
        _tell(standing)
    if standing.is_stale:
        raise typer.Exit(STALE)


def _instant(now: str | None) -> datetime:
    return parse_instant(now, "--now") if now else datetime.now(UTC)


def _as_json(standing: Standing) -> dict[str, Any]:
    return {
        "now": standing.now,
        "is_stale": standing.is_stale,
        "stale": (["nightly"] if standing.is_night_stale else []) + [feed["feed"] for feed in standing.stale_feeds],
        "night": standing.night | {"age_hours": standing.night_age_hours, "is_stale": standing.is_night_stale},
        "failed_since": standing.failed_since,
        "feeds": standing.feeds,
        "wants_a_person": [
            kind | {"entries": [item for item in standing.items if item["kind"] == kind["kind"]]}
            for kind in standing.kinds
        ],
        "quarantine": standing.quarantine,
    }  # fmt: skip


def _isoformat(value: Any) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    raise TypeError(f"{type(value)} has no JSON form")


def _tell(standing: Standing) -> None:
    for alarm in alarms(standing):
        console.print(f"[bold red]{escape(alarm)}[/]", soft_wrap=True)
    night = standing.night
    console.print(
        f"The last night is {night['run_id']}, {cell(standing.night_age_hours, 'age')} old;"
        f" {night['tests_passed']:,} tests passed.",
        soft_wrap=True,
    )
    wanted = [kind for kind in standing.kinds if kind["item_count"]]
    console.print("\n[bold]Wants a person[/]" if wanted else "\nNothing wants a person.")
    for kind in wanted:
        entries = [item for item in standing.items if item["kind"] == kind["kind"]]
        _tell_kind(kind, entries, says_new=not night["is_first_list"])
    console.print()
    console.print(_feeds(standing.feeds))
    if standing.quarantine:
        console.print()
        console.print(_quarantine(standing.quarantine))
    else:
        console.print("\nNothing is in quarantine.")


def _tell_kind(kind: Row, items: list[Row], says_new: bool) -> None:
    new = f", {kind['new_count']:,} new" if kind["new_count"] and says_new else ""
    console.print(f"  [bold]{kind['item_count']:>6,}[/]  {escape(kind['title'])}{new}", soft_wrap=True)
    for item in items[:SHOWN_ITEMS]:
        mark = "new  " if item["is_new"] and says_new else "     "
        console.print(f"          {mark}{escape(item['title'])}", soft_wrap=True)
        console.print(f"               [dim]{escape(item['detail'])}[/]", soft_wrap=True)
    hidden = len(items) - SHOWN_ITEMS
    more = f"{hidden:,} more in attention_items. " if hidden > 0 else ""
    console.print(f"               [dim]{escape(more + kind['next_step'])}[/]", soft_wrap=True)


def _feeds(feeds: list[Row]) -> Table:
    table = Table(title="Feeds, by the age of their newest row at the night", title_justify="left")
    for name in ("feed", "verdict", "newest row", "age", "bar", "rows"):
        table.add_column(name, justify="right" if name in ("age", "bar", "rows") else "left")
    for feed in feeds:
        table.add_row(
            escape(feed["feed"]), feed["verdict"].replace("_", " "), cell(feed["newest_row_at"], "instant"),
            cell(feed["age_hours"], "age"), cell(feed["max_age_hours"], "age"), cell(feed["stored_count"], "count"),
            style="bold red" if feed["verdict"] == "stale" else None,
        )  # fmt: skip
    return table


def _quarantine(found: list[Row]) -> Table:
    table = Table(title="In quarantine", title_justify="left")
    for name in ("feed", "reason", "rows", "new", "the latest"):
        table.add_column(name, justify="right" if name in ("rows", "new") else "left")
    for row in found:
        latest = ": ".join(part for part in (row["latest_file"], row["latest_detail"]) if part)
        table.add_row(
            escape(row["feed"]), escape(row["reason_code"]), cell(row["row_count"], "count"),
            cell(row["new_count"], "count"), escape(latest),
        )  # fmt: skip
    return table
