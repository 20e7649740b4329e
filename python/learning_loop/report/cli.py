"""`learning-loop report` and `learning-loop status`: what wants a person, on a page and in the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from learning_loop import atomic
from learning_loop.errors import WrongUse
from learning_loop.night.cloning import can_clone
from learning_loop.report.blocks import cell
from learning_loop.report.reading import Row
from learning_loop.report.standing import Standing, alarms, fixes_in_words, gate_in_words, stand
from learning_loop.terminal import (
    AsJson,
    WarehouseOption,
    count_of,
    fitted,
    parse_instant,
    safe,
    say,
    say_json,
    say_marked,
    say_table,
)
from learning_loop.warehouse import is_on_lake, open_published, warehouse_file

app = typer.Typer(add_completion=False)

STALE = 4
SHOWN_ITEMS = 3
SHOWN_FILES = 20

Now = Annotated[
    str | None,
    typer.Option(
        "--now", help="The instant at which to judge the last night's age, for a file of the past. Default: now."
    ),
]


@app.command()
def report(
    out: Annotated[
        Path,
        typer.Option(
            help="The page to write; an existing one is replaced. A folder (one that is there, or a name without an"
            " ending): the page, and one for each candidate, experiment and source."
        ),
    ],
    warehouse: WarehouseOption = None,
    now: Now = None,
) -> None:
    """Write the morning's page: what wants a person, what changed, a part for each loop. It asks for nothing."""
    from learning_loop.report import site
    from learning_loop.report.page import write_page

    if out.is_dir() or not (out.suffix or out.exists()):
        site.refuse_foreign(out)
        file = warehouse_file(warehouse)
        with open_published(file) as connection:
            say(f"Wrote {site.write_site(connection, file, _instant(now), out):,} pages into {out}.")
        return
    if not out.resolve().parent.is_dir():
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
    say(f"Wrote {out} ({len(page.encode()) / 1e6:.1f} MB).")


@app.command()
def status(
    warehouse: WarehouseOption = None,
    now: Now = None,
    as_json: AsJson = False,
) -> None:
    """Say what wants a person, how old the feeds and the last night are, what is in quarantine and what is not read.

    Exit code 4: a feed or the night itself is older than its bar in seeds/policy/feed_freshness_policy.csv.
    """
    file = warehouse_file(warehouse)
    with open_published(file) as connection:
        standing = stand(connection, file, _instant(now))
    place, in_words = _place(file)
    if as_json:
        say_json(_as_json(standing) | {"file": place})
    else:
        _tell(standing, in_words)
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
        "not_read": standing.not_read,
        "fixes": standing.fixes,
        "placebos": standing.placebos,
    }  # fmt: skip


def _tell(standing: Standing, place_in_words: str) -> None:
    for alarm in alarms(standing):
        _say_fitted(alarm, "bold red")
    night = standing.night
    _say_fitted(
        f"The last night is {night['run_id']}, {cell(standing.night_age_hours, 'age')} old;"
        f" {night['tests_passed']:,} tests passed."
    )
    for told in (place_in_words, fixes_in_words(standing), gate_in_words(standing)):
        _say_fitted(told)
    wanted = [kind for kind in standing.kinds if kind["item_count"]]
    say_marked("", "[bold]Wants a person[/]" if wanted else "Nothing wants a person.")
    for kind in wanted:
        entries = [item for item in standing.items if item["kind"] == kind["kind"]]
        _tell_kind(kind, entries, says_new=not night["is_first_list"])
    say("")
    _tell_feeds(standing.feeds)
    say("")
    if standing.quarantine:
        _tell_quarantine(standing.quarantine)
    else:
        say("Nothing is in quarantine.")
    _tell_not_read(standing.not_read)


def _place(file: Path) -> tuple[dict[str, Any] | None, str]:
    """Return of the published file its size and how a night gets its own, for programs and in words."""
    if is_on_lake():
        return None, "The warehouse is a lake: a night commits to it, and readers see the published snapshot."
    size, is_cloned = file.stat().st_size, can_clone(file.parent)
    how = {
        True: "a night works on a clone of it, which takes no time and no space",
        False: "a night copies it, which takes as much free space again",
        None: "whether a night can clone it cannot be told without the right to write beside it",
    }
    return {"size_bytes": size, "is_cloned": is_cloned}, f"The file has {size / 1e6:,.1f} MB: {how[is_cloned]}."


def _tell_kind(kind: Row, items: list[Row], says_new: bool) -> None:
    new = f", {kind['new_count']:,} new" if kind["new_count"] and says_new else ""
    say_marked(f"  [bold]{kind['item_count']:>6,}[/]  {safe(kind['title'])}{new}")
    for item in items[:SHOWN_ITEMS]:
        mark = "new  " if item["is_new"] and says_new else "     "
        _say_fitted(f"          {mark}{item['title']}")
        key = f"{item['short_key']}  " if item["short_key"] else ""
        _say_fitted(f"               {key}{item['detail']}", "dim")
    hidden = len(items) - SHOWN_ITEMS
    more = f"{hidden:,} more in attention_items. " if hidden > 0 else ""
    _say_fitted(f"               {more}{kind['next_step']}", "dim")


def _say_fitted(text: str, style: str = "") -> None:
    """Print a text, if there is one, as it fits the terminal."""
    for line in fitted([text] if text else []):
        say_marked(f"[{style}]{safe(line)}[/]" if style else safe(line))


def _tell_not_read(entries: list[Row]) -> None:
    if not entries:
        return
    say("", "Left alone in the landing folder:")
    say(*(f"  {entry['source_file']}: {entry['reason']}" for entry in entries[:SHOWN_FILES]))
    if len(entries) > SHOWN_FILES:
        say(f"  and {len(entries) - SHOWN_FILES:,} more in landing_files, where status = 'not_read'.")


def _tell_feeds(feeds: list[Row]) -> None:
    unused = sum(feed["verdict"] == "not_delivered" for feed in feeds)
    feeds = [feed for feed in feeds if feed["verdict"] != "not_delivered"]
    say_table(
        ["feed", "verdict", "newest row", "age", "bar", "rows"],
        [
            [
                feed["feed"], feed["verdict"].replace("_", " "), cell(feed["newest_row_at"], "instant"),
                cell(feed["age_hours"], "age"), cell(feed["max_age_hours"], "age"), cell(feed["stored_count"], "count"),
            ]
            for feed in feeds
        ],
        "Feeds, by the age of their newest row at the night",
        to_the_right=("age", "bar", "rows"),
        styles=["bold red" if feed["verdict"] == "stale" else None for feed in feeds],
    )  # fmt: skip
    if unused:
        say(f"{count_of(unused, 'other feed')} never brought a row: `learning-loop feeds` says what each is for.")


def _tell_quarantine(found: list[Row]) -> None:
    say_table(
        ["feed", "reason", "rows", "new", "the latest"],
        [
            [
                row["feed"], row["reason_code"], cell(row["row_count"], "count"), cell(row["new_count"], "count"),
                ": ".join(part for part in (row["latest_file"], row["latest_detail"]) if part),
            ]
            for row in found
        ],
        "In quarantine",
        to_the_right=("rows", "new"),
    )  # fmt: skip
