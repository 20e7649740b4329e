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
LATEST_COLUMNS = (*QUEUE_COLUMNS, "is_resolved", "resolved_at_global_step", "resolved_by", "review_label")
RULE_COLUMNS = (
    "hit_count", "miss_count", "confidence", "run_hard_hit_rate", "effect", "effect_lower", "effect_upper", "verdict",
    "uplift_verdict", "advice", "reason", "is_protected",
)  # fmt: skip
# Oldest first; the columns together name a row, so that no two rows ever trade places.
ORDER = "run_id, global_step, coalesce(epoch_step, -1), coalesce(reflection_cycle, -1), epoch, ticket_key"

Row = dict[str, Any]


class ExportError(Exception):
    """The export cannot be written; the message says why and what to do."""


def read_queue(con: duckdb.DuckDBPyConnection, mission: str, run_id: str | None) -> tuple[list[Row], list[Row]]:
    """Return (the review queue of a mission, the latest row per ticket), of one run or of all, oldest first.

    The latest are in the order of their runs' starts: run-9 began before run-10, whatever their names say.
    """
    queue, latest = (
        _rows(
            con,
            f"select {', '.join(columns)} from {table} join intermediate.int_stage_b__runs using (run_id, mission)"
            f" where mission = $1 and run_id = coalesce($2, run_id) order by {first}{ORDER}",
            [mission, run_id],
        )
        for table, columns, first in (
            ("stage_b_need_review_queue", QUEUE_COLUMNS, ""),
            ("stage_b_need_review_latest", LATEST_COLUMNS, "started_at, "),
        )
    )
    return queue, latest


def read_guidance(con: duckdb.DuckDBPyConnection, mission: str, run_id: str | None) -> tuple[str | None, list[Row]]:
    """Return (a run, its rules that stand) of a mission: of the run asked for, else of the latest that has any."""
    last = con.execute(
        "select run_id from intermediate.int_stage_b__runs"
        " where mission = $1 and run_id = coalesce($2, run_id)"
        " and run_id in (select run_id from stage_b_rule_effects where mission = $1 and not is_retired)"
        " order by started_at desc, run_id desc limit 1",
        [mission, run_id],
    ).fetchone()
    if last is None:
        return None, []
    rows = _rows(
        con,
        f"select rule_key, {', '.join(RULE_COLUMNS)} from stage_b_rule_effects"
        " where mission = $1 and run_id = $2 and not is_retired order by rule_key",
        [mission, last[0]],
    )
    return str(last[0]), rows


def review_files(mission: str, queue: list[Row], latest: list[Row]) -> dict[str, bytes]:
    """Return the files of a mission: name to content. Nothing in them tells when or where they were written.

    need_review.json holds the queue as ``items``, for old readers once more as ``all_history``, and per ticket the last
    of its rows (``latest_by_ticket``): where several runs know a ticket, that of the run that began last, which is the
    last of ``latest``.
    """
    document = {
        "mission": mission,
        "n": len(queue),
        "by_reason_code": dict(sorted(Counter(row["reason_code"] for row in queue).items())),
        "items": queue,
        "latest_by_ticket": dict(sorted({row["ticket_key"]: row for row in latest}.items())),
        "all_history": queue,
    }
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in queue)
    return {
        "need_review_queue.jsonl": lines.encode(),
        "need_review.json": _document(document),
        # Old readers open it; what it held is in the queue now.
        "manual_review_queue.jsonl": b"",
    }


def guidance_file(mission: str, run_id: str | None, rules: list[Row]) -> dict[str, bytes]:
    """Return guidance.json: by mission and rule key, as the runner's guidance has its metadata, what is known.

    It holds no rule's text and applies nothing: a person merges by key what they agree with.
    """
    metadata = {row["rule_key"]: {name: row[name] for name in RULE_COLUMNS} for row in rules}
    return {"guidance.json": _document({mission: {"run_id": run_id, "metadata": metadata}})}


def task_files(latest: list[Row]) -> dict[str, bytes]:
    """Return the tickets that still wait as tasks of Label Studio and as records of Argilla.

    Both ask one question, ``label`` (pass, fail or unsure), show the fields below, and carry what names the ticket, so
    that an answer can come back as a row of stage_b_review_labels.
    """
    waiting = [row for row in latest if not row["is_resolved"]]
    return {
        "label_studio_tasks.json": _document([_label_studio_task(row) for row in waiting]),
        "argilla_records.json": _document([_argilla_record(row) for row in waiting]),
    }


def _shown(row: Row) -> dict[str, str]:
    """What a reviewer sees."""
    return {
        "text": row["pred_reason"] or "",
        "ticket": row["ticket_key"],
        "verdict": row["pred_verdict"] or "none",
        "label_in_the_data": row["gt_label"],
        "why": row["reason_code"].replace("_", " "),
    }


def _label_studio_task(row: Row) -> Row:
    # https://labelstud.io/guide/predictions: from_name and to_name are those of the labelling configuration.
    said = {"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [row["pred_verdict"]]}}
    predictions = [{"model_version": row["run_id"], "result": [said]}] if row["pred_verdict"] else []
    return {"data": _shown(row), "meta": _named(row), "predictions": predictions}


def _argilla_record(row: Row) -> Row:
    # As Dataset.records.from_json reads it: suggestions by the name of the question.
    suggestions = {"label": {"value": row["pred_verdict"], "score": None, "agent": row["run_id"]}}
    return {
        "id": hashlib.sha256("\x1f".join(_named(row).values()).encode()).hexdigest()[:32],
        "fields": _shown(row),
        "metadata": _named(row),
        "suggestions": suggestions if row["pred_verdict"] else {},
        "responses": {},
        "vectors": {},
    }


def _named(row: Row) -> dict[str, str]:
    return {name: row[name] for name in ("run_id", "mission", "ticket_key")}


def _document(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


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
