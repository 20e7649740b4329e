"""`learning-loop backlog export`: candidates as a tracker reads them, and issues through the person's own gh."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from learning_loop.errors import WrongUse
from learning_loop.project import landing_dir
from learning_loop.terminal import BY_HELP, AsJson, LandingOption, WarehouseOption, say, say_json_text, signer
from learning_loop.warehouse import warehouse_file


def export_command(
    key: Annotated[str | None, typer.Argument(help="The candidate's key, short or long, or its beginning.")] = None,
    approved: Annotated[bool, typer.Option("--approved", help="All approved candidates.")] = False,
    form: Annotated[str, typer.Option("--format", help="gh, linear-csv, jira-csv, beads or json.")] = "json",
    create: Annotated[
        bool, typer.Option("--create", help="Make the issues with your own `gh`, after a question; approved keys only.")
    ] = False,
    repo: Annotated[
        str | None, typer.Option(help="With --create: OWNER/NAME. Default: what gh finds in this folder.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help=BY_HELP)] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --create: say what would be made; ask gh nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --create: do not ask.")] = False,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
    landing: LandingOption = None,
) -> None:
    """Print candidates as a tracker reads them: JSON a line (--json: one array), or CSV. Only --create makes anything.

    --create asks first, finds an issue that is already there instead of making a second one, and records the reference:
    of a key whose checklist is complete as its promotion, signed with --by.
    """
    from learning_loop.backlog import export, why
    from learning_loop.backlog.foresight import open_backlog

    form = export.OTHER_NAMES.get(form, form)
    if form not in export.FORMATS:
        raise WrongUse(f"--format {form} is unknown. Choose one of {', '.join(export.FORMATS)}.")
    if (key is None) != approved:
        raise WrongUse("Name a KEY, or --approved for all approved candidates.")
    if not create and (repo or by or dry_run or yes):
        raise WrongUse("--repo, --by, --dry-run and --yes belong to --create: without it nothing is made.")
    with open_backlog(warehouse_file(warehouse), landing_dir(landing)) as backlog:
        where, value = ("status", "approved") if key is None else ("candidate_key", why.find_key(backlog, key))
        rows = backlog.rows(
            f"from temp.learning_backlog_candidates where {where} = ? order by priority_score desc, candidate_key",
            value,
        )
        if create:
            _create(backlog, rows, repo, signer(by) if by else None, dry_run, yes, landing_dir(landing))
            return
    lines = export.export_all(rows, form)
    if not lines:  # beside the output, which a tracker reads
        typer.echo("Nothing is approved and not yet promoted.", err=True)
    if form.endswith("-csv"):
        if as_json:
            raise WrongUse("--json and a CSV format exclude each other: choose one.")
        typer.echo("\n".join(lines))
    elif lines or as_json:
        say_json_text("[" + ",\n".join(lines) + "]" if as_json else "\n".join(lines))


def _create(
    backlog: Any, rows: list[dict[str, Any]], repo: str | None, by: str | None, dry_run: bool, yes: bool, landing: Path
) -> None:
    from learning_loop.backlog import decide, export, github
    from learning_loop.landing import decisions

    if not rows:
        raise WrongUse("Nothing is approved and not yet promoted: `learning-loop backlog approve KEY` first.")
    if waiting := [row["short_key"] for row in rows if row["status"] != "approved"]:
        raise WrongUse(f"{waiting[0]} is not approved: approve it first, `learning-loop backlog approve {waiting[0]}`.")
    tracker = github.Tracker.found(repo, is_needed=not dry_run)
    for row in rows:
        payload = json.loads(row["issue_payload"])
        pending = decide.pending_steps(backlog, row["candidate_key"])
        issue = export.github(payload)
        if dry_run:
            say(f"Would make, for {row['short_key']}: {issue['title']}", *tracker.words(issue["title"], "BODY"), "")
            continue
        if there := tracker.find(export.marker(payload)):
            say(f"{row['short_key']}: already there, {there}")
            ref = there
        else:
            if not yes and not typer.confirm(f"Make an issue for {row['short_key']}, {issue['title']!r}?"):
                say(f"{row['short_key']}: left alone.")
                continue
            ref = tracker.make(issue["title"], issue["body"])
            say(f"{row['short_key']}: made {ref}")
        if pending or by is None:
            why = f"{', '.join(pending)} pending" if pending else "say --by to do it at once"
            say(f"  promote it then ({why}): learning-loop backlog promote {row['short_key']} --issue-ref {ref}")
            continue
        at = decide.default_instant(backlog, row["candidate_key"], datetime.now(UTC))
        decision = decide.decision_row(row["candidate_key"], "promote", by, at, issue_ref=ref)
        decide.judge_decision(backlog, decision)
        path = decisions.record(landing, "backlog_decisions", decision, decision["decision_id"])
        say(f"  promoted by {by}, recorded in {path}")
    if dry_run:
        say("A dry run: nothing was asked and nothing was made.")
