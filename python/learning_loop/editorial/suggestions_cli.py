"""`learning-loop suggestion`: from what the nights suggest to a change that was tried, adopted and watched."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from learning_loop.editorial import suggestions
from learning_loop.errors import WrongUse
from learning_loop.landing import decisions
from learning_loop.landing.folder import landing_dir
from learning_loop.terminal import (
    AsJson,
    By,
    LandingOption,
    WarehouseOption,
    day,
    instant_text,
    say,
    say_json,
    say_table,
)
from learning_loop.warehouse import open_published, warehouse_file

app = typer.Typer(no_args_is_help=True, add_completion=False, help="What to change about sources: plan, adopt, refuse.")
Id = Annotated[str, typer.Argument(metavar="ID", help="The suggestion's id, or as much of it as is unique.")]
Why = Annotated[str | None, typer.Option("--reason", help="Why, in a sentence.")]
Row = dict[str, Any]
STATUSES = ("open", "planned", "adopted", "refused", "reverted", "outdated")
FEED, PREFIX = "suggestion_decisions", "sdec"
IN_WORDS = {
    "include_pattern add": "include {}", "include_pattern remove": "include {} no more",
    "exclude_pattern add": "exclude {}", "exclude_pattern remove": "exclude {} no more",
    "selector_priority prefer": "prefer the selector {}", "selector_priority demote": "try the selector {} last",
    "quality_threshold raise": "raise the threshold to {}", "quality_threshold lower": "lower the threshold to {}",
    "pause pause": "pause it", "pause resume": "let it run again",
    "run_frequency less": "run it less often", "run_frequency more": "run it more often",
    "text_normalisation_rule add": "apply the rule of text {}",
}  # fmt: skip


@app.command("list")
def list_(
    status: Annotated[str | None, typer.Option(help="open, planned, adopted, refused, reverted or outdated.")] = None,
    warehouse: WarehouseOption = None,
    landing: LandingOption = None,
    as_json: AsJson = False,
) -> None:
    """List what was suggested, what waits for a person first."""
    if status and status not in STATUSES:
        raise WrongUse(f"--status {status} is unknown. Choose one of {', '.join(STATUSES)}.")
    with open_published(warehouse_file(warehouse)) as con:
        rows = [_as_now(row, _landed(landing, con)) for row in _states(con)]
    rows = sorted(
        (row for row in rows if status in (None, row["status"])),
        key=lambda row: (STATUSES.index(row["status"]), row["source_key"], row["suggestion_id"]),
    )
    if as_json:
        return say_json(rows)
    if not rows:
        say("Nothing is like that." if status else "No night has confirmed a suggestion yet.")
        return
    say_table(
        ["suggestion", "state", "source", "what", "tonight", "first", "experiment"],
        [
            [
                row["suggestion_id"], row["status"], row["source_key"], _words(row), row["verdict"].replace("_", " "),
                day(row["first_night"]), row["experiment_id"],
            ]
            for row in rows
        ],
    )  # fmt: skip
    say("What speaks for one: learning-loop suggestion show ID")


@app.command()
def show(
    suggestion: Id, warehouse: WarehouseOption = None, landing: LandingOption = None, as_json: AsJson = False
) -> None:
    """Show a suggestion: what it would change, what speaks for it, what was decided, what comes next."""
    with open_published(warehouse_file(warehouse)) as con:
        row = _find(con, suggestion, landing)
        change = suggestions.patch(row, _set_to(con, row["source_key"]))
        history = _rows(
            con, "from main.suggestion_history where suggestion_id = $1 order by decision_number", row["suggestion_id"]
        )
        lacks = _missing(con, row)
    if as_json:
        return say_json(row | {"patch": change, "history": history, "missing_for_adoption": lacks})
    evidence = row["evidence"]
    rest = (
        f", of the rest {evidence['held_out_out_successes']} of {evidence['held_out_out_count']}"
        if evidence.get("held_out_out_count") is not None
        else f"; the bar is {evidence['bar']:g}"
    )
    chance = "cannot tell" if evidence.get("p_value") is None else f"{evidence['p_value']:.2g}"
    say(
        f"{row['suggestion_id']}  {row['source_key']}: {_words(row)}",
        f"  state     {row['status']}; tonight it is {row['verdict'].replace('_', ' ')}",
        f"  confirmed from {day(row['first_night'])} to {day(row['last_night'])}",
        f"  learnt    {evidence['learned_in_successes']} of {evidence['learned_in_count']} that it would touch speak"
        " for the source",
        f"  checked   {evidence['held_out_in_successes']} of {evidence['held_out_in_count']} on days it was not learnt"
        f" from{rest}; by chance {chance}",
        f"  patch     {json.dumps(change, ensure_ascii=False)}",
        *(
            f"  {day(one['decided_at'])}  {one['decision']} by {one['actor']}"
            + (f": refused, {one['refusal']}" if one["refusal"] else f": {one['status']}")
            for one in history
        ),
        *([f"  held      {row['held']}"] if row["held"] else []),
        f"  next      {_next(row, lacks)}",
    )


@app.command()
def plan(
    suggestion: Id, by: By, reason: Why = None,
    experiment: Annotated[str | None, typer.Option(help="The experiment's id; default: one is made.")] = None,
    warehouse: WarehouseOption = None, landing: LandingOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Land a planned experiment that tries a suggestion, and print the patch of the source's configuration."""
    with open_published(warehouse_file(warehouse)) as con:
        row = _find(con, suggestion, landing)
        _must_be(row, ("open", "refused", "reverted"), "planned")
        if row["verdict"] != "confirmed":
            raise WrongUse(
                f"Refused, nothing was recorded: {row['suggestion_id']} is {row['verdict'].replace('_', ' ')} tonight."
                " Only what a night confirms is worth a trial."
            )
        at = _decided_at(con, landing)
        decisions.require(con, "approver", by, at)
        change = suggestions.patch(row, _set_to(con, row["source_key"]))
        name = experiment or f"exp-{row['suggestion_id'].removeprefix('ts_')}-{at:%Y%m%d}"
        if _rows(con, "select 1 from main.ingest_experiments where id = $1", name):
            raise WrongUse(f"There is an experiment {name} already. Name another with --experiment.")
    scope = suggestions.experiment_scope(row, change)
    planned = {
        "id": name, "name": f"{row['source_key']}: {_words(row)}"[:200], "status": "planned",
        "hypothesis": f"To {_words(row)} brings more that editors keep.", "updated_at": instant_text(at),
        "scope_json": scope,
    }  # fmt: skip
    folder = landing_dir(landing)
    decisions.record(folder, "ingest_experiments", planned, decisions.new_id("exp", at))
    said = _record(folder, row, "plan", by, at, reason, experiment_id=name)
    if as_json:
        return say_json({"decision": said, "experiment": planned, "patch": change})
    say(
        f"Planned: experiment {name} tries {row['suggestion_id']}, judged by {scope['primary_metric']}.",
        "The patch, for the repository of the source's configuration (JSON Patch):",
        json.dumps(change, ensure_ascii=False),
        f"Next: {suggestions.ARMS}",
        "Start it with a row of ingest_experiments (status running). When the gate is ready: learning-loop suggestion"
        f" adopt {row['suggestion_id']} --config-version V",
    )


