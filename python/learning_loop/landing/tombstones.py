"""Tombstones: keyed digests by which the rows of an erased person are known, and that name nobody."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import duckdb
import pyarrow as pa

from learning_loop.landing import approvals
from learning_loop.landing.folder import known_feeds
from learning_loop.landing.identity import pseudonym
from learning_loop.landing.inventory import landed_rows
from learning_loop.project import project_dir

FEED = "erasures"
SIGNED = pa.schema([(name, pa.string()) for name in ("actor", "erased_at", "tombstone")])
TOMBSTONE = re.compile(r"[0-9a-f]{64}")  # sha256 in hex; anything else names nobody


def tombstones(salt: str, user_id: str) -> list[str]:
    """Return the digests by which rows of a person are known: of their pseudonym, and of an id hashed by the sender.

    Each is sha256("<salt>:erased:<pseudonym>") in hex, as the SQL macro `tombstone` says it.
    """
    names = [pseudonym(salt, user_id)] + ([user_id] if user_id.startswith("u_") else [])
    return [hashlib.sha256(f"{salt}:erased:{name}".encode()).hexdigest() for name in names]


def recorded(landing: Path) -> set[str]:
    """Return the tombstones of the landing folder's erasures that were signed by someone who might erase then.

    Lines that cannot be read are left to the feed, which quarantines them.
    """
    found: list[dict[str, str]] = []
    for _, _, text in landed_rows(landing, [feed for feed in known_feeds() if feed.name == FEED]):
        try:
            row = json.loads(text)
            listed = row["tombstones"]
            if isinstance(listed, str):  # of CSV, which knows no lists
                listed = json.loads(listed) if listed.lstrip().startswith("[") else [listed]
            signed = {"actor": str(row["actor"]), "erased_at": str(row.get("created_at"))}
            found += [signed | {"tombstone": item} for item in listed if TOMBSTONE.fullmatch(item)]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    return _signed_by_an_admin(found) if found else set()


def _signed_by_an_admin(rows: list[dict[str, str]]) -> set[str]:
    with duckdb.connect() as connection:
        connection.execute(f"set timezone = 'UTC'; create schema scratch; {_instant_functions()}")
        connection.register("erasures", pa.Table.from_pylist(rows, schema=SIGNED))
        found = connection.execute(
            f"""
            select distinct tombstone
            from (select *, coalesce(scratch.iso_instant(erased_at), now()) as signed_at from erasures) as erasures
            inner join ({approvals.query()}) as approvals
                on approvals.role = 'admin' and (approvals.actor is null or approvals.actor = erasures.actor)
                    and erasures.signed_at >= approvals.valid_from and erasures.signed_at < approvals.valid_to
            """
        ).fetchall()
    return {row[0] for row in found}


def _instant_functions() -> str:
    """Return the SQL that makes scratch.iso_instant, by which every feed reads instants."""
    text = (project_dir() / "macros/feeds/create_iso_instant.sql").read_text("utf-8")
    return text.partition("%}")[2].partition("{%")[0]


def are_stored(connection: duckdb.DuckDBPyConnection, erased: set[str], salt: str) -> bool:
    """Say whether a published file stores rows of a person whom one of the tombstones names."""
    tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'staging'").fetchall()
    stored = {name for (name,) in tables}
    names = " union ".join(
        f"select {column} as name from staging.{table}" for table, column in person_stores() if table in stored
    )
    if not names:
        return False
    query = f"select count(*) from ({names}) where list_contains($2, sha256($1 || ':erased:' || name))"
    return bool(connection.execute(query, [salt, sorted(erased)]).fetchall()[0][0])


def person_stores() -> list[tuple[str, str]]:
    """Return (table in schema staging, column that says whose a row is) of the feeds that give persons pseudonyms."""
    return [(feed.model, column) for feed in known_feeds() for column in feed.person_columns]
