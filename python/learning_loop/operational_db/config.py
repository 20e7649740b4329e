"""Which tables feed the loop, as a YAML file says it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from learning_loop.errors import WrongUse
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import known_feeds
from learning_loop.operational_db.values import Unsayable, Value, is_name, read

DEFAULT_OVERLAP = "1 hour"
DEFAULT_BATCH_ROWS = 50_000
MOST_BATCH_ROWS = 10_000_000
MOST_OVERLAP = timedelta(days=36500)
_TOP = {"tables", "overlap", "batch_rows"}
_TABLE = {
    "feed", "table", "watermark", "id", "columns", "optional_columns", "overlap", "batch_rows", "optional",
    "only_visible_rows",
}  # fmt: skip
_SPAN = re.compile(r"(\d{1,12}) (second|minute|hour|day)s?")


@dataclass(frozen=True)
class SourceTable:
    """One table and the feed that its rows become.

    ``watermark`` are the columns whose first one that is not null says when a row was last changed; ``id`` tells rows
    of one instant apart. ``columns`` say what a field of the feed is made of; what ``required`` fields need must
    be there, the rest may be absent. An ``is_optional`` table may be absent. ``only_visible_rows`` says that rows
    which row-level security hides are not meant. ``lines`` say where in ``config`` a column is named, "" where the
    table is.
    """

    feed: str
    schema: str
    table: str
    watermark: tuple[str, ...]
    id: tuple[str, ...]
    columns: Mapping[str, Value]
    required: frozenset[str]
    overlap: timedelta
    batch_rows: int
    is_optional: bool
    only_visible_rows: bool
    config: str
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The table's name with its schema."""
        return f"{self.schema}.{self.table}"

    def at(self, column: str = "") -> str:
        """Say where the config names a column, or the table."""
        return f"--config {self.config}, line {self.lines.get(column) or self.lines['']}"

    def must_have(self, column: str) -> bool:
        """Say whether rows without this column would be none of the feed's, or could not be told apart."""
        return column in self.id or any(
            name in self.required and value.needs == column for name, value in self.columns.items()
        )

    def columns_read(self) -> tuple[str, ...]:
        """Name every column that the copy would read, each once."""
        of_fields = [column for value in self.columns.values() for column in value.columns]
        return tuple(dict.fromkeys((*of_fields, *self.watermark, *self.id)))


def feeds() -> list[Feed]:
    """Return the feeds that a table's rows can become: those whose rows need no folder of their own."""
    return [feed for feed in known_feeds() if feed.path_pattern == f"{feed.name}/*"]


def required_fields(feed: Feed) -> frozenset[str]:
    """Return what each row of a feed must hold at its top; fields due only of some kinds of rows are not among them."""
    fields = {one.path for one in feed.fields if one.required and not one.when and "." not in one.path}
    return frozenset(fields | set(feed.required_objects))


