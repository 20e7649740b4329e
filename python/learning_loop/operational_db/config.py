"""Which tables feed the loop, as a YAML file says it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from learning_loop.errors import WrongUse

DEFAULT_OVERLAP = "1 hour"
DEFAULT_BATCH_ROWS = 50_000
_TOP = {"tables", "overlap", "batch_rows"}
_TABLE = {"feed", "table", "watermark", "id", "columns", "optional_columns", "overlap", "batch_rows", "optional"}
_SPAN = re.compile(r"(\d+) (second|minute|hour|day)s?")


@dataclass(frozen=True)
class SourceTable:
    """One table and the feed that its rows become.

    ``watermark`` are the columns whose first one that is not null says when a row was last changed; ``id`` tells rows
    of one instant apart. ``columns`` and ``optional_columns`` map a field of the feed to a column of the table; an
    optional column may be absent. An ``is_optional`` table may be absent.
    """

    feed: str
    schema: str
    table: str
    watermark: tuple[str, ...]
    id: tuple[str, ...]
    columns: Mapping[str, str]
    optional_columns: Mapping[str, str]
    overlap: timedelta
    batch_rows: int
    is_optional: bool

    @property
    def name(self) -> str:
        """The table's name with its schema."""
        return f"{self.schema}.{self.table}"


def shipped() -> list[str]:
    """Name the configs that come with the package."""
    folder = resources.files("learning_loop.operational_db") / "configs"
    return sorted(entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml"))


def load(named: str, feeds: Collection[str]) -> list[SourceTable]:
    """Read a config: the name of a shipped one, or the path of a YAML file.

    Args:
        named: e.g. ``studio`` or ``land.yml``.
        feeds: the feeds that may be named in it.

    Raises:
        WrongUse: there is no such file, or it says something that cannot be meant; the message says what and where.
    """
    if named in shipped():
        text = (resources.files("learning_loop.operational_db") / "configs" / f"{named}.yml").read_text("utf-8")
    else:
        try:
            text = Path(named).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUse(
                f"--config {named} cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}. "
                f"Name a YAML file, or one of the shipped ones: {', '.join(shipped())}."
            ) from error
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise WrongUse(f"--config {named}{line} is no YAML: {problem}.") from error
    if not isinstance(content, dict) or not isinstance(content.get("tables"), list) or not content["tables"]:
        raise WrongUse(f"--config {named} lists no tables. Write `tables:` and under it one entry for each table.")
    _refuse_unknown(named, "", content, _TOP)
    return [_table(named, number, entry, content, feeds) for number, entry in enumerate(content["tables"], 1)]


def _table(named: str, number: int, entry: Any, defaults: Mapping[str, Any], feeds: Collection[str]) -> SourceTable:
    where = f"table {number}"
    if not isinstance(entry, dict):
        raise WrongUse(f"--config {named}, {where}: write feed, table, watermark, id and columns.")
    if isinstance(entry.get("table"), str):
        where = entry["table"]
    _refuse_unknown(named, where, entry, _TABLE)
    for key in ("feed", "table", "watermark", "id", "columns"):
        if not entry.get(key):
            raise WrongUse(f"--config {named}, {where}: `{key}` is missing.")
    if entry["feed"] not in feeds:
        raise WrongUse(
            f"--config {named}, {where}: there is no feed {entry['feed']!r}. The feeds are {', '.join(sorted(feeds))}."
        )
    parts = str(entry["table"]).split(".")
    if len(parts) > 2 or not all(parts):
        raise WrongUse(f"--config {named}, {where}: write the table as schema.table.")
    batch_rows = entry.get("batch_rows", defaults.get("batch_rows", DEFAULT_BATCH_ROWS))
    if not isinstance(batch_rows, int) or isinstance(batch_rows, bool) or batch_rows < 1:
        raise WrongUse(f"--config {named}, {where}: `batch_rows` {batch_rows!r} is no number of rows.")
    return SourceTable(
        feed=entry["feed"],
        schema=parts[0] if len(parts) == 2 else "public",
        table=parts[-1],
        watermark=_names(named, where, "watermark", entry["watermark"]),
        id=_names(named, where, "id", entry["id"]),
        columns=_mapping(named, where, "columns", entry["columns"]),
        optional_columns=_mapping(named, where, "optional_columns", entry.get("optional_columns") or []),
        overlap=_span(named, where, entry.get("overlap", defaults.get("overlap", DEFAULT_OVERLAP))),
        batch_rows=batch_rows,
        is_optional=entry.get("optional", False) is True,
    )


def _refuse_unknown(named: str, where: str, entry: Mapping[Any, Any], known: Collection[str]) -> None:
    if unknown := sorted(str(key) for key in entry if key not in known):
        place = f", {where}" if where else ""
        raise WrongUse(f"--config {named}{place}: `{unknown[0]}` is unknown. Known are {', '.join(sorted(known))}.")


def _names(named: str, where: str, key: str, value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise WrongUse(f"--config {named}, {where}: `{key}` must be a column's name or a list of them.")
    return tuple(names)


def _mapping(named: str, where: str, key: str, value: Any) -> Mapping[str, str]:
    pairs = {name: name for name in value if isinstance(name, str)} if isinstance(value, list) else value
    if not isinstance(pairs, dict) or not all(isinstance(part, str) for pair in pairs.items() for part in pair):
        raise WrongUse(f"--config {named}, {where}: `{key}` must be a list of columns, or a map of field to column.")
    return pairs


def _span(named: str, where: str, value: Any) -> timedelta:
    found = _SPAN.fullmatch(str(value))
    if not found:
        raise WrongUse(
            f"--config {named}, {where}: `overlap` {value!r} is no span. Write it like `6 hours` or `2 days`."
        )
    return timedelta(**{f"{found[2]}s": int(found[1])})
