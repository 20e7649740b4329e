"""PostgreSQL, read only: what the copy asks of it, and its errors as one line.

Rows come by COPY in the binary format, straight into Arrow (ADBC), a bounded batch at a time.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import pyarrow as pa

from learning_loop.errors import WrongUse
from learning_loop.operational_db import values
from learning_loop.operational_db.config import SourceTable
from learning_loop.operational_db.values import identifier, literal

ARROW_BATCH_BYTES = 8 << 20
_SECRET = re.compile(r"(password|client_secret|scram_client_key|scram_server_key)\s*=", re.I)
_INSTANTS = {"timestamptz", "timestamp", "date"}


class SourceLost(Exception):
    """The database went away or refused in the middle; what was copied stands."""


@dataclass(frozen=True)
class Shape:
    """How to read one table: SQL expressions for the file's columns, the watermark and the id.

    ``watermark_columns`` are those of the config's that can be read. ``passed_over`` says of each column that is not
    copied why. ``is_guarded`` by row-level security whose policies this role reads through; ``is_filtered`` by them.
    """

    relation: str
    select: tuple[str, ...]
    watermark: str
    watermark_type: str
    id: tuple[str, ...]
    id_types: tuple[str, ...]
    may_lack_watermark: bool
    watermark_columns: tuple[str, ...]
    passed_over: Mapping[str, str]
    is_guarded: bool
    is_filtered: bool


def refuse_password(url: str) -> None:
    """Refuse a URL that is none of PostgreSQL's, or that holds a password: command lines are seen and kept.

    Raises:
        WrongUse: the message says where the password goes instead; it never repeats the URL.
    """
    if not re.match(r"postgres(ql)?://", url):
        raise WrongUse("--from is no PostgreSQL address. Write it like postgresql://reader@host:5432/database.")
    # A password may hold what ends a part of an address elsewhere ("/", "?", "#"), so all before the last @ is asked.
    before = url.partition("://")[2].rpartition("@")[0]
    everything = unquote(url)
    if ":" in unquote(before) or _SECRET.search(everything) or re.search(r"://.*://.*:.*@", everything, re.S):
        raise WrongUse(
            "--from holds a password, and command lines are seen by others and kept. Leave it out of the address; "
            "put it into a password file (~/.pgpass, or the one PGPASSFILE names) or into PGPASSWORD. "
            "An @ that is no password's is written %40."
        )
    try:
        url.encode()
        urlsplit(url)
        is_readable = "#" not in url  # the driver takes it for a part of a name, other readers for the end
    except ValueError:
        is_readable = False
    if not is_readable:
        raise WrongUse("--from cannot be read. Write it like postgresql://reader@host:5432/database.")


def place(url: str, address: str, database: str) -> str:
    """Return ``host:port/database``: what a copy's memory is kept under.

    What the address names plainly is kept as it is written, since a server's own address changes with each fail-over.
    The query, a service and the environment name a database as well; what they leave open is what the server says.

    Args:
        url: without a password.
        address: where the server says it is.
        database: the server's current_database().
    """
    parts = urlsplit(url)
    asked = _asked(parts.query)
    named = re.fullmatch(r"(.*?)(?::(\d+))?", parts.netloc.rpartition("@")[2], re.S)
    host = asked.get("hostaddr") or os.environ.get("PGHOSTADDR") or asked.get("host") or (named[1] if named else "")
    port = asked.get("port") or (named[2] if named else None) or os.environ.get("PGPORT") or 5432
    service = asked.get("service") or os.environ.get("PGSERVICE")
    if service and not host:
        where = f"{service} at {address}"
    else:
        where = f"{host or os.environ.get('PGHOST') or 'local'}:{port}"
    path = unquote(parts.path.lstrip("/"))
    if asked.keys() & {"dbname", "user"} or (service and not path):
        return f"{where}/{database}"
    return f"{where}/{path or os.environ.get('PGDATABASE') or unquote(parts.username or 'default')}"


def _asked(query: str) -> dict[str, str]:
    """Read the query of an address as the driver does: the last of a name counts, and a plus is a plus."""
    pairs = (part.partition("=") for part in query.split("&"))
    return {unquote(name): unquote(value) for name, _, value in pairs}


class Postgres:
    """A read-only session on a database.

    ``place`` is what the address names; ``server`` tells databases of one place apart: the cluster's identifier, which
    stand-bys and a fail-over share, and the database's own number, which one made anew under its name does not.
    """

    def __init__(self, url: str):
        """Connect.

        Raises:
            WrongUse: the address holds a password, or the server cannot be reached or refuses.
        """
        refuse_password(url)
        self.place = place(url, "an unknown address", _asked(urlsplit(url).query).get("dbname", "its database"))
        try:
            self._connection = adbc_driver_postgresql.dbapi.connect(url, autocommit=True)
        except adbc_driver_manager.Error as error:
            raise WrongUse(
                _without_password(f"{self.place} cannot be reached: {_one_line(error)}. {_advice(error)}")
            ) from error
        with self._asking("the session"):
            for setting in (
                "default_transaction_read_only = on", "timezone = 'UTC'", "datestyle = 'ISO, YMD'",
                "standard_conforming_strings = on", "application_name = 'learning-loop land'",
            ):  # fmt: skip
                self._set(setting)
            database, number, address, may_ask = self.rows(
                "select current_database()::text, (select oid from pg_catalog.pg_database"
                "  where datname = current_database())::text,"
                " coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'local'),"
                " coalesce(has_function_privilege("
                "  to_regprocedure('pg_catalog.pg_control_system()')::oid, 'execute'), false)"
            )[0]
            cluster = (
                self.rows("select system_identifier::text from pg_catalog.pg_control_system()")[0][0] if may_ask else ""
            )
        self.place = place(url, str(address), str(database))
        self.server = f"{cluster}/{number}"

    def close(self) -> None:
        """End the session."""
        with contextlib.suppress(adbc_driver_manager.Error):
            self._connection.close()

    def shape(self, table: SourceTable) -> Shape | None:
        """Look a table up in the catalog; None when it is absent and may be.

        Raises:
            WrongUse: the table or one of its columns is missing or cannot serve; the message says which.
        """
        relation = f"{identifier(table.schema)}.{identifier(table.table)} as t"
        with self._asking(table.name):
            found = self.rows(
                "select c.relkind::text, a.attname::text, t.typname::text, t.typcategory::text, a.attnotnull,"
                " has_schema_privilege(n.oid, 'usage') and has_column_privilege(c.oid, a.attnum, 'select')"
                " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                " join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
                " join pg_catalog.pg_type t on t.oid = a.atttypid"
                f" where n.nspname = {literal(table.schema)} and c.relname = {literal(table.table)}"
            )
        if not found:
            if table.is_optional:
                return None
            raise WrongUse(
                f"{self.place} has no table {table.name}. Correct the config, or mark the table `optional: true`."
            )
        types = {str(row[1]): str(row[2]) for row in found}
        categories = {str(row[1]): str(row[3]) for row in found}
        readable = {str(row[1]) for row in found if row[5]}
        if not readable:
            raise WrongUse(
                f"{self.place} does not let this role read {table.name}. "
                f"Ask for `grant usage on schema` and `grant select on {table.name}`."
            )
        is_table = found[0][0] in ("r", "p")
        nullable = {str(row[1]) for row in found if not row[4]} if is_table else set()
        passed_over = _passed_over(table, types, readable)
        watermark = tuple(column for column in table.watermark if column not in passed_over)
        for column in watermark:
            if types[column] not in _INSTANTS:
                raise WrongUse(
                    f"{table.at(column)}: {table.name}.{column} is {types[column]}: a watermark must be a timestamp "
                    "or a date."
                )
        for column in table.id:
            if column in nullable:
                raise WrongUse(
                    f"{table.at(column)}: {table.name}.{column} may be null: rows could be lost. `id` must name "
                    "columns that are not null."
                )
        if is_table:
            self._require_unique(table)
        watermark_type = types[watermark[0]]
        if any(types[column] != watermark_type for column in watermark):
            watermark_type = "timestamptz"
        is_guarded, is_filtered = self._row_security(table, relation)
        return Shape(
            relation=relation,
            select=_select(table, types, categories, readable),
            watermark=values.column(watermark[0])
            if len(watermark) == 1
            else f"coalesce({', '.join(f'{values.column(name)}::{watermark_type}' for name in watermark)})",
            watermark_type=watermark_type,
            id=tuple(values.column(column) for column in table.id),
            id_types=tuple(types[column] for column in table.id),
            may_lack_watermark=is_table and all(column in nullable for column in watermark),
            watermark_columns=watermark,
            passed_over=passed_over,
            is_guarded=is_guarded,
            is_filtered=is_filtered,
        )

    def begin(self, shape: Shape) -> None:
        """Prepare for a table: where no policy is meant to filter, one that comes meanwhile is an error."""
        with self._asking("the session"):
            self._set(f"row_security = {'on' if shape.is_guarded else 'off'}")

    def _row_security(self, table: SourceTable, relation: str) -> tuple[bool, bool]:
        """Return (whether row-level security is in force for this role, whether it hides rows, which must be meant).

        The server itself is asked to refuse rather than to filter: the catalog does not tell what lies below a view.

        Raises:
            WrongUse: rows are hidden, and the config does not say that only the visible ones are meant.
        """
        peek = f"select 1 from {relation} limit 0"
        with self._asking("the session"):
            self._set("row_security = off")
            name = literal(relation.removesuffix(" as t"))
            is_active = bool(self.rows(f"select row_security_active({name}::regclass)")[0][0])
        if not is_active:
            with self._asking(table.name):
                try:
                    self.rows(peek)
                    return False, False
                except adbc_driver_manager.Error as error:
                    if getattr(error, "sqlstate", None) != "42501":
                        raise
        with self._asking(table.name):
            self._set("row_security = on")
            self.rows(peek)  # where the role lacks the right to the table, that is the error
            shows_all = self.rows(
                "select coalesce(bool_or(polpermissive and shown = 'true'), false)"
                " and not coalesce(bool_or(not polpermissive and shown is distinct from 'true'), false)"
                " from (select polpermissive, pg_get_expr(polqual, polrelid) as shown"
                f"  from pg_catalog.pg_policy where polrelid = {name}::regclass and polcmd in ('r', '*')"
                "   and exists (select 1 from unnest(polroles) as r"
                "    where case when r = 0 then true else pg_has_role(r, 'usage') end)) as policies"
            )[0][0]
        if shows_all:
            return True, False
        if not table.only_visible_rows:
            raise WrongUse(
                f"{table.at()}: {table.name} is under row-level security, which hides rows from this role. Ask for a "
                "policy `for select to` this role `using (true)` or for `alter role … bypassrls`; or write "
                "`only_visible_rows: true` if what it shows is what you mean. Then run once with --from-start."
            )
        return True, True

    def _set(self, setting: str) -> None:
        cursor = self._cursor()
        try:
            cursor.execute(f"set {setting}")
        finally:
            cursor.close()

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
            return bool(self.rows(f"select {literal(instant)}::timestamptz > {literal(other)}::timestamptz")[0][0])

    def earlier(self, instants: list[str], overlap: timedelta) -> str:
        """Return the earliest of some instants less the overlap, as text."""
        terms = ", ".join(f"{literal(instant)}::timestamptz" for instant in instants)
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
            edge = [
                f"{literal(value)}::{identifier(kind)}"
                for value, kind in zip(after, (shape.watermark_type, *shape.id_types), strict=True)
            ]
            where = f"({key}) > ({', '.join(edge)})"
        elif start is not None:
            where = f"{shape.watermark} >= {literal(start)}::timestamptz::{shape.watermark_type}"
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
        keys = ", ".join(literal(name) for name in (*table.id, *(table.watermark if len(table.watermark) == 1 else ())))
        with self._asking(table.name):
            found = self.rows(
                "select 1 from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indrelid"
                " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                f" where n.nspname = {literal(table.schema)} and c.relname = {literal(table.table)}"
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


def _passed_over(table: SourceTable, present: Collection[str], readable: Collection[str]) -> dict[str, str]:
    """Say of each column that is not copied why.

    Raises:
        WrongUse: the rows would be none of the feed's without it, or no column would say when they changed.
    """
    passed_over = {}
    for column in table.columns_read():
        if column in readable:
            continue
        passed_over[column] = "not readable by this role" if column in present else "not there"
        is_last = column in table.watermark and not any(name in readable for name in table.watermark)
        if not table.must_have(column) and not is_last:
            continue
        if column in table.id:
            reason = "`id` needs it"
        elif table.must_have(column):
            reason = f"the feed {table.feed} requires it"
        else:
            reason = "nothing else says when a row changed"
        if column in present:
            raise WrongUse(
                f"{table.at(column)}: this role may not read {table.name}.{column}, and {reason}. "
                f"Ask for `grant select ({column}) on {table.name}`."
            )
        raise WrongUse(f"{table.at(column)}: {table.name} has no column {column}, and {reason}. Correct the config.")
    return passed_over


def _select(
    table: SourceTable, types: Mapping[str, str], categories: Mapping[str, str], readable: Collection[str]
) -> tuple[str, ...]:
    """Return the SQL of the file's columns.

    Raises:
        WrongUse: a path leads into a column that holds no JSON.
    """
    try:
        found = values.expressions(table.columns, types, categories, readable)
        return tuple(f"{sql} as {identifier(name)}" for name, sql in found)
    except values.Unsayable as error:
        raise WrongUse(f"{table.at(str(error).partition(' ')[0])}: {table.name}.{error}.") from error


def _one_line(error: Exception) -> str:
    """Return the server's own words in one line, without the query and without any password."""
    text = _without_password(str(error)).split("Query was:")[0].split("\nLINE ")[0]
    text = re.sub(r"^[A-Z_]+: (\[libpq\] )?", "", text)
    text = re.sub(r"(Failed to (connect|prepare query|execute query( '.*?')?)): ", "", text, flags=re.S)
    text = re.sub(r"\.? ?SQLSTATE: \w+", "", text)
    text = re.sub(r"\s+", " ", text).replace("ERROR: ", "").replace("FATAL: ", "").strip(" .\n")
    return _without_password(text)[:400]


def _without_password(text: str) -> str:
    password = os.environ.get("PGPASSWORD")
    return text.replace(password, "[password]") if password else text


def _advice(error: Exception) -> str:
    text = str(error).lower()
    if "password" in text or "authentication" in text:
        return "Check PGPASSFILE (it must be readable by you alone) or PGPASSWORD, and the user in --from."
    if "does not exist" in text or "query parameter" in text:
        return "Check --from."
    return "Check --from, and whether the server runs and lets this machine in."