def shipped() -> list[str]:
    """Name the configs that come with the package."""
    folder = resources.files("learning_loop.operational_db") / "configs"
    return sorted(entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml"))


def load(named: str, feeds: Collection[Feed]) -> list[SourceTable]:
    """Read a config: the name of a shipped one, or the path of a YAML file.

    Args:
        named: e.g. ``studio`` or ``land.yml``.
        feeds: the feeds that may be named in it.

    Raises:
        WrongUse: there is no such file, or it says something that cannot be meant; the message says what and where.
    """
    said = _Said(named, _read(named))
    content = said.content
    if not isinstance(content, dict) or not isinstance(content.get("tables"), list) or not content["tables"]:
        raise WrongUse(f"--config {named} lists no tables. Write `tables:` and under it one entry for each table.")
    said.refuse_unknown((), "", content, _TOP)
    by_name = {feed.name: feed for feed in feeds}
    tables = [_table(said, number, entry, by_name) for number, entry in enumerate(content["tables"])]
    for number, table in enumerate(tables):
        if any((table.feed, table.name) == (other.feed, other.name) for other in tables[:number]):
            raise WrongUse(f"{table.at()}: {table.name} is there twice for the feed {table.feed}. Keep one.")
    return tables


def _read(named: str) -> str:
    if named in shipped():
        return (resources.files("learning_loop.operational_db") / "configs" / f"{named}.yml").read_text("utf-8")
    if re.search(r"://|(password|secret|_key)\s*=", unquote(named), re.I):
        raise WrongUse("--config holds an address. Name a YAML file there; the address goes to --from.")
    try:
        return Path(named).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise WrongUse(
            f"--config {named} cannot be read: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}. "
            f"Name a YAML file, or one of the shipped ones: {', '.join(shipped())}."
        ) from error


class _Said:
    """What a YAML file says, and in which line it says it."""

    def __init__(self, named: str, text: str):
        self.named = named
        try:
            # Not the loader in C, which a very deep text ends with the process.
            self._root = yaml.compose(text, yaml.SafeLoader)
            self.content = yaml.load(text, yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f", line {mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or "it cannot be read"
            raise WrongUse(f"--config {named}{line} is no YAML: {problem}.") from error
        except (ValueError, OverflowError, RecursionError) as error:  # a date, a number, a depth that is none
            raise WrongUse(f"--config {named} is no YAML: it holds a value that cannot be read.") from error
        for key in _keys_there_twice(self._root):
            raise WrongUse(f"--config {named}, line {key.start_mark.line + 1}: `{key.value}` is there twice.")

    def line(self, *path: str | int) -> int:
        """Return the line of what lies at a path of keys and numbers, else of the last thing on the way there."""
        node, line = self._root, 1
        for part in path:
            if isinstance(node, yaml.MappingNode):
                found = next(((key, value) for key, value in node.value if key.value == part), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode):
                # A list is asked by number, and by the text that one of its elements is.
                elements = node.value[part : part + 1] if isinstance(part, int) else node.value
                node = next((one for one in elements if isinstance(part, int) or one.value == part), None)
                if node is None:
                    break
                line = node.start_mark.line + 1
        return line

    def refuse(self, path: tuple[str | int, ...], where: str, problem: str) -> WrongUse:
        """Return the refusal of what lies at a path."""
        place = f", line {self.line(*path)}" + (f": {where}" if where else "")
        return WrongUse(f"--config {self.named}{place}: {problem}")

    def refuse_unknown(
        self, path: tuple[str | int, ...], where: str, entry: Mapping[Any, Any], known: Collection[str]
    ) -> None:
        """Raise WrongUse where a map has a key that means nothing."""
        if unknown := sorted(str(key) for key in entry if key not in known):
            raise self.refuse(
                (*path, unknown[0]), where, f"`{unknown[0]}` is unknown. Known are {', '.join(sorted(known))}."
            )


def _keys_there_twice(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    waiting, seen_nodes = [node], set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen_nodes:  # an alias leads to where we were
            continue
        seen_nodes.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        yield key
                    seen.add(key.value)
                waiting.append(value)


def _table(said: _Said, number: int, entry: Any, feeds: Mapping[str, Feed]) -> SourceTable:
    at: tuple[str | int, ...] = ("tables", number)
    where = f"table {number + 1}"
    if not isinstance(entry, dict):
        raise said.refuse(at, where, "write feed, table, watermark, id and columns.")
    if isinstance(entry.get("table"), str):
        where = entry["table"]
    said.refuse_unknown(at, where, entry, _TABLE)
    for key in ("feed", "table", "watermark", "id", "columns"):
        if not entry.get(key):
            raise said.refuse(at, where, f"`{key}` is missing.")
    feed = feeds.get(entry["feed"]) if isinstance(entry["feed"], str) else None
    if feed is None:
        raise said.refuse(
            (*at, "feed"), where, f"there is no feed {entry['feed']!r}. The feeds are {', '.join(sorted(feeds))}."
        )
    parts = entry["table"].split(".") if is_name(entry["table"]) else []
    if len(parts) not in (1, 2) or not all(parts):
        raise said.refuse((*at, "table"), where, "write the table as schema.table.")
    columns = _mapping(said, at, where, "columns", entry["columns"])
    optional = _mapping(said, at, where, "optional_columns", entry.get("optional_columns") or [])
    for name in sorted(columns.keys() & optional.keys()):
        raise said.refuse((*at, "optional_columns", name), where, f"`{name}` is in both columns and optional_columns.")
    required = required_fields(feed)
    for name in sorted(required - columns.keys() - optional.keys()):
        raise said.refuse(
            (*at, "columns"), where, f"the feed {feed.name} requires `{name}`, and `columns` does not say what it is."
        )
    watermark = _names(said, at, where, "watermark", entry["watermark"])
    key_columns = _names(said, at, where, "id", entry["id"])
    lines = {name: said.line(*at, key, name) for key in ("watermark", "id") for name in (*watermark, *key_columns)}
    for key, pairs in (("columns", columns), ("optional_columns", optional)):
        lines |= {column: said.line(*at, key, name) for name, value in pairs.items() for column in value.columns}
    return SourceTable(
        feed=feed.name,
        schema=parts[0] if len(parts) == 2 else "public",
        table=parts[-1],
        watermark=watermark,
        id=key_columns,
        columns={**columns, **optional},
        required=required,
        overlap=_span(said, at, where, entry),
        batch_rows=_batch_rows(said, at, where, entry),
        is_optional=_yes_or_no(said, at, where, "optional", entry),
        only_visible_rows=_yes_or_no(said, at, where, "only_visible_rows", entry),
        config=said.named,
        lines=lines | {"": said.line(*at)},
    )


def _names(said: _Said, at: tuple[str | int, ...], where: str, key: str, value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(map(is_name, names)):
        raise said.refuse((*at, key), where, f"`{key}` must be a column's name or a list of them.")
    return tuple(names)


def _mapping(said: _Said, at: tuple[str | int, ...], where: str, key: str, value: Any) -> Mapping[str, Value]:
    pairs = {name: name for name in value} if isinstance(value, list) and all(map(is_name, value)) else value
    if not isinstance(pairs, dict) or not all(map(is_name, pairs)) or not all(pairs.values()):
        raise said.refuse((*at, key), where, f"`{key}` must be a list of columns, or a map of field to column.")
    found = {}
    for name, one in pairs.items():
        try:
            found[name] = read(one)
        except Unsayable as error:
            raise said.refuse((*at, key, name), where, f"`{name}`: {error}.") from error
    return found


def _set(said: _Said, at: tuple[str | int, ...], key: str, entry: Mapping[str, Any], default: Any) -> tuple[Any, Any]:
    """Return (value, path of what says it): the table's own word, else that above all tables, else the default."""
    if key in entry:
        return entry[key], (*at, key)
    return said.content.get(key, default), (key,)


def _batch_rows(said: _Said, at: tuple[str | int, ...], where: str, entry: Mapping[str, Any]) -> int:
    value, path = _set(said, at, "batch_rows", entry, DEFAULT_BATCH_ROWS)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MOST_BATCH_ROWS:
        raise said.refuse(
            path, where, f"`batch_rows` {_short(value)} is no number of rows. Write 1, or more, at most "
            f"{MOST_BATCH_ROWS:,}."
        )  # fmt: skip
    return value


def _span(said: _Said, at: tuple[str | int, ...], where: str, entry: Mapping[str, Any]) -> timedelta:
    value, path = _set(said, at, "overlap", entry, DEFAULT_OVERLAP)
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    try:
        span = timedelta(**{f"{found[2]}s": int(found[1])}) if found else None
    except OverflowError:
        span = None
    if span is None or span > MOST_OVERLAP:
        raise said.refuse(
            path, where, f"`overlap` {_short(value)} is no span. Write it like `6 hours` or `2 days`, at most "
            f"{MOST_OVERLAP.days} days."
        )  # fmt: skip
    return span


def _yes_or_no(said: _Said, at: tuple[str | int, ...], where: str, key: str, entry: Mapping[str, Any]) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise said.refuse((*at, key), where, f"`{key}` {_short(value)} is neither true nor false.")
    return value


def _short(value: Any) -> str:
    """Show a value of the file; a number of thousands of digits is not worth the line."""
    try:
        text = repr(value)
    except ValueError:  # of a number of thousands of digits
        return "of thousands of digits"
    return text if len(text) <= 60 else f"{text[:60]}…"
