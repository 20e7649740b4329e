"""`learning-loop backlog`: see what is in the backlog and why, decide, and hand it to a tracker."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from learning_loop.backlog import decide, why
from learning_loop.backlog.export_cli import export_command
from learning_loop.backlog.foresight import Backlog, open_backlog
from learning_loop.landing import decisions
from learning_loop.project import landing_dir
from learning_loop.terminal import (
    A_SCREEN,
    AsJson,
    By,
    LandingOption,
    Limit,
    PastInstant,
    WarehouseOption,
    count_of,
    first_of,
    fitted,
    instant_text,
    json_value,
    parse_instant,
    say,
    say_json,
    wrapped,
)
from learning_loop.warehouse import warehouse_file

app = typer.Typer(
    help="The backlog: what was proposed and why, what people decided, and the way to a promoted issue.",
    no_args_is_help=True,
    add_completion=False,
)
app.command("export")(export_command)
Key = Annotated[str, typer.Argument(help="The candidate's key, short or long, or as much of it as is unique.")]
Reason = Annotated[str | None, typer.Option(help="Why.")]
At = Annotated[
    str | None,
    typer.Option(
        help="When it was decided, an instant or 2h back from now; default: now, or just after the last night of old"
        " data."
    ),
]


@app.command("list")
def list_candidates(
    status: Annotated[str | None, typer.Option(help="candidate, approved, dismissed or promoted.")] = None,
    source: Annotated[str | None, typer.Option(help="issue_cluster or extraction_calibration.")] = None,
    priority: Annotated[str | None, typer.Option(help="P1, P2 or P3.")] = None,
    limit: Limit = A_SCREEN // 2,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
    landing: LandingOption = None,
) -> None:
    """List the candidates, the most pressing first, with what has been decided since the last night."""
    names = ("short_key", "priority", "priority_score", "status", "is_regressed", "times_seen", "title")
    columns = "now.*" if as_json else ", ".join(f"now.{name}" for name in names)
    with _open(warehouse, landing) as backlog:
        rows = backlog.rows(
            f"""
            select {columns}, published.status as published_status
            from temp.learning_backlog_candidates as now
            left join {backlog.published} as published using (candidate_key)
            where ($1 is null or now.status = $1) and ($2 is null or now.source_type = $2)
                and ($3 is null or now.priority = $3)
            order by now.priority_score desc, now.source_type, now.candidate_key
            """,
            status, source, priority,
        )  # fmt: skip
    if as_json:
        return say_json([_json_ready(row) for row in rows])
    shown, hidden = first_of(rows, limit)
    for row in shown:
        status = row["status"] + ("" if row["status"] == row["published_status"] else " (next night)")
        state = status + (", regressed" if row["is_regressed"] else "")
        say(
            f"{row['short_key']:<10}  {row['priority']} {row['priority_score']:.3f}  {state},"
            f" {count_of(row['times_seen'], 'week')}",
            *wrapped(row["title"], 12),
        )
    if hidden:
        say(hidden)
    if not rows:
        say("No candidate is like that." if status or source or priority else "Nothing is in the backlog yet.")
    else:
        say("", "More on one: learning-loop backlog show KEY", "One after the other: learning-loop backlog triage")


@app.command()
def show(key: Key, as_json: AsJson = False, warehouse: WarehouseOption = None, landing: LandingOption = None) -> None:
    """Show a candidate: what, why, the evidence, its checklist, its history and its verdicts."""
    with _open(warehouse, landing) as backlog:
        told = why.describe(backlog, why.find_key(backlog, key))
    if as_json:
        return say_json(told)
    pending = [step["step_id"] for step in told["promotion_checklist"]["steps"] if step["status"] != "completed"]
    then = decide.next_commands(told["status"], pending, told["short_key"])
    say(*fitted(why.lines(told)), *(["Next", *(f"  {line}" for line in then)] if then else []))


@app.command("at")
def at_command(
    instant: PastInstant,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
    landing: LandingOption = None,
) -> None:
    """Show the backlog at an instant of the past: what was known, shown and decided then, from the logs.

    Known is what the last night up to then had loaded. It is what that night published, but for persons erased and
    files read again since: where there are such, they are named.
    """
    from learning_loop.backlog import replay

    at = parse_instant(instant, "INSTANT", datetime.now(UTC))
    with _open(warehouse, landing) as backlog:
        then = replay.stand(backlog, at)
    if as_json:
        told = {name: json_value(value) for name, value in vars(then).items()}
        told |= {name: [_json_ready(row) for row in told[name]] for name in ("shown", "decided", "unknown")}
        return say_json({"at": at} | told | {"night": vars(then.night)})
    say(*fitted(replay.lines(at, then)))


@app.command("why")
def why_command(
    what: Annotated[
        str,
        typer.Argument(help="A cluster signature, a claim class, a key, or a beginning or a word of one."),
    ],
    limit: Limit = A_SCREEN // 2,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
    landing: LandingOption = None,
) -> None:
    """Say why a signature or a class is, or is not, in the backlog."""
    with _open(warehouse, landing) as backlog:
        told = why.explain(backlog, what)
    if as_json:
        return say_json(told)
    shown, hidden = first_of(told, limit)
    say(*[line for answer in shown for line in wrapped(answer["answer"], 0, 2)])
    say(*([hidden] if hidden else [] if told else [f"Nothing of {what} was ever seen. Check its spelling."]))


@app.command()
def approve(
    key: Key, by: By, reason: Reason = None, at: At = None, as_json: AsJson = False,
    warehouse: WarehouseOption = None, landing: LandingOption = None,
) -> None:  # fmt: skip
    """Approve a candidate: someone is going to work on it."""
    _decide("approve", key, by, at, as_json, warehouse, landing, reason=reason)


@app.command()
def dismiss(
    key: Key, by: By, reason: Reason = None,
    snooze_until: Annotated[
        str | None, typer.Option(help="Keep it away until then, whatever happens: 2026-03-01, or 2w from the decision.")
    ] = None,
    at: At = None, as_json: AsJson = False, warehouse: WarehouseOption = None, landing: LandingOption = None,
) -> None:  # fmt: skip
    """Dismiss a candidate; it comes back only when it gets clearly worse, or its snooze has passed."""
    _decide("dismiss", key, by, at, as_json, warehouse, landing, reason=reason, snooze_until=snooze_until)


@app.command()
def promote(
    key: Key, by: By, reason: Reason = None,
    issue_ref: Annotated[str | None, typer.Option(help="The issue it became.")] = None,
    at: At = None, as_json: AsJson = False, warehouse: WarehouseOption = None, landing: LandingOption = None,
) -> None:  # fmt: skip
    """Promote an approved candidate whose checklist is complete."""
    _decide("promote", key, by, at, as_json, warehouse, landing, reason=reason, issue_ref=issue_ref)


@app.command()
def reopen(
    key: Key, by: By, reason: Reason = None, at: At = None, as_json: AsJson = False,
    warehouse: WarehouseOption = None, landing: LandingOption = None,
) -> None:  # fmt: skip
    """Make a dismissed, approved or promoted key a candidate again; its manual steps begin anew."""
    _decide("reopen", key, by, at, as_json, warehouse, landing, reason=reason)


@app.command()
def check(
    key: Key,
    step: Annotated[str, typer.Argument(help="The step, e.g. regression_test_implementation.")],
    by: By,
    evidence: Annotated[str, typer.Option(help="What shows it: a link, a commit, a test's name.")],
    pending: Annotated[bool, typer.Option("--pending", help="Take a completed step back.")] = False,
    at: At = None, as_json: AsJson = False, warehouse: WarehouseOption = None, landing: LandingOption = None,
) -> None:  # fmt: skip
    """Report a manual step of the checklist as completed."""
    with _open(warehouse, landing) as backlog:
        full = why.find_key(backlog, key)
        instant = _instant(backlog, full, at)
        row = decide.update_row(full, step, "pending" if pending else "completed", by, instant, evidence)
        foreseen = decide.judge_update(backlog, row)
    path = decisions.record(landing_dir(landing), "checklist_updates", row, row["update_id"])
    _tell(foreseen, path, f"{step} {row['status']}", as_json, key)


@app.command()
def triage(by: By, as_json: AsJson = False, warehouse: WarehouseOption = None, landing: LandingOption = None) -> None:
    """Go through the candidates one after the other: approve, dismiss, skip, open, quit.

    What is decided is recorded at once. --json prints, at the end, what was.
    """
    from learning_loop.backlog import triage as triages

    with _open(warehouse, landing) as backlog:
        done = triages.run(backlog, landing_dir(landing), by, _ask)
    if as_json:
        say_json([vars(one) for one in done])


def _ask(question: str) -> str:
    try:
        return str(typer.prompt(question, default="", show_default=False, prompt_suffix="> "))
    except typer.Abort as error:
        raise EOFError from error


def _decide(
    decision: str, key: str, by: str, at: str | None, as_json: bool,
    warehouse: Path | None, landing: Path | None, **optional: str | None,
) -> None:  # fmt: skip
    with _open(warehouse, landing) as backlog:
        full = why.find_key(backlog, key)
        instant = _instant(backlog, full, at)
        if until := optional.get("snooze_until"):
            optional["snooze_until"] = instant_text(parse_instant(until, "--snooze-until", instant, ahead=True))
        row = decide.decision_row(full, decision, by, instant, **optional)
        foreseen = decide.judge_decision(backlog, row)
    path = decisions.record(landing_dir(landing), "backlog_decisions", row, row["decision_id"])
    _tell(foreseen, path, decision, as_json, key)


def _instant(backlog: Backlog, key: str, at: str | None) -> datetime:
    now = datetime.now(UTC)
    return parse_instant(at, "--at", now) if at else decide.default_instant(backlog, key, now)


def _tell(foreseen: decide.Foreseen, path: Path, what: str, as_json: bool, key: str) -> None:
    if as_json:
        return say_json(vars(foreseen) | {"file": str(path)})
    then = []
    if foreseen.status_after == "approved":
        then = decide.next_commands("approved", foreseen.pending_steps, key)
    elif foreseen.status_after == "promoted":
        then = [f"learning-loop backlog show {shlex.quote(key)}  # in some weeks: did the fix work?"]
    say(
        f"Recorded: {what} {foreseen.key}",
        f"  by          {foreseen.row['actor']}, written by {foreseen.row['recorded_by']}",
        f"  at          {foreseen.row.get('decided_at') or foreseen.row['updated_at']}",
        f"  file        {path}",
        f"  next night  {foreseen.status_before} -> {foreseen.status_after}",
        f"  checklist   {', '.join(foreseen.pending_steps) + ' pending' if foreseen.pending_steps else 'complete'}",
        *(f"  {'then' if not number else '':<10}  {line}" for number, line in enumerate(then)),
        *(f"  beware      decision {other}, landed before, will now be rejected" for other in foreseen.now_refused),
    )


@contextmanager
def _open(warehouse: Path | None, landing: Path | None) -> Iterator[Backlog]:
    with open_backlog(warehouse_file(warehouse), landing_dir(landing)) as backlog:
        yield backlog


def _json_ready(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its JSON columns as what they hold and its instants as text."""
    return {name: json_value(value) for name, value in row.items()}