@app.command()
def adopt(
    suggestion: Id, by: By,
    config_version: Annotated[str, typer.Option(help="The version of the configuration that has the change.")],
    reason: Why = None, warehouse: WarehouseOption = None, landing: LandingOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sign a tried suggestion: land the change as deployed in full. Refused while anything is missing."""
    if not config_version.strip():
        raise WrongUse("--config-version is blank: name the version of the configuration that has the change.")
    with open_published(warehouse_file(warehouse)) as con:
        row = _find(con, suggestion, landing)
        _must_be(row, ("planned",), "adopted")
        if lacks := _missing(con, row):
            raise WrongUse(f"Refused, nothing was recorded (gate_not_ready). {lacks}")
        at = _decided_at(con, landing)
        decisions.require(con, "approver", by, at)
        if by in {one["actor"] for one in _rows(con, "select actor from policy.machine_actors")}:
            raise WrongUse(f"Refused, nothing was recorded: {by} is a machine (seed machine_actors). A person signs.")
        change = suggestions.patch(row, _set_to(con, row["source_key"]))
    deployed = {
        "id": decisions.new_id("tc", at), "experiment_id": row["experiment_id"], "source_key": row["source_key"],
        "config_version": config_version, "change_json": {"suggestion_id": row["suggestion_id"], "patch": change},
        "approved_by": by, "applied_at": instant_text(at), "deployment_mode": "full",
    }  # fmt: skip
    folder = landing_dir(landing)
    said = _record(
        folder, row, "adopt", by, at, reason, experiment_id=row["experiment_id"], config_version=config_version
    )
    decisions.record(folder, "ingest_tuning_changes", deployed, deployed["id"])
    if as_json:
        return say_json({"decision": said, "change": deployed})
    say(
        f"Adopted: {row['suggestion_id']} as {config_version} of {row['source_key']}, signed by {by}.",
        "In four weeks tuning_history says whether it held: learning-loop suggestion show ID",
    )


@app.command()
def refuse(
    suggestion: Id, by: By, reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")],
    warehouse: WarehouseOption = None, landing: LandingOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Refuse a suggestion, or give up its trial. It can be planned again."""
    _simply("refuse", ("open", "outdated", "planned"), suggestion, by, reason, warehouse, landing, as_json)


@app.command()
def revert(
    suggestion: Id, by: By, reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence.")],
    warehouse: WarehouseOption = None, landing: LandingOption = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that an adopted change was taken back."""
    _simply("revert", ("adopted",), suggestion, by, reason, warehouse, landing, as_json)


def _simply(
    decision: str, allowed: tuple[str, ...], suggestion: str, by: str, reason: str, warehouse: Path | None,
    landing: Path | None, as_json: bool,
) -> None:  # fmt: skip
    if not reason.strip():
        raise WrongUse("--reason is blank: who reads it later wants to know why.")
    with open_published(warehouse_file(warehouse)) as con:
        row = _find(con, suggestion, landing)
        _must_be(row, allowed, f"{decision}{'d' if decision.endswith('e') else 'ed'}")
        at = _decided_at(con, landing)
        decisions.require(con, "approver", by, at)
    said = _record(landing_dir(landing), row, decision, by, at, reason, experiment_id=row["experiment_id"])
    if as_json:
        return say_json({"decision": said})
    say(f"Recorded: {decision} {row['suggestion_id']} ({row['source_key']}: {_words(row)}).")


def _record(
    folder: Path, row: Row, decision: str, by: str, at: datetime, reason: str | None, **more: str | None
) -> Row:
    name = decisions.new_id(PREFIX, at)
    said = {"decision_id": name, "suggestion_id": row["suggestion_id"], "decision": decision, "actor": by}
    said |= {"decided_at": instant_text(at), "recorded_by": decisions.recorded_by()}
    said |= {key: value for key, value in {"reason": reason, **more}.items() if value}
    decisions.record(folder, FEED, said, name)
    return said


def _must_be(row: Row, allowed: tuple[str, ...], wanted: str) -> None:
    if row["status"] not in allowed:
        these = " or ".join(allowed)
        raise WrongUse(
            f"Refused, nothing was recorded: {row['suggestion_id']} is {row['status']};"
            f" only what is {these} can be {wanted}."
        )


def _missing(con: duckdb.DuckDBPyConnection, row: Row) -> str | None:
    """Say what an adoption lacks; nothing if its gate is ready."""
    if row["experiment_id"] is None:
        return f"No trial was planned. First: learning-loop suggestion plan {row['suggestion_id']} --by WHO"
    gates = _rows(con, "from main.experiment_gates where experiment_id = $1", row["experiment_id"])
    if not gates:
        return f"No night has seen the experiment {row['experiment_id']} yet: the next one reads it."
    gate = gates[0]
    if gate["verdict"] == "ready_for_approval":
        return None
    return f"The gate of {row['experiment_id']} says {gate['verdict']}: {'; '.join(gate['reasons'])}."


def _next(row: Row, lacks: str | None) -> str:
    key = row["suggestion_id"]
    return {
        "open": f"learning-loop suggestion plan {key} --by WHO, or refuse {key} --reason WHY",
        "outdated": "nothing: no night has confirmed it for long",
        "planned": lacks or f"learning-loop suggestion adopt {key} --config-version V --by WHO",
        "adopted": f"watch whether it holds; learning-loop suggestion revert {key} takes it back",
    }.get(row["status"], f"nothing, or learning-loop suggestion plan {key} while a night confirms it")


def _find(con: duckdb.DuckDBPyConnection, asked: str, landing: Path | None) -> Row:
    found = [
        row for row in _states(con) if row["suggestion_id"].removeprefix("ts_").startswith(asked.removeprefix("ts_"))
    ]
    if not asked.removeprefix("ts_") or len(found) != 1:
        what = "names no suggestion that a night confirmed" if len(found) != 1 and not found else "is not unique"
        raise WrongUse(f"{asked} {what}. `learning-loop suggestion list` names them all.")
    return _as_now(found[0], _landed(landing, con))


def _as_now(row: Row, landed: list[Row]) -> Row:
    """Return a suggestion with what was landed on it since the last night."""
    steps = {"plan": "planned", "adopt": "adopted", "refuse": "refused", "revert": "reverted"}
    for one in landed:
        if one.get("suggestion_id") == row["suggestion_id"] and one.get("decision") in steps:
            experiment = one.get("experiment_id") or row["experiment_id"]
            row = row | {"status": steps[one["decision"]], "experiment_id": experiment}
    return row


def _landed(landing: Path | None, con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return what this command line has landed and no night has read yet, in its order."""
    folder = landing_dir(landing) / FEED
    known = {row["decision_id"] for row in _rows(con, "select decision_id from staging.stg_suggestion_decisions")}
    rows = []
    for path in sorted(folder.glob(f"{PREFIX}_*.jsonl")) if folder.is_dir() else []:
        if path.stem not in known:
            try:
                rows.append(json.loads(path.read_text("utf-8")))
            except ValueError:
                continue
    return sorted((row for row in rows if isinstance(row, dict)), key=lambda row: str(row.get("decided_at")))


def _decided_at(con: duckdb.DuckDBPyConnection, landing: Path | None) -> datetime:
    """Return now, or of old data an instant just after its last night and all that was landed like this."""
    now = datetime.now(UTC)
    last: datetime | None = con.execute("select max(as_of) from nightly_runs where status = 'success'").fetchall()[0][0]
    if last is None or not decisions.is_old(last, now):
        return now
    folder = landing_dir(landing) / FEED
    stamps = [decisions.instant_of_id(path.stem) for path in folder.glob(f"{PREFIX}_*.jsonl")]
    since = [at for at in stamps if at and last <= at < last + decisions.OLD_DATA]
    return max([last, *since]).astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)


def _states(con: duckdb.DuckDBPyConnection) -> list[Row]:
    rows = _rows(con, "select * exclude (computed_at) from main.suggestion_states")
    return [row | {"evidence": json.loads(row["evidence"])} for row in rows]


def _set_to(con: duckdb.DuckDBPyConnection, source: str) -> Row:
    rows = _rows(
        con,
        "select registry_state as state, cadence, include_url_patterns, exclude_url_patterns, quality_threshold"
        " from intermediate.int_editorial__source_states where source_key = $1",
        source,
    )
    return rows[0] if rows else {}


def _words(row: Row) -> str:
    return IN_WORDS[f"{row['kind']} {row['direction']}"].format(row["value"])


def _rows(con: duckdb.DuckDBPyConnection, sql: str, *parameters: object) -> list[Row]:
    found = con.execute(sql, list(parameters))
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
