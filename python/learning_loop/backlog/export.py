"""A candidate in the form of a tracker. Exporting creates nothing anywhere, and what came from data stays text.

Formats: GitHub's issue JSON (title, body in Markdown, labels); rows that the importers of Linear and of Jira read; the
JSON lines that `bd import` of the beads tracker reads (its title is at most 500 bytes, its priority 0 to 4, its
acceptance criteria one text); the payload as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from learning_loop.backlog.why import update_text
from learning_loop.terminal import plain

FORMATS = ("gh", "linear-csv", "jira-csv", "beads", "json")
OTHER_NAMES = {"github": "gh"}
UNSEEN = "\u200b"  # breaks a mention or a reference without showing
# What Markdown acts on wherever it stands; the rest acts at the beginning of a line or beside others only.
ANYWHERE = re.compile(r"([\\`*\[\]<>|~$])")
LINEAR_PRIORITIES = {"P1": "Urgent", "P2": "High", "P3": "Medium"}
JIRA_PRIORITIES = {"P1": "Highest", "P2": "High", "P3": "Medium"}


def export_all(candidates: Sequence[dict[str, Any]], form: str) -> list[str]:
    """Return candidates (rows of learning_backlog_candidates) in a format, line by line."""
    if form in ("linear-csv", "jira-csv"):
        return _rows(candidates, linear if form == "linear-csv" else jira)
    return [export(row, form) for row in candidates]


def export(candidate: dict[str, Any], form: str) -> str:
    """Return one candidate (a row of learning_backlog_candidates) as JSON, without a newline at the end."""
    payload = json.loads(candidate["issue_payload"])
    if form == "beads":
        return json.dumps(beads(candidate, payload), ensure_ascii=False)
    if form == "gh":
        return json.dumps(github(payload), ensure_ascii=False)
    return json.dumps(payload, ensure_ascii=False)


def marker(payload: dict[str, Any]) -> str:
    """Return the word by which an issue of a candidate is found again: a second one is not made."""
    return "learning-loop-" + str(payload["source"]["candidate_key"]).rsplit(":", 1)[-1]


def linear(candidate: dict[str, Any], payload: dict[str, Any]) -> dict[str, str]:
    """Return a row as Linear's importer reads it; its descriptions are Markdown."""
    return {
        "Title": defused(plain(payload["title"]))[:255],
        "Description": markdown(payload),
        "Priority": LINEAR_PRIORITIES.get(payload["priority"], "Low"),
        "Status": "Todo" if candidate["status"] == "approved" else "Backlog",
        "Labels": ", ".join(payload["labels"]),
    }


def jira(candidate: dict[str, Any], payload: dict[str, Any]) -> dict[str, str]:
    """Return a row as Jira's importer reads it; labels there hold no space, texts are its own markup."""
    parts = [
        ("What was seen", payload["description"]),
        ("Root cause hypothesis", payload["root_cause_hypothesis"]),
        ("How to go about it", payload["design"]),
        ("Acceptance criteria", "\n".join(payload["acceptance_criteria"])),
        ("Candidate", f"{candidate['candidate_key']} ({marker(payload)})"),
    ]
    return {
        "Summary": defused(plain(payload["title"]))[:255],
        "Description": "\n\n".join(f"{head}:\n{_wiki(body)}" for head, body in parts if body),
        "Issue Type": "Bug",
        "Priority": JIRA_PRIORITIES.get(payload["priority"], "Low"),
        "Labels": " ".join(re.sub(r"\s+", "-", label) for label in payload["labels"]),
        "External issue ID": marker(payload),
    }


def github(payload: dict[str, Any]) -> dict[str, Any]:
    """Return title, body and labels of a GitHub issue."""
    title = defused(plain(payload["title"]))[:256]
    return {"title": title, "body": markdown(payload), "labels": payload["labels"]}


