"""A candidate in the form of a tracker. Exporting creates nothing anywhere, and what came from data stays text.

Formats: GitHub's issue JSON (title, body in Markdown, labels); the JSON lines that `bd import` of the beads tracker
reads (its title is at most 500 bytes, its priority 0 to 4, its acceptance criteria one text); the payload as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any

from learning_loop.terminal import plain

FORMATS = ("github", "beads", "json")
UNSEEN = "\u200b"  # breaks a mention or a reference without showing


def export(candidate: dict[str, Any], form: str) -> str:
    """Return one candidate (a row of learning_backlog_candidates) in a format, without a newline at the end."""
    payload = json.loads(candidate["issue_payload"])
    if form == "beads":
        return json.dumps(beads(candidate, payload), ensure_ascii=False)
    if form == "github":
        return json.dumps(github(payload), ensure_ascii=False)
    return json.dumps(payload, ensure_ascii=False)


def github(payload: dict[str, Any]) -> dict[str, Any]:
    """Return title, body and labels of a GitHub issue."""
    title = defused(plain(payload["title"]))[:256]
    return {"title": title, "body": markdown(payload), "labels": payload["labels"]}


def beads(candidate: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    """Return a line of `bd import`. Its id is stable, so that importing twice updates and does not double."""
    key = payload["source"]["candidate_key"]
    criteria = "\n".join(f"- {escaped(text)}" for text in payload["acceptance_criteria"])
    hypothesis = f"Hypothesis: {payload['root_cause_hypothesis']}"
    return {
        "id": "ll-" + key.rsplit(":", 1)[-1],
        "title": _cut(defused(plain(payload["title"])), 500),
        "description": escaped(f"{payload['description']}\n\n{hypothesis}"),
        "design": escaped(payload["design"]),
        "acceptance_criteria": criteria,
        "status": "open",
        "priority": {"P1": 1, "P2": 2}.get(payload["priority"], 3),
        "issue_type": payload["type"],
        "created_at": candidate["first_seen_at"].isoformat(),
        "updated_at": candidate["updated_at"].isoformat(),
        "external_ref": "learning-loop:" + key,
        "labels": payload["labels"],
        "metadata": {"source": payload["source"], "approval_required": payload["approval_required"]},
    }


def markdown(payload: dict[str, Any]) -> str:
    """Return the body of an issue in Markdown; every text of the payload is text there, whatever it holds."""
    updates = payload["suggested_updates"]
    parts = [
        ("What was seen", escaped(payload["description"])),
        ("Root cause hypothesis", escaped(payload["root_cause_hypothesis"])),
        ("How to go about it", escaped(payload["design"])),
        ("Acceptance criteria", _list(payload["acceptance_criteria"], "- [ ] ")),
        ("Impacted metrics", _list([_metric(metric) for metric in payload["impacted_metrics"]])),
        ("Suggested invariants", _list(updates["invariant_updates"])),
        ("Suggested policies", _list(updates["policy_updates"])),
        ("Regression tests", _list(updates["regression_tests"])),
        ("Promotion checklist", _steps(payload["promotion_checklist"])),
    ]
    source = payload["source"]
    origin = f"Candidate {source['candidate_key']}, priority {payload['priority']} ({source['priority_score']})."
    return "\n\n".join([*(f"## {head}\n\n{body}" for head, body in parts if body), escaped(origin)]) + "\n"


def escaped(text: str | None) -> str:
    """Return a text as Markdown that shows just that text: no markup, no HTML, no mention, no closing reference."""
    shown = re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&$:])", r"\\\1", plain(text or "", keep_newlines=True))
    return defused(shown)


def defused(text: str) -> str:
    """Return a text in which @name, #1, GH-1 and addresses of issues are no longer what a tracker acts on."""
    text = re.sub(r"@(?=\S)", "@" + UNSEEN, text)
    text = re.sub(r"#(?=\d)", "#" + UNSEEN, text)
    text = re.sub(r"(?i)\b(gh)(\\?-)(?=\d)", rf"\1\2{UNSEEN}", text)
    return re.sub(r"(?i)(https?)(\\?:)(?=//)", rf"\1\2{UNSEEN}", text)


def _list(texts: list[str], bullet: str = "- ") -> str:
    return "\n".join(bullet + escaped(plain(text)) for text in texts)


def _metric(metric: dict[str, Any]) -> str:
    value = metric["value"]
    return f"{metric['metric']} in {metric['period_key']}: {'unknown' if value is None else f'{value:g}'}"


def _steps(checklist: dict[str, Any]) -> str:
    marks = {"completed": "x", "pending": " "}
    return "\n".join(f"- [{marks[step['status']]}] {escaped(step['title'])}" for step in checklist["steps"])


def _cut(text: str, length: int) -> str:
    return text.encode()[:length].decode(errors="ignore")
