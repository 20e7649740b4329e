"""Decisions of people, written to the landing folder as rows that the next night reads."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb


class NotAnApprover(Exception):
    """The actor may not decide; the message names who may."""


def land(
    landing: Path, feed: str, id_field: str, row: Mapping[str, str | list[str] | None], at: datetime | None = None
) -> Path:
    """Write one row to a file of its own below ``landing/<feed>`` and return the file; nothing is ever overwritten.

    The row gets its id (random, in ``id_field``) and ``created_at``; fields that are None are left out. The file
    appears whole or not at all: a night that runs meanwhile never reads half of it.
    """
    number = uuid.uuid4().hex
    created_at = (at or datetime.now(UTC)).astimezone(UTC).isoformat().replace("+00:00", "Z")
    said = {key: value for key, value in row.items() if value is not None}
    full = {id_field: number, **said, "created_at": created_at}
    folder = landing / feed / "by-hand"
    folder.mkdir(parents=True, exist_ok=True)
    file, unfinished = folder / f"{number}.jsonl", folder / f".{number}"
    with unfinished.open("w", encoding="utf-8") as out:
        out.write(json.dumps(full, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(file)
    return file


def require_approver(warehouse: Path, actor: str) -> None:
    """Raise NotAnApprover when the published warehouse lists who may decide and ``actor`` is not among them.

    Without a warehouse nothing is known: the night judges the decision, and lists it when it is rejected.
    """
    if not warehouse.exists():
        return
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        allowed = {row[0] for row in connection.execute("select distinct actor from policy.approvers").fetchall()}
    if allowed and actor not in allowed:
        names = ", ".join(sorted(allowed))
        raise NotAnApprover(f"{actor!r} may not decide. Those who may: {names} (seeds/policy/approvers.csv).")
