"""What one would otherwise write as a line of JSON: a shadow evaluation, a change that was deployed, a safety flag."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from learning_loop.errors import WrongUse
from learning_loop.landing import decisions
from learning_loop.project import landing_dir
from learning_loop.terminal import (
    AsJson,
    By,
    LandingOption,
    WarehouseOption,
    instant_text,
    parse_instant,
    say,
    say_json,
)
from learning_loop.warehouse import ask, is_published, open_published, warehouse_file

app = typer.Typer(no_args_is_help=True)
shadow_app = typer.Typer(no_args_is_help=True, help="What a re-evaluation beside production found.")
change_app = typer.Typer(no_args_is_help=True, help="Changes of sources that were deployed.")
app.add_typer(shadow_app, name="shadow")
app.add_typer(change_app, name="change")
ABOUT_AN_ID = 256  # characters, as the feeds declare it
At = Annotated[
    str | None,
    typer.Option("--at", help="When: an instant, or a span back from now (2h); default: now, or just after the last"
                 " night of old data."),
]  # fmt: skip


class Verdict(StrEnum):
    """What a shadow evaluation can find."""

    passed = "pass"
    fail = "fail"
    insufficient_data = "insufficient_data"


class Mode(StrEnum):
    """How far a change is deployed."""

    shadow = "shadow"
    canary = "canary"
    full = "full"


class Flag(StrEnum):
    """What can be flagged."""

    safety = "safety"
    compliance_incident = "compliance_incident"


@shadow_app.callback()
def _shadow() -> None:
    """Have `record` named, though it is the only command."""


@change_app.callback()
def _change() -> None:
    """Have `record` named, though it is the only command."""


@shadow_app.command("record")
def record_shadow(
    verdict: Annotated[Verdict, typer.Argument(help="What it found.")],
    key: Annotated[str | None, typer.Argument(help="The candidate whose fix was evaluated, by any key.")] = None,
    experiment: Annotated[str | None, typer.Option(help="The experiment that was evaluated, in place of KEY.")] = None,
    deltas: Annotated[str | None, typer.Option(help="How the metrics moved, as JSON or in words.")] = None,
    at: At = None, as_json: AsJson = False, landing: LandingOption = None, warehouse: WarehouseOption = None,
) -> None:  # fmt: skip
    """Record what a shadow evaluation found on a candidate's fix or on an experiment: a promotion waits for it."""
    if (key is None) == (experiment is None):
        raise WrongUse("Name a KEY or an --experiment: what was evaluated.")
    row = {"candidate_key": key, "experiment_id": experiment, "verdict": verdict.value}
    if deltas:
        row["metric_deltas"] = _json_or_text(deltas)
    known = (
        ("main.learning_backlog_candidates", "candidate_key = $1 or short_key = lower($1)", key)
        if key
        else ("main.experiment_gates", "experiment_id = $1", experiment)
    )
    _record("shadow_evaluations", "evaluation_id", "evaluated_at", row, at, known, as_json, landing, warehouse)


@change_app.command("record")
def record_change(
    source: Annotated[str, typer.Argument(help="The source that was changed.")],
    config_version: Annotated[str, typer.Argument(help="Its configuration from then on.")],
    by: By,
    mode: Annotated[Mode, typer.Option(help="How far it was deployed.")] = Mode.full,
    experiment: Annotated[str | None, typer.Option(help="The experiment that the change rests on.")] = None,
    change: Annotated[str | None, typer.Option(help="What was changed, as a JSON object.")] = None,
    at: At = None, as_json: AsJson = False, landing: LandingOption = None, warehouse: WarehouseOption = None,
) -> None:  # fmt: skip
    """Record a change of a source that was deployed: the night compares the weeks before and after it."""
    row: dict[str, Any] = {
        "source_key": source, "config_version": config_version, "approved_by": by, "deployment_mode": mode.value,
        "experiment_id": experiment,
    }  # fmt: skip
    if change:
        row["change_json"] = _json_or_text(change)
        if not isinstance(row["change_json"], dict):
            raise WrongUse('--change is no JSON object. Write it like \'{"prompt": "short"}\'.')
    known = (
        ("main.experiment_gates", "experiment_id = $1 and verdict = 'ready_for_approval'", experiment)
        if experiment
        else ("main.idea_candidates", "source_key = $1", source)
    )
    _record("ingest_tuning_changes", "id", "applied_at", row, at, known, as_json, landing, warehouse)


@app.command()
def flag(
    candidate: Annotated[str, typer.Argument(help="The candidate's id.")],
    what: Annotated[Flag, typer.Argument(help="What is wrong with it.")],
    raised_by: Annotated[str | None, typer.Option(help="Who raised it; stored as a pseudonym.")] = None,
    at: At = None, as_json: AsJson = False, landing: LandingOption = None, warehouse: WarehouseOption = None,
) -> None:  # fmt: skip
    """Raise a safety flag or a compliance incident on a candidate: a guardrail of experiments and sources."""
    row = {"candidate_id": candidate, "flag": what.value, "raised_by": raised_by}
    known = ("main.idea_candidates", "candidate_id = $1", candidate)
    _record("quality_flags", None, "raised_at", row, at, known, as_json, landing, warehouse)


def _record(
    feed: str, identity: str | None, happened: str, row: dict[str, Any], at: str | None,
    known: tuple[str, str, str | None], as_json: bool, landing: Path | None, warehouse: Path | None,
) -> None:  # fmt: skip
    """Land a row, and say what to beware of: ``known`` is where, and under which condition, what it names is known."""
    for name, value in row.items():
        if isinstance(value, str) and name not in ("metric_deltas", "candidate_key"):
            _check(name, value)
    now = datetime.now(UTC)
    instant = parse_instant(at, "--at", now) if at else now
    folder, published, beware = landing_dir(landing), warehouse_file(warehouse), None
    if is_published(published):
        with open_published(published) as con:
            instant = instant if at else decisions.when(con, now, folder / feed)
            table, condition, value = known
            if not ask(con, f"select 1 from {table} where {condition} limit 1", value).fetchall():
                told = "is not ready for approval" if "verdict" in condition else "is not known there"
                beware = f"{value} {told}. It is recorded all the same."
    made = decisions.new_id(feed[:3], instant)
    said = {name: value for name, value in row.items() if value is not None}
    full = ({identity: made} if identity else {}) | said | {happened: instant_text(instant)}
    path = decisions.record(folder, feed, full, made)
    if as_json:
        return say_json({"row": full, "file": str(path), "beware": beware})
    say(f"Recorded in {feed}, for the next night.", f"  at      {full[happened]}", f"  file    {path}")
    if beware:
        say(f"  beware  {beware}")


def _check(name: str, value: str) -> None:
    if not value.strip() or len(value) > ABOUT_AN_ID:
        raise WrongUse(f"{name} is blank, or longer than {ABOUT_AN_ID} characters. Nothing was recorded.")


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
