"""What must hold after a night over hostile entries: each broken law is a sentence that names the entry."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import duckdb
from entries import LEAK, NOT_READ, PASSED, READ, REFUSED, TAG, Entry, content, lines, some

from house import House

GOOD_FEEDS = {"events": 40, "ingest_editor_labels": 30, "ingest_candidates": 20, "quality_flags": 10}
KEEPS_TO_ITSELF = {"learning_loop.salt"}


def land_good(landing: Path) -> None:
    """Land what lies beside every hostile entry: one good file per feed, which each night must hold whole."""
    for feed, count in GOOD_FEEDS.items():
        content(lines(some(feed, "good", count)))(os.fsencode(landing / feed / "good.jsonl"))


def sources(house: House) -> dict[str, dict[str, list[dict]]]:
    """Return by tag what ledger and quarantine say."""
    found: dict[str, dict[str, list[dict]]] = defaultdict(lambda: {"ledger": [], "quarantine": []})
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        for place, sql in {
            "ledger": "from landing_files",
            "quarantine": "select source_file, reason_code, detail from quarantined_rows where released_at is null",
        }.items():
            asked = connection.execute(sql)
            names = [column[0] for column in asked.description]
            for row in asked.fetchall():
                one = dict(zip(names, row, strict=True))
                tag = TAG.search(one["source_file"] or "")
                found[tag[0] if tag else ""][place].append(one)
    return found


def broken(house: House, there: Iterable[Entry], second: set[str]) -> list[str]:
    """Say which laws a night broke; `second` holds the tags of the entries whose second night it was."""
    found = sources(house)
    wrong = []
    for place, kept in house.query("select feed || '/' || source_file, kept from landing_files"):
        if place.endswith("/good.jsonl") and kept != GOOD_FEEDS.get(place.split("/")[0]):
            wrong.append(f"good file: {place} has {kept} rows")
    sums = house.query(
        "select source_file, rows_in, kept, redelivered, quarantined, ignored from landing_files"
        " where rows_in is distinct from kept + redelivered + quarantined + ignored"
    )
    wrong += [f"sum: {row}" for row in sums]
    counts = dict(house.query("select source_file, quarantined from landing_files"))
    open_bad = dict(
        house.query("select source_file, count(*) from quarantined_rows where released_at is null group by 1")
    )
    wrong += [
        f"quarantine: {name!r} has {open_bad.get(name, 0)} open rows, its ledger says {bad}"
        for name, bad in counts.items()
        if (bad or 0) != open_bad.get(name, 0)
    ]
    for entry in there:
        is_second = entry.tag in second
        wrong += [f"{entry.kind} {entry.path!r}: {what}" for what in broken_of(entry, found[entry.tag], is_second)]
    return wrong


def broken_of(entry: Entry, said: dict[str, list[dict]], is_second: bool) -> list[str]:
    ledger, quarantine = said["ledger"], said["quarantine"]
    fate = entry.then_fate if is_second and entry.then_fate else entry.fate
    reasons = {row["reason_code"] for row in quarantine}
    kept = sum(row["kept"] or 0 for row in ledger)
    rows_in = sum(row["rows_in"] or 0 for row in ledger)
    not_read = [row for row in ledger if row.get("status") == "not_read"]
    became = NOT_READ if not_read else READ if ledger else REFUSED if quarantine else PASSED
    # A refusal may have a line of the ledger as well: its one row in, its one row quarantined.
    if became == READ and quarantine and kept == 0 and rows_in == len(quarantine):
        became = READ if READ in fate else REFUSED
    shown = f"{became}, {rows_in} in, {kept} kept, {sorted(reasons)}"
    wrong = []
    if became not in fate:
        wrong.append(f"is {shown}, not {' or '.join(sorted(fate))}")
        if became == PASSED:
            return wrong
    if is_second and entry.then:
        if entry.then_kept is not None and (kept != entry.then_kept or (reasons and READ in fate)):
            wrong.append(f"is {shown} once it is whole, not {entry.then_kept} kept")
        return wrong
    if became == REFUSED and len(quarantine) != 1:
        wrong.append(f"is refused in {len(quarantine)} rows")
    if entry.reasons is not None and reasons and not reasons <= entry.reasons:
        wrong.append(f"is {shown}, not {sorted(entry.reasons)}")
    if entry.kept is not None and kept != entry.kept and not (READ not in fate and became != READ):
        wrong.append(f"is {shown}, not {entry.kept} kept")
    if entry.rows_in is not None and became == READ and not is_second and rows_in != entry.rows_in:
        wrong.append(f"is {shown}, not {entry.rows_in} in")
    return wrong


def leaks(root: Path, house: House) -> list[str]:
    """Name every place below `root`, but for the landing folder and the salt, where a planted secret stands."""
    return leaks_in(outputs(root, house), LEAK)


def leaks_in(places: dict[str, bytes], patterns: re.Pattern[bytes]) -> list[str]:
    """Name the places where a pattern is found, with what stands around it: once for each tag."""
    found: dict[tuple[str, str], str] = {}
    for place, data in places.items():
        for hit in patterns.finditer(data):
            around = data[max(0, hit.start() - 100) : hit.end() + 60]
            tag = TAG.search(around.decode(errors="replace"))
            found.setdefault((place, tag[0] if tag else ""), f"leak: {place}: {around!r}")
    return list(found.values())


def outputs(root: Path, house: House) -> dict[str, bytes]:
    """Return by place what a night left below `root`, but for the landing folder and the salt itself.

    Every file as its bytes, and every table as its values: the database compresses them.
    """
    found = {}
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = [name for name in folders if here / name != house.landing and not name.startswith("outside")]
        for path in (here / name for name in names):
            if path.name not in KEEPS_TO_ITSELF and path.is_file():
                found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found | (values(house) if house.warehouse.exists() else {})


def values(house: House) -> dict[str, bytes]:
    """Return every table of the warehouse as text, a row a line."""
    found = {}
    with duckdb.connect(str(house.warehouse), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where not internal order by all"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(f'select one::varchar from "{schema}"."{table}" as one').fetchall()
            found[f"{schema}.{table}"] = b"".join(row.encode(errors="replace") + b"\n" for (row,) in rows)
    return found
