"""What the commands of all rooms share: the terminal, options, instants, tables, JSON, and texts made safe to show."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from learning_loop.errors import WrongUse

if TYPE_CHECKING:  # rich draws a night's progress and what is marked up: whoever needs neither does not wait for it
    from rich.console import Console

    console: Console
    errors: Console

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
PastInstant = Annotated[
    str,
    typer.Argument(
        metavar="INSTANT",
        help="Any second since the first night: 2026-02-10T12:00:00Z, a date, or 2w for two weeks ago.",
    ),
]
Limit = Annotated[
    int, typer.Option("--limit", min=0, help="How many to list, a screen by default; 0: all. --json lists all.")
]
A_SCREEN = 20
INDENT = re.compile(r" *\S+ {2,}| *\[.\] | +")
ABOUT_A_SIGNER = 200  # characters
TAG = re.compile(r"(\\*)(\[[a-z#/@][^[]*?\])")  # as rich finds one
MARKUP = re.compile(r"\[[a-z#/@]")  # what rich reads as markup, or as text where `safe` escaped it
SPAN = re.compile(r"(\d{1,4})([hdw])")
SPANS = {"h": "hours", "d": "days", "w": "weeks"}
FIRST_INSTANT, LAST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)


def signer(name: str) -> str:
    """Return a name that signs a decision, as it was written.

    Raises:
        WrongUse: nobody could say whose it is: it is blank, holds what cannot be seen, or is no name by its length.
    """
    if not name.strip():
        raise WrongUse(
            "--by is blank: a decision is signed by somebody. Give --by NAME, or set LEARNING_LOOP_BY or git's"
            " user.name."
        )
    if plain(name) != name:
        raise WrongUse("--by holds characters that cannot be seen. Write the name as it is read.")
    if len(name) > ABOUT_A_SIGNER:
        raise WrongUse(f"--by has {len(name):,} characters. A name has {ABOUT_A_SIGNER} at most.")
    return name


def git_user() -> str:
    """Return the name that git signs this person's work with; nothing where there is none."""
    import subprocess

    try:
        asked = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return ""
    return asked.stdout.strip()


BY_HELP = "Who decides, as in the seed of approvers. The name is kept as written: it signs."
By = Annotated[
    str,
    typer.Option(
        "--by",
        envvar="LEARNING_LOOP_BY",
        show_envvar=False,
        default_factory=git_user,
        show_default="LEARNING_LOOP_BY, else git's user.name",
        callback=signer,
        help=BY_HELP,
    ),
]


def make_console(is_for_errors: bool = False) -> Console:
    """Return a console. A pipe has no width: tables are then as wide as they need."""
    from rich.console import Console

    is_terminal = (sys.stderr if is_for_errors else sys.stdout).isatty()
    return Console(stderr=is_for_errors, highlight=False, emoji=False, width=None if is_terminal else 200)


@functools.cache
def _consoles() -> dict[str, Console]:
    return {"console": make_console(), "errors": make_console(is_for_errors=True)}


def __getattr__(name: str) -> Console:
    """Return `console` or `errors`, made when somebody asks for one."""
    if name in ("console", "errors"):
        return _consoles()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def say(*lines: str, to: Console | None = None, style: str | None = None) -> None:
    """Print lines as they are: what looks like markup is text, and what a terminal would obey is taken out."""
    for line in lines:
        if to or style:
            (to or _consoles()["console"]).print(plain(line), soft_wrap=True, markup=False, style=style)
        else:
            print(plain(line))


def say_marked(*lines: str) -> None:
    """Print lines with markup; what comes from data must have gone through `safe`."""
    for line in lines:
        if MARKUP.search(line) and sys.stdout.isatty():
            _consoles()["console"].print(plain(line), soft_wrap=True)
        else:
            say(TAG.sub(_without_tag, line))


