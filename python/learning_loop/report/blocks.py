"""What the page is made of: figures and tables, each with the table behind it, its rows and its query."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from learning_loop.report.reading import Row, query

ROWS_BEHIND_A_CHART = 40
ABOUT_A_NAME = 64  # characters of a heading
ABOUT_A_TEXT = 600
ABOUT_A_WORD = 32


@dataclass(frozen=True)
class Column:
    """A column of a table: which field, under which heading, in which form of FORMS; a phone shows no extra ones."""

    key: str
    title: str
    form: str = "text"
    is_wide: bool = False
    is_extra: bool = False

    @property
    def style(self) -> str:
        """The classes of its cells: numbers to the right, dates unbroken, long texts with room."""
        if self.form in ("day", "instant"):
            look = "d"
        elif self.form in ("text", "yes_no", "picture"):
            look = "wide" if self.is_wide else ""
        else:
            look = "n"
        return f"{look} extra".strip() if self.is_extra else look


@dataclass(frozen=True)
class Back:
    """What stands behind a figure or a table: the published table, the query, and for a figure its rows."""

    look_in: str
    sql: str
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Figure:
    """Pictures under one title, with what stands behind them."""

    name: str
    title: str
    note: str
    pictures: list[Markup]
    backs: list[Back]


@dataclass(frozen=True)
class Table:
    """Rows under a title, with the table and query that they come from."""

    name: str
    title: str
    columns: list[Column]
    rows: list[Row]
    back: Back


@dataclass(frozen=True)
class Grid:
    """Counts by two things, shaded: columns, and lines of (count, shade)."""

    name: str
    title: str
    note: str
    columns: list[str]
    lines: list[tuple[str, list[tuple[int, int]]]]
    back: Back


@dataclass(frozen=True)
class Group:
    """Figures for who looks closer, folded under one title."""

    title: str
    figures: list[Figure]


@dataclass(frozen=True)
class Section:
    """A part of the page; without data it says why it has none. One whose feeds never came is only named."""

    anchor: str
    title: str
    question: str
    waits_for: str = ""
    never_came: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    grids: Sequence[Grid] = ()
    tables: Sequence[Table] = ()
    groups: Sequence[Group] = ()


def behind(look_in: str, rows: list[Row], source: str, **given: object) -> Back:
    """Return what stands behind a picture of the rows of the query `source`; `given` are the query's parameters."""
    known = [key for key in rows[0] if any(row[key] is not None for row in rows)]
    columns = [Column(key, key.replace("_", " "), _form_of([row[key] for row in rows])) for key in known]
    shown = [row for row in rows if any(isinstance(row[key], int | float) for key in known)]
    return Back(look_in, _asked(source, given), columns, shown[:ROWS_BEHIND_A_CHART])


def table(name: str, title: str, look_in: str, rows: list[Row], source: str, columns: list[Column]) -> Table:
    """Make a table of the rows of the query `source`."""
    return Table(name, title, columns, rows, Back(look_in, query(source)))


def shortened(text: str, limit: int = ABOUT_A_TEXT) -> str:
    """Cut a text at the end of a word; a name without a space in its middle."""
    if len(text) <= limit:
        return text
    head = text[:limit].rpartition(" ")[0]
    return f"{head} …" if len(head) > limit // 2 else short(text, limit)


def short(text: str, limit: int = ABOUT_A_NAME) -> str:
    """Cut a name in its middle: long ones differ at their ends."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}…{text[-half + 1 :]}"


def named(value: Any) -> str:
    """Write a text as `cell` does, its endless words cut in their middle: one of them would make a card a tower."""
    return re.sub(r"\S{81,}", lambda word: short(word[0], 80), cell(value))


def unbroken(value: Any) -> bool:
    """Return whether a text holds a word so long that a table may break it anywhere; others stay whole."""
    return isinstance(value, str) and any(len(word) > ABOUT_A_WORD for word in value.split())


def _asked(source: str, given: dict[str, object]) -> str:
    text = query(source)
    for key, value in given.items():
        text = text.replace(f"${key}", "'" + str(value).replace("'", "''") + "'")
    return text


def _form_of(values: list[Any]) -> str:
    known = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in known):
        return "yes_no"
    if all(isinstance(value, int) for value in known):
        return "count"
    if all(isinstance(value, int | float) for value in known):
        return "number"
    return "instant" if all(isinstance(value, datetime) for value in known) else "text"


def cell(value: Any, form: str = "text") -> str:
    """Write a value in a form of FORMS; what is not there is a dash."""
    return "-" if value is None else FORMS[form](value)


def _age(hours: float) -> str:
    return f"{hours:,.0f} h" if hours < 72 else f"{hours / 24:,.1f} d"


FORMS: dict[str, Callable[[Any], str]] = {
    "text": lambda value: shortened(str(value)),
    "count": lambda value: f"{value:,}",
    "change": lambda value: f"{value:+,}" if value else "0",
    "number": lambda value: f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}",
    "score": lambda value: f"{value:.2f}",
    "signed": lambda value: f"{value:+.3f}",
    "picture": lambda value: value,
    "share": lambda value: f"{value:.0%}",
    "age": _age,
    "day": lambda value: f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value),
    "instant": lambda value: f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value),
    "yes_no": lambda value: "yes" if value else "no",
}
