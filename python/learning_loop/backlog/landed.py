"""What people have landed since the last night, at once: most often nothing, or a line that a command here wrote.

The reader and the judge of a night take half a second to load and to compile. They are asked only for what is not
plain: `since` says what there is, and `plain` which rows need no judge, because nothing that the feed's declaration
forbids, reads otherwise or blots out can stand in them. A test holds both to the night's own.
"""

from __future__ import annotations

import json
import os
import re
import stat as modes
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

Row = tuple[str, str, str]  # feed, file, row as text
PLAIN_BYTES = 64 << 10
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]*\.(jsonl|ndjson)")
# Of each feed its fields, by the kinds of its declaration; those in `required` must be there.
FIELDS: dict[str, dict[str, str | tuple[str, ...]]] = {
    "backlog_decisions": {
        "decision_id": "id", "candidate_key": "id", "decision": ("approve", "dismiss", "promote", "reopen"),
        "actor": "id", "decided_at": "instant", "reason": "text", "issue_ref": "text", "snooze_until": "instant",
        "recorded_by": "text",
    },
    "checklist_updates": {
        "update_id": "id", "candidate_key": "id", "step_id": ("regression_test_implementation",),
        "status": ("pending", "completed"), "actor": "id", "updated_at": "instant", "evidence": "text",
        "recorded_by": "text",
    },
    "shadow_evaluations": {
        "evaluation_id": "id", "candidate_key": "id", "verdict": ("pass", "fail", "insufficient_data"),
        "evaluated_at": "instant",
    },
}  # fmt: skip
OPTIONAL = {"reason", "issue_ref", "snooze_until", "recorded_by", "evidence"}
INSTANT = re.compile(r"[2-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
MAY_BE_AN_ADDRESS = re.compile(r"@|＠|%40|&#")  # noqa: RUF001
# A telephone number begins with a plus, a bracket or a nought, or it has ten digits with little between them.
MAY_BE_A_NUMBER = re.compile(r"[+(][\d ()./-]*\d|(?<![0-9A-Za-z_])0|\d(?:[ ()./-]*\d){9}")


def since(landing: Path, con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return the rows of the people's files that the last night had not read, in the order of their files."""
    known = _ledger(con)
    found: list[Row] = []
    for feed in FIELDS if known is not None else ():
        for path, stat in _files(landing / feed):
            told = known and known.get((feed, f"{feed}/{path.name}"))
            if stat and told == (stat.st_size, stat.st_mtime_ns // 1000):
                continue
            lines = _plain_lines(path, stat) if stat else None
            if lines is None:
                return _read(landing, con)
            found += [(feed, f"{feed}/{path.name}", line) for line in lines]
    return found if known is not None else _read(landing, con)


def plain(feed: str, text: str) -> dict[str, str] | None:
    """Return a row as the night stores it, if it is plain; else nothing: it is the night's judge that says."""
    try:
        row = json.loads(text, object_pairs_hook=_pairs)
    except (ValueError, RecursionError):
        return None
    fields = FIELDS[feed]
    if not isinstance(row, dict) or set(row) - set(fields) or set(fields) - OPTIONAL - set(row):
        return None
    if all(isinstance(value, str) and _is_plain(fields[name], value) for name, value in row.items()):
        return row
    return None


def _is_plain(kind: str | tuple[str, ...], value: str) -> bool:
    if isinstance(kind, tuple):
        return value in kind
    if kind == "instant":
        return bool(INSTANT.fullmatch(value)) and _is_an_instant(value)
    return (
        bool(value.strip())
        and value[0] not in "{["
        and value.isprintable()
        and len(value) <= (256 if kind == "id" else 2000)
        and not MAY_BE_AN_ADDRESS.search(value)
        and not (kind == "text" and MAY_BE_A_NUMBER.search(value))
    )


def _is_an_instant(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _ledger(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[int, int]] | None:
    """Return size and time of each file that was read to its end; nothing if the file is of an earlier version.

    Whatever the reader's version: a newer one reads files again on the next night, and until then what was read stands.
    """
    feeds = ", ".join(f"'{feed}'" for feed in FIELDS)
    try:
        rows = con.execute(
            "select feed, source_file, size, epoch_us(modified_at) from main.landing_files"
            f" where feed in ({feeds}) and status = 'read' and not has_open_line"
        ).fetchall()
    except duckdb.Error:
        return None
    return {(feed, file): (size, modified) for feed, file, size, modified in rows}


def _files(folder: Path) -> list[tuple[Path, os.stat_result | None]]:
    """Return what a feed's folder holds, by name; without a stat what is no plain file."""
    try:
        with os.scandir(folder) as listed:
            found = [
                (Path(one.path), stat if modes.S_ISREG(stat.st_mode) and PLAIN_NAME.fullmatch(one.name) else None)
                for one in listed
                if not one.name.startswith(".")
                for stat in [one.stat(follow_symlinks=False)]
            ]
    except (FileNotFoundError, NotADirectoryError):
        return [] if not folder.exists() else [(folder, None)]
    except OSError:
        return [(folder, None)]
    return sorted(found, key=lambda one: one[0].name)


def _plain_lines(path: Path, stat: os.stat_result) -> list[str] | None:
    if stat.st_size > PLAIN_BYTES:
        return None
    try:
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    lines = text.split("\n")
    if lines.pop() or not all(line.startswith("{") and line.isprintable() for line in lines):
        return None
    return lines


def _read(landing: Path, con: duckdb.DuckDBPyConnection) -> list[Row]:
    from learning_loop.landing.folder import known_feeds  # YAML and Arrow: most often there is nothing to read
    from learning_loop.landing.inventory import landed_rows, ledger

    return landed_rows(landing, [feed for feed in known_feeds() if feed.name in FIELDS], ledger(con))
