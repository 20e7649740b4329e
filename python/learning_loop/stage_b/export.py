"""The files that reviewers and older tools read, byte for byte the same for the same rows."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from learning_loop import atomic

QUEUE_COLUMNS = (
    "run_id", "mission", "ticket_key", "group_id", "gt_label", "pred_verdict", "pred_reason", "reason_code", "epoch",
    "epoch_step", "global_step", "reflection_cycle", "reflection_id", "any_candidate_supports",
)  # fmt: skip
LATEST_COLUMNS = (*QUEUE_COLUMNS, "is_resolved", "resolved_at_global_step")
# Oldest first; the columns together name a row, so that no two rows ever trade places.
ORDER = "run_id, global_step, coalesce(epoch_step, -1), coalesce(reflection_cycle, -1), epoch, ticket_key"

Row = dict[str, Any]


class ExportError(Exception):
    """The export cannot be written; the message says why and what to do."""


def read_queue(con: duckdb.DuckDBPyConnection, mission: str, run_id: str | None) -> tuple[list[Row], list[Row]]:
    """Return (the review queue of a mission, the latest row per ticket), of one run or of all, oldest first."""
    queue, latest = (
        _rows(
            con,
            f"select {', '.join(columns)} from {table}"
            f" where mission = $1 and run_id = coalesce($2, run_id) order by {ORDER}",
            [mission, run_id],
        )
        for table, columns in (
            ("stage_b_need_review_queue", QUEUE_COLUMNS),
            ("stage_b_need_review_latest", LATEST_COLUMNS),
        )
    )
    return queue, latest


def review_files(mission: str, queue: list[Row], latest: list[Row]) -> dict[str, bytes]:
    """Return the files of a mission: name to content. Nothing in them tells when or where they were written.

    need_review.json holds the queue once as ``items``, and per ticket its rows of all runs (``all_history``) and the
    last of them (``latest_by_ticket``): where several runs know a ticket, that of the last run by name.
    """
    history: dict[str, list[Row]] = {}
    for row in queue:
        history.setdefault(row["ticket_key"], []).append(row)
    document = {
        "mission": mission,
        "n": len(queue),
        "by_reason_code": dict(sorted(Counter(row["reason_code"] for row in queue).items())),
        "items": queue,
        "latest_by_ticket": dict(sorted({row["ticket_key"]: row for row in latest}.items())),
        "all_history": dict(sorted(history.items())),
    }
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in queue)
    return {
        "need_review_queue.jsonl": lines.encode(),
        "need_review.json": (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode(),
        # Old readers open it; what it held is in the queue now.
        "manual_review_queue.jsonl": b"",
    }


def write_files(out: Path, folders: list[str], files: dict[str, bytes]) -> list[Path]:
    """Write files below ``out`` in folders named after data, each whole or not at all; return their paths.

    Raises:
        ExportError: a folder leads out of ``out``, or cannot be written.
    """
    folder = out.joinpath(*(safe_name(name) for name in folders))
    try:
        out.mkdir(parents=True, exist_ok=True)
        for part in [*reversed(folder.relative_to(out).parents), folder.relative_to(out)][1:]:
            if (out / part).is_symlink():
                raise ExportError(
                    f"{out / part} is a link and may lead out of {out}. Remove it, or choose another --out."
                )
            (out / part).mkdir(exist_ok=True)
        for name, content in files.items():
            atomic.write(folder / name, content)  # a link that lies there is replaced, never followed
        return [folder / name for name in files]
    except OSError as error:
        raise ExportError(f"Cannot write below {out}: {error.strerror}.") from error


def safe_name(name: str) -> str:
    """Return a name that is a single, plain file name anywhere; one that had to change carries a digest of the old."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".-")[:100]
    return plain if plain and plain == name else f"{plain or 'unnamed'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _rows(con: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> list[Row]:
    found = con.execute(query, parameters)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]
