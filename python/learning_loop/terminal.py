"""What the commands of all rooms share: the terminal, options, instants, tables, JSON, and texts made safe to show."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from learning_loop.errors import WrongUse

LandingOption = Annotated[
    Path | None, typer.Option("--landing", help="The landing folder. Default: LEARNING_LOOP_LANDING, else ./landing.")
]
WarehouseOption = Annotated[
    Path | None,
    typer.Option(
        "--warehouse",
        help="The published file. Default: LEARNING_LOOP_WAREHOUSE, else ./warehouse/learning_loop.duckdb.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a text for people.")]
ABOUT_A_SIGNER = 200  # characters
FIRST_INSTANT, LAST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)


def signer(name: str) -> str:
    """Return a name that signs a decision, as it was written.

    Raises:
        WrongUse: nobody could say whose it is: it is blank, holds what cannot be seen, or is no name by its length.
    """
    if not name.strip():
        raise WrongUse("--by is blank: a decision is signed by somebody.")
    if plain(name) != name:
        raise WrongUse("--by holds characters that cannot be seen. Write the name as it is read.")
    if len(name) > ABOUT_A_SIGNER:
        raise WrongUse(f"--by has {len(name):,} characters. A name has {ABOUT_A_SIGNER} at most.")
    return name


By = Annotated[
    str,
    typer.Option(
        "--by",
        callback=signer,
        help="Who decides, as in the seed of approvers. The name is kept as written: it signs.",
    ),
]


def make_console(is_for_errors: bool = False) -> Console:
    """Return a console. A pipe has no width: tables are then as wide as they need."""
    is_terminal = (sys.stderr if is_for_errors else sys.stdout).isatty()
    return Console(stderr=is_for_errors, highlight=False, emoji=False, width=None if is_terminal else 200)


console = make_console()
errors = make_console(is_for_errors=True)


def say(*lines: str, to: Console | None = None, style: str | None = None) -> None:
    """Print lines as they are: what looks like markup is text, and what a terminal would obey is taken out."""
    for line in lines:
        (to or console).print(plain(line), soft_wrap=True, markup=False, style=style)


def say_marked(*lines: str) -> None:
    """Print lines with markup; what comes from data must have gone through `safe`."""
    for line in lines:
        console.print(plain(line), soft_wrap=True)


def say_json(value: Any) -> None:
    """Print a value as JSON; instants as a run's id is written."""
    say_json_text(json.dumps(value, ensure_ascii=False, indent=2, default=_json_form))


def say_json_text(text: str) -> None:
    """Print JSON. It keeps every character: one that a terminal would obey, or cannot write, is escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    escaped = "".join(_escape(char) if _is_obeyed(char) and char != "\n" else char for char in text)
    try:
        escaped.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        escaped = "".join(char if char.isascii() else _escape(char) for char in escaped)
    typer.echo(escaped)


def say_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    title: str | None = None,
    to_the_right: Collection[str] = (),
    styles: Sequence[str | None] | None = None,
) -> None:
    """Print rows under their columns; null is an empty cell.

    Args:
        columns: the headings.
        rows: the cells of each row, any values.
        title: a line above.
        to_the_right: the columns of numbers.
        styles: a style for each row.
    """
    table = Table(title=safe(title) if title else None, title_justify="left", box=None, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", justify="right" if name in to_the_right else "left")
    for number, row in enumerate(rows):
        cells = ("" if value is None else safe(str(value)) for value in row)
        table.add_row(*cells, style=styles[number] if styles else None)
    console.print(table)


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: 1 row, 1,200 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def safe(text: str) -> str:
    """Return a text for `say_marked`: it shows as it is written."""
    return escape(plain(text))


def plain(text: str, keep_newlines: bool = False) -> str:
    """Return a text without what a terminal would obey: control characters, and marks that turn the reading order."""
    return "".join(
        char
        if not _is_obeyed(char) or (keep_newlines and char == "\n")
        else " " if char in "\t\n\r\u2028\u2029"
        else "\ufffd"
        for char in text
    )  # fmt: skip


def parse_instant(text: str, option: str) -> datetime:
    """Read an ISO 8601 instant; without an offset it is UTC, whatever the machine's zone.

    Raises:
        WrongUse: the text is no instant; the message names the option.
    """
    try:
        instant = datetime.fromisoformat(text)
        instant = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise WrongUse(f"{option} {text!r} is no instant. Write it like 2026-02-16T02:00:00Z.") from error
    if not FIRST_INSTANT <= instant <= LAST_INSTANT:
        raise WrongUse(f"{option} {text!r} lies outside of the years 2000 to 9999.")
    return instant


def day(instant: datetime | str) -> str:
    """Write the day of an instant; beyond the years of Python DuckDB gives a text, which says it itself."""
    return f"{instant:%Y-%m-%d}" if isinstance(instant, datetime) else str(instant).split(" ")[0]


def instant_text(instant: datetime) -> str:
    """Write an instant as a run's id is written: ISO 8601 in UTC, with a fraction only where it has one."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "") + "Z"


def run_id(as_of: datetime) -> str:
    """Name a run: its instant."""
    return instant_text(as_of)


def _is_obeyed(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1]  # beyond the first plane as two escapes, as JSON wants it


def _json_form(value: Any) -> str:
    return instant_text(value) if isinstance(value, datetime) else str(value)
