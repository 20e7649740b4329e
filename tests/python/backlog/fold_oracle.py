"""The rules of the backlog's states once more, in plain Python: read from the contract, not from the SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

STEP_TEST = "regression_test_implementation"
STEP_SHADOW = "shadow_re_evaluation"


@dataclass(frozen=True)
class Proposal:
    key: str
    at: datetime
    week: date
    score: float
    verdict: str = "written"
    missing_parts: tuple[str, ...] = ()
    number: int = 0
    is_risen: bool = False  # what the watch of a dismissed signature says tonight
    reopens: bool = False  # what the run that logged it said

    @property
    def label(self) -> str:
        return "P1" if self.score >= 0.6 else "P2" if self.score >= 0.35 else "P3"


@dataclass(frozen=True)
class Decision:
    decision_id: str
    key: str
    decision: str
    actor: str
    at: datetime
    snooze_until: datetime | None = None
    arrives: datetime | None = None


@dataclass(frozen=True)
class Report:
    key: str
    step: str
    is_completed: bool
    at: datetime


@dataclass
class Row:
    status: str | None = None
    changed_at: datetime | None = None
    decided_by: str | None = None
    content: Proposal | None = None
    reopened_at: datetime | None = None
    reopened_count: int = 0
    approved_at: datetime | None = None
    dismissed_at: datetime | None = None
    dismissed_score: float = 0
    dismissed_label: str = ""
    snoozed_until: datetime | None = None
    history: list[tuple[str, datetime]] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)

    def become(self, status: str, at: datetime, by: str | None) -> None:
        if status == "candidate" and self.status is not None:
            self.reopened_at, self.approved_at = at, None
            self.reopened_count += 1
        self.status, self.changed_at, self.decided_by = status, at, by
        self.history.append((status, at))


def monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def comes_back(row: Row, proposal: Proposal) -> bool:
    """Whether a dismissed row is reopened by a proposal that gets a slot."""
    assert row.dismissed_at is not None
    if proposal.week <= monday(row.dismissed_at):
        return False
    if row.snoozed_until is not None:
        return row.snoozed_until <= proposal.at
    if source_of(proposal.key) == "issue_cluster":
        return proposal.is_risen
    gain = round(proposal.score - row.dismissed_score, 9)
    return gain >= 0.10 or (proposal.label < row.dismissed_label and gain >= 0.02)


def fold(
    key: str,
    proposals: list[Proposal],
    decisions: list[Decision],
    reports: list[Report],
    approvers: set[str],
    at: datetime,
) -> Row:
    """Return the row of a key at an instant, by all that is known of it up to then."""
    row = Row()
    entries: list[tuple[datetime, int, str, Proposal | Decision]] = [
        (entry.at, 0, entry.decision_id, entry) for entry in decisions if entry.key == key and entry.at <= at
    ]
    entries += [(entry.at, 1, "", entry) for entry in proposals if entry.key == key and entry.at <= at]
    for _, _, _, entry in sorted(entries, key=lambda item: item[:3]):
        if isinstance(entry, Proposal):
            _run(row, entry)
        else:
            _decide(
                row, entry, [report for report in reports if report.key == key and report.at <= entry.at], approvers
            )
    return row


def _run(row: Row, proposal: Proposal) -> None:
    if proposal.verdict not in ("written", "still_dismissed"):
        return
    is_written = proposal.verdict == "written"
    if is_written and (row.status is None or (row.status == "dismissed" and proposal.reopens)):
        row.become("candidate", proposal.at, None)
    if row.status in ("candidate", "dismissed"):
        row.content = proposal


def _decide(row: Row, decision: Decision, reports: list[Report], approvers: set[str]) -> None:
    allowed = {
        ("candidate", "approve"): "approved",
        ("candidate", "dismiss"): "dismissed",
        ("approved", "promote"): "promoted",
        ("approved", "dismiss"): "dismissed",
        ("dismissed", "reopen"): "candidate",
        ("approved", "reopen"): "candidate",
        ("promoted", "reopen"): "candidate",
    }
    reason = None
    if approvers and decision.actor not in approvers:
        reason = "not_an_approver"
    elif row.status is None:
        reason = "unknown_candidate"
    elif (row.status, decision.decision) not in allowed:
        reason = f"not_allowed_when_{row.status}"
    elif decision.decision == "promote" and not _may_be_promoted(row, reports):
        reason = "checklist_incomplete"
    if reason is not None:
        row.rejected.append((decision.decision_id, reason))
        return
    assert row.status is not None and row.content is not None
    row.become(allowed[row.status, decision.decision], decision.at, decision.actor)
    if decision.decision == "approve":
        row.approved_at = decision.at
    if decision.decision == "dismiss":
        row.dismissed_at, row.snoozed_until = decision.at, decision.snooze_until
        row.dismissed_score, row.dismissed_label = row.content.score, row.content.label


def _may_be_promoted(row: Row, reports: list[Report]) -> bool:
    assert row.content is not None
    for step in (STEP_TEST, STEP_SHADOW):
        fresh = [r for r in reports if r.step == step and (row.reopened_at is None or r.at > row.reopened_at)]
        if not fresh or not max(fresh, key=lambda report: report.at).is_completed:
            return False
    return not row.content.missing_parts


def verdicts(
    proposed: list[Proposal], rows: dict[str, Row], subjects: dict[str, str], per_source: int, per_run: int
) -> dict[str, str]:
    """Return key to verdict for the proposals of one run that are neither noise nor duplicates.

    ``subjects`` says what each key is about: a key whose subject is settled under another key is settled.
    """
    found: dict[str, str] = {}
    waiting = []
    for proposal in sorted(proposed, key=lambda p: (-p.score, source_of(p.key), p.key)):
        own = rows.get(proposal.key, Row())
        about = sorted(
            row.status for key, row in rows.items()
            if subjects[key] == subjects[proposal.key] and row.status in ("approved", "promoted")
        )  # fmt: skip
        if own.status in ("approved", "promoted"):
            found[proposal.key] = f"already_{own.status}"
        elif about:
            found[proposal.key] = f"already_{about[-1]}"
        elif own.status == "dismissed" and not comes_back(own, proposal):
            found[proposal.key] = "still_dismissed"
        else:
            waiting.append(proposal)
    ranks: dict[str, int] = {}
    slots = 0
    for proposal in waiting:
        source = source_of(proposal.key)
        ranks[source] = ranks.get(source, 0) + 1
        if ranks[source] > per_source:
            found[proposal.key] = "limited_by_source"
        else:
            slots += 1
            found[proposal.key] = "limited_by_run" if slots > per_run else "written"
    return found


def source_of(key: str) -> str:
    return "issue_cluster" if key.startswith("cluster") else "extraction_calibration"