def _without_tag(found: re.Match[str]) -> str:
    """Return what stands in the place of markup where nothing is coloured: one that is escaped is text."""
    slashes = found[1]
    return slashes[: len(slashes) // 2] + (found[2] if len(slashes) % 2 else "")


def say_json(value: Any) -> None:
    """Print a value as JSON; instants as a run's id is written."""
    say_json_text(json.dumps(value, ensure_ascii=False, indent=2, default=_json_form))


def json_value(value: Any) -> Any:
    """Return a value of a row as JSON holds it: JSON text opened, instants as text."""
    if isinstance(value, datetime):
        return instant_text(value.astimezone(UTC))
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


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

    No word is cut. Where the columns do not fit the terminal, texts wrap; where that does not help, each row is a
    paragraph, its first cell above the others. A pipe gets a line a row, however wide.

    Args:
        columns: the headings.
        rows: the cells of each row, any values.
        title: a line above.
        to_the_right: the columns of numbers.
        styles: a style for each row.
    """
    cells = [["" if value is None else plain(str(value)) for value in row] for row in rows]
    widths = _widths([list(columns), *cells], terminal_width())
    if title:
        say(title)
    shown: list[tuple[str, str | None]] = []
    if widths:
        is_right = [name in to_the_right for name in columns]
        shown += [(line, None) for line in _row_lines(columns, widths, is_right)]
    for number, row in enumerate(cells):
        lines = _row_lines(row, widths, is_right) if widths else _paragraph(columns, row)
        shown += [(line, styles[number] if styles else None) for line in lines]
    for line, style in shown:
        say(line, style=style if sys.stdout.isatty() else None)


def terminal_width() -> int | None:
    """Return how many characters a line of the terminal has; None where there is none."""
    if os.environ.get("COLUMNS") or sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    return None


def wrapped(text: str, indent: int, indent_further: int | None = None) -> list[str]:
    """Return a text as lines that fit the terminal, if it has a width, with words whole."""
    further = indent if indent_further is None else indent_further
    return wrap(
        plain(text), terminal_width() or sys.maxsize, initial_indent=" " * indent, subsequent_indent=" " * further,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def fitted(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines as they fit the terminal, if it has a width: what is wrapped goes on below where its text began."""
    for line in lines:
        found = INDENT.match(line)
        indent = len(found[0]) if found else 0
        yield from wrapped(line, 0, indent if indent < A_SCREEN else 2) or [line]


def first_of(items: Sequence[Any], limit: int) -> tuple[Sequence[Any], str]:
    """Return what fits a screen, and what to say of the rest; nothing where there is none. A limit of 0 is none."""
    hidden = len(items) - limit
    if not limit or hidden <= 0:
        return items, ""
    return items[:limit], f"and {hidden:,} more: --limit 0 lists all {len(items):,}"


def _widths(rows: Sequence[Sequence[str]], room: int | None) -> list[int]:
    """Return how wide each column is, words whole; nothing if they cannot stand side by side."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    least = [max(_width(word) for cell in column for word in cell.split(" ")) for column in zip(*rows, strict=True)]
    room = room or sys.maxsize
    if sum(least) + 2 * (len(least) - 1) > room:
        return []
    while (over := sum(widths) + 2 * (len(widths) - 1) - room) > 0:
        widest = max((n for n in range(len(widths)) if widths[n] > least[n]), key=lambda n: widths[n])
        widths[widest] = max(least[widest], widths[widest] - over)
    return widths


def _row_lines(row: Sequence[str], widths: Sequence[int], is_right: Sequence[bool]) -> Iterator[str]:
    parts = [
        [cell] if _width(cell) <= width else wrap(cell, width, break_long_words=False, break_on_hyphens=False)
        for cell, width in zip(row, widths, strict=True)
    ]
    for number in range(max((len(part) for part in parts), default=0)):
        line = []
        for part, width, right in zip(parts, widths, is_right, strict=True):
            text = part[number] if number < len(part) else ""
            space = " " * (width - _width(text))
            line.append(space + text if right else text + space)
        yield "  ".join(line).rstrip()


def _paragraph(columns: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    yield row[0]
    wide = max(len(name) for name in columns[1:])
    for name, cell in zip(columns[1:], row[1:], strict=True):
        if cell:
            first, *more = wrap(
                cell, max(20, (terminal_width() or 200) - wide - 4), break_long_words=False, break_on_hyphens=False
            ) or [""]
            yield f"  {name:<{wide}}  {first}"
            yield from (f"  {'':<{wide}}  {line}" for line in more)


def _width(text: str) -> int:
    """Return how many places of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: 1 row, 1,200 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def safe(text: str) -> str:
    """Return a text for `say_marked`: it shows as it is written."""
    text = plain(text)
    if not MARKUP.search(text) and not text.endswith("\\"):
        return text
    from rich.markup import escape

    return escape(text)


def plain(text: str, keep_newlines: bool = False) -> str:
    """Return a text without what a terminal would obey: control characters, and marks that turn the reading order."""
    return "".join(
        char
        if not _is_obeyed(char) or (keep_newlines and char == "\n")
        else " " if char in "\t\n\r\u2028\u2029"
        else "\ufffd"
        for char in text
    )  # fmt: skip


def parse_instant(text: str, option: str, base: datetime | None = None, ahead: bool = False) -> datetime:
    """Read an ISO 8601 instant; without an offset it is UTC, whatever the machine's zone.

    Args:
        text: what was given.
        option: its name, for the message.
        base: from when a span such as 2w, 3d or 12h counts; without it a span is refused.
        ahead: the span leads from there into the future, not into the past.

    Raises:
        WrongUse: the text is no instant; the message names the option.
    """
    try:
        if base and (found := SPAN.fullmatch(text)):
            span = timedelta(**{SPANS[found[2]]: int(found[1])})
            instant = base + span if ahead else base - span
        else:
            instant = datetime.fromisoformat(text)
        instant = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        spans = ", or like 2w, 3d, 12h" if base else ""
        raise WrongUse(
            f"{option} {text!r} is no instant. Write it like 2026-02-16T02:00:00Z or 2026-02-16{spans}."
        ) from error
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
