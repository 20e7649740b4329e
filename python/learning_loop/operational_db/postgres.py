"""PostgreSQL, read only: what the copy asks of it, and its errors as one line.

Rows come by COPY in the binary format, straight into Arrow (ADBC), a bounded batch at a time.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, unquote, urlsplit

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import pyarrow as pa

from learning_loop.errors import WrongUse
from learning_loop.operational_db.config import SourceTable

ARROW_BATCH_BYTES = 8 << 20
_AS_IT_IS = {"bool", "int2", "int4", "int8", "text", "varchar", "bpchar"}
_INSTANTS = {"timestamptz", "timestamp", "date"}


class SourceLost(Exception):
    """The database went away or refused in the middle; what was copied stands."""


@dataclass(frozen=True)
class Shape:
    """How to read one table: SQL expressions for the file's columns, the watermark and the id."""

    relation: str
    select: tuple[str, ...]
    watermark: str
    watermark_type: str
    id: tuple[str, ...]
    id_types: tuple[str, ...]
    may_lack_watermark: bool


def refuse_password(url: str) -> None:
    """Refuse a URL that is none of PostgreSQL's, or that holds a password: command lines are seen and kept.

    Raises:
        WrongUse: the message says where the password goes instead; it never repeats the URL.
    """
    if not re.match(r"postgres(ql)?://", url):
        raise WrongUse("--from is no PostgreSQL address. Write it like postgresql://reader@host:5432/database.")
    try:
        parts = urlsplit(url)
        has_password = bool(parts.password) or ":" in parts.netloc.rpartition("@")[0]
    except ValueError as error:
        raise WrongUse("--from cannot be read. Write it like postgresql://reader@host:5432/database.") from error
    options = {key.lower() for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if has_password or options & {"password", "sslpassword"}:
        raise WrongUse(
            "--from holds a password, and command lines are seen by others and kept. Leave it out of the address; "
            "put it into a password file (~/.pgpass, or the one PGPASSFILE names) or into PGPASSWORD."
        )


def place(url: str) -> str:
    """Return ``host:port/database`` of a URL without password: what a copy's memory is kept under."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or os.environ.get("PGHOST") or "local"
    if not re.search(r":\d+$", host):
        host += f":{os.environ.get('PGPORT') or 5432}"
    database = unquote(parts.path.lstrip("/")) or os.environ.get("PGDATABASE") or unquote(parts.username or "default")
    return f"{host}/{database}"


class Postgres:
    """A read-only session on a database."""

    def __init__(self, url: str):
        """Connect.

        Raises:
            WrongUse: the address holds a password, or the server cannot be reached or refuses.
        """
        refuse_password(url)
        self.place = place(url)
        try:
            self._connection = adbc_driver_postgresql.dbapi.connect(url, autocommit=True)
        except adbc_driver_manager.Error as error:
            raise WrongUse(f"{self.place} cannot be reached: {_one_line(error)}. {_advice(error)}") from error
        with self._asking("the session"):
            for setting in (
                "default_transaction_read_only = on", "timezone = 'UTC'", "datestyle = 'ISO, YMD'",
                "standard_conforming_strings = on", "application_name = 'learning-loop land'",
            ):  # fmt: skip
                self._cursor().execute(f"set {setting}").close()

    def close(self) -> None:
        """End the session."""
        with contextlib.suppress(adbc_driver_manager.Error):
            self._connection.close()

    def shape(self, table: SourceTable) -> Shape | None:
        """Look a table up in the catalog; None when it is absent and may be.

        Raises:
            WrongUse: the table or one of its columns is missing or cannot serve; the message says which.
        """
        relation = f"{_identifier(table.schema)}.{_identifier(table.table)} as t"
        with self._asking(table.name):
            found = self.rows(
                "select c.relkind::text, a.attname::text, t.typname::text, t.typcategory::text, a.attnotnull"
                " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                " join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
                " join pg_catalog.pg_type t on t.oid = a.atttypid"
                f" where n.nspname = {_literal(table.schema)} and c.relname = {_literal(table.table)}"
            )
        if not found:
            if table.is_optional:
                return None
            raise WrongUse(
                f"{self.place} has no table {table.name}. Correct the config, or mark the table `optional: true`."
            )
        types = {str(row[1]): str(row[2]) for row in found}
        categories = {str(row[1]): str(row[3]) for row in found}
        is_table = found[0][0] in ("r", "p")
        nullable = {str(row[1]) for row in found if not row[4]} if is_table else set()
        for column in (*table.columns.values(), *table.watermark, *table.id):
            if column not in types:
                raise WrongUse(f"{table.name} has no column {column}. Correct `columns` of the config.")
        for column in table.watermark:
            if types[column] not in _INSTANTS:
                raise WrongUse(f"{table.name}.{column} is {types[column]}: a watermark must be a timestamp or a date.")
        for column in table.id:
            if column in nullable:
                raise WrongUse(
                    f"{table.name}.{column} may be null: rows could be lost. `id` must name columns that are not null."
                )
        if is_table:
            self._require_unique(table)
        mapping = dict(table.columns) | {k: v for k, v in table.optional_columns.items() if v in types}
        watermark_type = types[table.watermark[0]]
        if any(types[column] != watermark_type for column in table.watermark):
            watermark_type = "timestamptz"
        return Shape(
            relation=relation,
            select=tuple(
                f"{_value(_column(column), types[column], categories[column])} as {_identifier(field)}"
                for field, column in mapping.items()
            ),
            watermark=_column(table.watermark[0])
            if len(table.watermark) == 1
            else f"coalesce({', '.join(f'{_column(name)}::{watermark_type}' for name in table.watermark)})",
            watermark_type=watermark_type,
            id=tuple(_column(column) for column in table.id),
            id_types=tuple(types[column] for column in table.id),
            may_lack_watermark=is_table and all(column in nullable for column in table.watermark),
        )

    def settled_until(self) -> tuple[str, str, bool]:
        """Return (instant, the server's now, whether others' transactions were seen).

        What is older than the instant can no longer be in flight.
        A row gets its time when its transaction begins and is seen when that ends. So a copy is complete only up to
        the start of the oldest transaction still open, and never beyond the server's now, whatever a row claims.
        """
        with self._asking("pg_stat_activity"):
            row = self.rows(
                "select least("
                " clock_timestamp(),"
                " (select min(xact_start) from pg_catalog.pg_stat_activity where pid != pg_backend_pid()"
                "  and datname = current_database() and backend_type = 'client backend'),"
                " (select min(prepared) from pg_catalog.pg_prepared_xacts),"
                " case when pg_is_in_recovery() then pg_last_xact_replay_timestamp() end"
                ")::text, clock_timestamp()::text,"
                " pg_has_role('pg_read_all_stats', 'usage') and not pg_is_in_recovery()"
            )[0]
        return str(row[0]), str(row[1]), bool(row[2])

    def is_after(self, instant: str, other: str) -> bool:
        """Say whether an instant lies after another, both as the server writes them."""
        with self._asking("the server"):
            return bool(self.rows(f"select {_literal(instant)}::timestamptz > {_literal(other)}::timestamptz")[0][0])

    def earlier(self, instants: list[str], overlap: timedelta) -> str:
        """Return the earliest of some instants less the overlap, as text."""
        terms = ", ".join(f"{_literal(instant)}::timestamptz" for instant in instants)
        with self._asking("the server"):
            return str(
                self.rows(f"select (least({terms}) - interval '{int(overlap.total_seconds())} seconds')::text")[0][0]
            )

    def without_watermark(self, table: SourceTable, shape: Shape) -> int:
        """Count the rows that no copy can find, since no column says when they changed."""
        if not shape.may_lack_watermark:
            return 0
        with self._asking(table.name):
            found = self.rows(f"select count(*) from {shape.relation} where {shape.watermark} is null")
        return int(str(found[0][0]))

    def batch(
        self, table: SourceTable, shape: Shape, start: str | None, after: list[str] | None, limit: int
    ) -> Iterator[pa.RecordBatch]:
        """Yield the next rows by (watermark, id), each batch of bounded size, with their position in the last columns.

        Args:
            table: what is copied.
            shape: from `shape`.
            start: the watermark to begin at, inclusive; None for the very first row. Unused with `after`.
            after: the position (watermark, then the id's parts) behind which to go on.
            limit: how many rows at most.

        Raises:
            SourceLost: the database went away or refused.
        """
        key = ", ".join((shape.watermark, *shape.id))
        if after is not None:
            values = [
                f"{_literal(value)}::{_identifier(kind)}"
                for value, kind in zip(after, (shape.watermark_type, *shape.id_types), strict=True)
            ]
            where = f"({key}) > ({', '.join(values)})"
        elif start is not None:
            where = f"{shape.watermark} >= {_literal(start)}::timestamptz::{shape.watermark_type}"
        else:
            where = f"{shape.watermark} is not null"
        position = ", ".join(f"({part})::text" for part in (shape.watermark, *shape.id))
        query = (
            f"select {', '.join(shape.select)}, {position} from {shape.relation} where {where}"
            f" order by {key} limit {limit}"
        )
        with self._asking(table.name):
            cursor = self._cursor()
            try:
                cursor.execute(query)
                yield from cursor.fetch_record_batch()
            finally:
                cursor.close()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return all rows of a small query."""
        cursor = self._cursor()
        try:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def _require_unique(self, table: SourceTable) -> None:
        keys = ", ".join(
            _literal(name) for name in (*table.id, *(table.watermark if len(table.watermark) == 1 else ()))
        )
        with self._asking(table.name):
            found = self.rows(
                "select 1 from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid"
                " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                f" where n.nspname = {_literal(table.schema)} and c.relname = {_literal(table.table)}"
                " and i.indisunique and i.indpred is null and not exists ("
                "  select 1 from unnest(i.indkey[0:i.indnkeyatts - 1]) as k(attnum)"
                "  left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum"
                f"  where a.attname is null or a.attname::text not in ({keys}))"
            )
        if not found:
            raise WrongUse(
                f"{table.name} has no unique index on ({', '.join(table.id)}): rows of one instant could be lost at "
                "the edge of a batch. Name the primary key as `id`."
            )

    def _cursor(self) -> adbc_driver_postgresql.dbapi.Cursor:
        return self._connection.cursor(
            adbc_stmt_kwargs={"adbc.postgresql.batch_size_hint_bytes": str(ARROW_BATCH_BYTES)}
        )

    @contextlib.contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except (adbc_driver_manager.Error, pa.ArrowException) as error:
            if getattr(error, "sqlstate", None) == "42501":
                raise WrongUse(
                    f"{self.place} does not let this role read {what}: {_one_line(error)}. "
                    f"Ask for `grant usage on schema` and `grant select on {what}`."
                ) from error
            raise SourceLost(f"{self.place} failed while {what} was read: {_one_line(error)}") from error


def _value(column: str, kind: str, category: str) -> str:
    """Say how a column becomes a column of the file: what JSON has no exact form for goes as its text."""
    if kind in _AS_IT_IS:
        return column
    return f"to_json({column})::text" if category in ("A", "C") else f"{column}::text"


def _column(name: str) -> str:
    """Name a column of the table itself: `order by` would take a bare name for the file's column, which is a text."""
    return f"t.{_identifier(name)}"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one_line(error: Exception) -> str:
    """Return the server's own words in one line, without the query and without any password."""
    text = str(error).split("Query was:")[0].split("\nLINE ")[0]
    text = re.sub(r"^[A-Z_]+: (\[libpq\] )?", "", text)
    text = re.sub(r"(Failed to (connect|prepare query|execute query( '.*?')?)): ", "", text, flags=re.S)
    text = re.sub(r"\.? ?SQLSTATE: \w+", "", text)
    text = re.sub(r"\s+", " ", text).replace("ERROR: ", "").replace("FATAL: ", "").strip(" .\n")
    password = os.environ.get("PGPASSWORD")
    return text.replace(password, "[password]")[:400] if password else text[:400]


def _advice(error: Exception) -> str:
    text = str(error).lower()
    if "password" in text or "authentication" in text:
        return "Check PGPASSFILE (it must be readable by you alone) or PGPASSWORD, and the user in --from."
    if "does not exist" in text or "query parameter" in text:
        return "Check --from."
    return "Check --from, and whether the server runs and lets this machine in."