def beads(candidate: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    """Return a line of `bd import`. Its id is stable, so that importing twice updates and does not double."""
    key = payload["source"]["candidate_key"]
    criteria = "\n".join(f"- {escaped(text)}" for text in payload["acceptance_criteria"])
    examples = "\n".join(_example(example) for example in payload.get("examples", []))
    parts = [
        payload["description"],
        f"Hypothesis: {payload['root_cause_hypothesis']}",
        f"Examples:\n{examples}" if examples else "",
    ]
    return {
        "id": "ll-" + key.rsplit(":", 1)[-1],
        "title": _cut(defused(plain(payload["title"])), 500),
        "description": escaped("\n\n".join(part for part in parts if part)),
        "design": escaped(payload["design"]),
        "acceptance_criteria": criteria,
        "status": "open",
        "priority": {"P1": 1, "P2": 2}.get(payload["priority"], 3),
        "issue_type": payload["type"],
        "created_at": candidate["first_seen_at"].isoformat(),
        "updated_at": candidate["updated_at"].isoformat(),
        "external_ref": "learning-loop:" + key,
        "labels": payload["labels"],
        "metadata": {"source": payload["source"], "approval_required": payload["approval_required"]}
        | {name: payload.get(name) for name in ("trend", "impacted_metrics", "suggested_updates")}
        | {"schema_version": payload["schema_version"]},
    }


def markdown(payload: dict[str, Any]) -> str:
    """Return the body of an issue in Markdown; every text of the payload is text there, whatever it holds."""
    updates = payload["suggested_updates"]
    parts = [
        ("What was seen", escaped(payload["description"])),
        ("Root cause hypothesis", escaped(payload["root_cause_hypothesis"])),
        ("How to go about it", escaped(payload["design"])),
        ("Acceptance criteria", _list(payload["acceptance_criteria"], "- [ ] ")),
        ("Trend", escaped((payload.get("trend") or {}).get("in_words"))),
        ("Examples", _list([_example(example) for example in payload.get("examples", [])])),
        ("Impacted metrics", _list(_metrics(payload["impacted_metrics"]))),
        ("Suggested invariants", _list([update_text(update) for update in updates["invariant_updates"]])),
        ("Suggested policies", _list([update_text(update) for update in updates["policy_updates"]])),
        ("Regression tests", _list([update_text(update) for update in updates["regression_tests"]])),
        ("Promotion checklist", _steps(payload["promotion_checklist"])),
    ]
    source = payload["source"]
    origin = (
        f"Candidate {source['candidate_key']}, priority {payload['priority']} ({source['priority_score']});"
        f" {marker(payload)}."
    )
    return "\n\n".join([*(f"## {head}\n\n{body}" for head, body in parts if body), escaped(origin)]) + "\n"


def escaped(text: str | None) -> str:
    """Return a text as Markdown that shows just that text: no markup, no HTML, no mention, no closing reference.

    Only what would act is escaped: a date or a name with a hyphen stays as it is read.
    """
    shown = ANYWHERE.sub(r"\\\1", plain(text or "", keep_newlines=True))
    shown = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", shown)  # within a word it is no emphasis
    shown = re.sub(r"&(?=#?\w+;)", r"\\&", shown)
    shown = re.sub(r":(?=[\w+-]+:)", r"\\:", shown)  # :names: of pictures
    shown = re.sub(r"(?m)^(\s*)([-+=#])", r"\1\\\2", shown)
    shown = re.sub(r"(?m)^(\s*\d+)([.)])", r"\1\\\2", shown)
    shown = re.sub(r"(?m)^[ \t]+", "", shown)  # four spaces would be a block of code
    return defused(shown)


def defused(text: str) -> str:
    """Return a text in which @name, #1, GH-1 and addresses of issues are no longer what a tracker acts on."""
    text = re.sub(r"@(?=\S)", "@" + UNSEEN, text)
    text = re.sub(r"#(?=\d)", "#" + UNSEEN, text)
    text = re.sub(r"(?i)\b(gh)(\\?-)(?=\d)", rf"\1\2{UNSEEN}", text)
    text = re.sub(r"(?i)\b(www)(\\?\.)", rf"\1{UNSEEN}\2", text)
    return re.sub(r"(?i)(https?)(\\?:)(?=//)", rf"\1\2{UNSEEN}", text)


def _rows(
    candidates: Sequence[dict[str, Any]], row_of: Callable[[dict[str, Any], dict[str, Any]], dict[str, str]]
) -> list[str]:
    made = [row_of(row, json.loads(row["issue_payload"])) for row in candidates]
    if not made:
        return []
    out = io.StringIO()
    writer = csv.DictWriter(out, list(made[0]), lineterminator="\n")
    writer.writeheader()
    # A spreadsheet would take what begins so for a formula.
    writer.writerows(
        {name: UNSEEN + text if text[:1] in ("=", "+", "-", "@", "\t") else text for name, text in row.items()}
        for row in made
    )
    return [out.getvalue().removesuffix("\n")]


def _wiki(text: str) -> str:
    """Return a text as Jira's markup that shows just that text."""
    shown = re.sub(r"([\\{}\[\]!|*^~])", r"\\\1", plain(text, keep_newlines=True))
    shown = re.sub(r"(?m)^(\s*)([-#]|h\d\.|bq\.)", r"\1\\\2", shown)
    return defused(re.sub(r"(?<!\w)([_+?-])(?=\S)", r"\\\1", shown))


def _list(texts: list[str], bullet: str = "- ") -> str:
    return "\n".join(bullet + escaped(plain(text)) for text in texts)


def _metrics(metrics: dict[str, Any] | list[dict[str, Any]]) -> list[str]:
    """Return a line per metric: of the object by name, or of the list that earlier versions wrote."""
    if isinstance(metrics, list):
        return [f"{metric['metric']} in {metric['period_key']}: {_shown(metric['value'])}" for metric in metrics]
    told = {name: value for name, value in metrics.items() if name not in ("trend", "period_key", "score_factors")}
    told |= metrics.get("score_factors") or {}
    return [f"{name} in {metrics['period_key']}: {_shown(value)}" for name, value in told.items()]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "unknown" if value is None else f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _example(example: dict[str, Any]) -> str:
    attributes = f": {example['attributes']}" if example["attributes"] else ""
    return f"{example['event_id']} at {example['captured_at']}, {example['signal_type']}{attributes}"


def _steps(checklist: dict[str, Any]) -> str:
    marks = {"completed": "x", "pending": " "}
    return "\n".join(f"- [{marks[step['status']]}] {escaped(step['title'])}" for step in checklist["steps"])


def _cut(text: str, length: int) -> str:
    return text.encode()[:length].decode(errors="ignore")
