"""Texts that would run if a page took them for markup, planted wherever a feed lets a sender write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

EVIL = (
    '</script></style></title></svg><script>window.planted = 1</script><img src=x onerror="window.planted = 2">'
    "<svg onload='window.planted = 3'>{{ 7 * 7 }}&lt;"
)
LONG = "averylongname" * 16  # without a place to break it
QUOTED = 'o\'ne "two" `three` $(touch four) \\ five | six\nseven <@U1> #12 *eight* [nine](https://x.example) | ten'
UNSEEN = "cl\u200bass \u202eegrem"  # asked with as it is stored, or nothing is found of it
HALF_SENT = "half-sent"  # of its labels one in five lacks its reason
ORDER_TURNED = "red \u202egnik\u202c [bold red]\x1b[31mloud"


def plant(landing: Path) -> None:
    """Write the files of one day, 2026-02-14 and before, beside those of a sample world."""
    _write(landing / "events/planted.jsonl", _signals() + _claims())
    _write(
        landing / "ingest_candidates/planted.jsonl",
        [row for source in (EVIL, LONG, QUOTED) for row in _candidates(source)],
    )
    _write(
        landing / "ingest_editor_labels/planted.jsonl",
        [row for source in (EVIL, LONG, QUOTED) for row in _labels(source)],
    )
    _write(landing / "ingest_candidates/half-sent.jsonl", _candidates(HALF_SENT, 300))
    _write(landing / "ingest_editor_labels/half-sent.jsonl", [
        row | ({"action": "promoted"} if number % 5 else {"action": "rejected", "reject_reason_code": None})
        for number, row in enumerate(_labels(HALF_SENT, 300))
    ])  # fmt: skip
    _write(landing / "ingest_source_registry/planted.jsonl", [
        {"source_key": EVIL, "display_name": EVIL, "state": "active", "updated_at": "2026-02-01T00:00:00Z"}
    ])  # fmt: skip
    _write(landing / "ingest_experiments/planted.jsonl", [
        {"id": name, "name": name, "hypothesis": name, "status": "running", "started_at": "2026-02-01T00:00:00Z"}
        for name in (EVIL, LONG, QUOTED, ORDER_TURNED)
    ])  # fmt: skip
    _write(landing / "ingest_candidates/twice.jsonl", _twice())
    mission = "<img src=x onerror='window.planted = 4'>"
    _write(landing / f"stage_b/planted/{mission}/selections.jsonl", [
        {
            "group_id": EVIL, "mission": mission, "ticket_key": f"{EVIL}::pass", "gt_label": "pass", "epoch": 1,
            "epoch_step": step, "global_step": step,
            "result": {"verdict": "fail", "reason": EVIL, "selected_candidate": 0, "label_match": False},
        }
        for step in (1, 2)
    ])  # fmt: skip
    _write(landing / f"events/{ORDER_TURNED}.jsonl", ["no json"])


def _signals() -> list[dict[str, Any]]:
    return [
        {
            "event_id": f"planted-signal-{number}-{index}",
            "event_type": "learning.signal.logged",
            "timestamp": "2026-02-12T10:00:00Z",
            "data": {
                "signal_type": "workflow_violation",
                "category": "friction_signal",
                "user_ref": {"pseudonymized_user_id": f"planted-{number % 5}"},
                "signature": {"issue_type": name, "workflow_phase": name, "confidence_band": "high"},
                "cluster_signature": name,
            },
        }
        for index, name in enumerate((EVIL, LONG, ORDER_TURNED, QUOTED))
        for number in range(15)
    ]


def _claims() -> list[dict[str, Any]]:
    claims = [
        {
            "event_id": f"planted-claim-{index}-{number}",
            "event_type": "evidence.claim.logged",
            "timestamp": "2026-02-12T10:00:00Z",
            "data": {
                "claim_type": name,
                "confidence": 0.97,
                "provenance": {"parser_version": name},
                "lineage": {"event_id": f"planted-entry-{index}-{number}"},
            },
        }
        for index, name in enumerate((EVIL, UNSEEN))
        for number in range(20)
    ]
    return claims + [
        {
            "event_id": f"planted-retraction-{index}-{number}",
            "event_type": "event.retracted",
            "timestamp": "2026-02-13T10:00:00Z",
            "data": {"retracted_event_id": f"planted-entry-{index}-{number}"},
        }
        for index in range(2)
        for number in range(16 + index)
    ]


def _candidates(source: str, count: int = 60) -> list[dict[str, Any]]:
    return [
        {
            "id": f"planted-{len(source)}-{number}",
            "source_key": source,
            "source_url": "javascript:window.planted=5",
            "title": f"{EVIL} {number}",
            "created_at": f"{_day(number)}T01:00:00Z",
        }
        for number in range(count)
    ]


def _twice() -> list[dict[str, Any]]:
    """Ideas that came more than once and wait for an editor: three, two and two times."""
    return [
        {
            "id": f"planted-twice-{index}-{number}",
            "source_key": f"{name} again",
            "source_url": "https://twice.example/",
            "title": f"Row the harbour in {name}",
            "created_at": f"2026-02-1{index + 1}T01:0{number}:00Z",
        }
        for index, (name, count) in enumerate(((EVIL, 3), (LONG, 2), (QUOTED, 2)))
        for number in range(count)
    ]


def _labels(source: str, count: int = 60) -> list[dict[str, Any]]:
    """Promoted in January, rejected in February: a source that fell."""
    return [
        {
            "id": f"planted-label-{len(source)}-{number}",
            "candidate_id": f"planted-{len(source)}-{number}",
            "actor_user_id": "editor-ben",
            "created_at": f"{_day(number)}T{2 + number % 20:02d}:00:00Z",
        }
        | ({"action": "promoted"} if number < 30 else {"action": "rejected", "reject_reason_code": "not_actionable"})
        for number in range(count)
    ]


def _day(number: int) -> str:
    return "2026-01-10" if number < 30 else "2026-02-14"


def _write(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
