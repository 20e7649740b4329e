"""The editors' and admins' side of the command line: pauses, overrides, rules on trial, how the sources do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer

from learning_loop.editorial import quality_rules
from learning_loop.editorial.suggestions_cli import app as suggestion_app
from learning_loop.errors import WrongUse
from learning_loop.landing import decisions
from learning_loop.project import landing_dir
from learning_loop.terminal import (
    AsJson,
    By,
    LandingOption,
    WarehouseOption,
    count_of,
    day,
    instant_text,
    parse_instant,
    say,
    say_json,
    say_table,
)
from learning_loop.warehouse import ask, is_published, open_published, warehouse_file

app = typer.Typer(no_args_is_help=True, add_completion=False)
source_app = typer.Typer(no_args_is_help=True, help="Pause a source, or let it run again.")
rules_app = typer.Typer(no_args_is_help=True, help="The quality rules.")
app.add_typer(source_app, name="source")
app.add_typer(rules_app, name="rules")
app.add_typer(suggestion_app, name="suggestion")
Reason = Annotated[str, typer.Option("--reason", help="Why, in a sentence.")]
ROLES = {"score_overrides": "editor", "source_overrides": "admin"}  # whose word each feed carries


class Visibility(StrEnum):
    """What an editor can say of a candidate; clear takes an earlier word back."""

    shown = "shown"
    down_ranked = "down_ranked"
    hidden = "hidden"
    clear = "clear"


@source_app.command()
def pause(
    source: str,
    by: By,
    reason: Reason,
    until: Annotated[str | None, typer.Option(help="When it runs again by itself: 2026-03-01, or 2w from now.")] = None,
    as_json: AsJson = False,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Hide all candidates of a source from the next night on."""
    row = {"source_key": source, "action": "pause", "actor": by, "reason": reason, "until": until}
    said = _record(landing, warehouse, "source_overrides", row)
    end = f", until {said['row']['until'][:16].replace('T', ' ')} UTC" if until else ""
    _tell(said, f"{source} is paused from the next night on{end}.", as_json)


@source_app.command()
def resume(
    source: str, by: By, reason: Reason, as_json: AsJson = False,
    landing: LandingOption = None, warehouse: WarehouseOption = None,
) -> None:  # fmt: skip
    """Let a paused source run again."""
    row = {"source_key": source, "action": "resume", "actor": by, "reason": reason}
    said = _record(landing, warehouse, "source_overrides", row)
    _tell(said, f"{source} runs again from the next night on.", as_json)


@app.command()
def override(
    candidate: str,
    visibility: Visibility,
    by: By,
    reason: Reason,
    as_json: AsJson = False,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Say whether a candidate is shown, whatever its score; clear leaves it to the score again."""
    row = {"candidate_id": candidate, "visibility": visibility.value, "actor": by, "reason": reason}
    said = _record(landing, warehouse, "score_overrides", row)
    word = "is left to its score" if visibility is Visibility.clear else f"is {visibility.value.replace('_', '-')}"
    _tell(said, f"{candidate} {word} from the next night on.", as_json)


@rules_app.command("try")
def try_(
    file: Annotated[Path, typer.Argument(help="Rules, as in seeds/policy/quality_rules.csv.")],
    latest: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many of the newest candidates to judge.")
    ] = 1000,
    as_json: AsJson = False,
    warehouse: WarehouseOption = None,
) -> None:
    """Show what a changed rule file would do to the newest candidates. Nothing is written."""
    if not file.is_file():
        raise WrongUse(f"{file} is not there. Copy seeds/policy/quality_rules.csv, change the copy, and try that.")
    try:
        with open_published(warehouse_file(warehouse)) as con:
            trial = quality_rules.try_rules(con, file, latest)
    except quality_rules.RulesError as error:
        raise WrongUse(str(error)) from error
    if as_json:
        moves = ("now", "would_be", "candidate_count", "promoted_count")
        rules = ("rule_id", "fires_now", "would_fire", "penalty_now", "penalty_then")
        return say_json({
            "candidate_count": trial.candidate_count,
            "moves": [dict(zip(moves, row, strict=True)) for row in trial.moves],
            "rules": [dict(zip(rules, row, strict=True)) for row in trial.rules],
        })  # fmt: skip
    say_table(
        ["now", "would be", "candidates", "of them promoted by editors"],
        trial.moves,
        f"The newest {trial.candidate_count} candidates, by their score alone",
    )
    changed = [row for row in trial.rules if row[1] != row[2] or row[3] != row[4]]
    say_table(
        ["rule", "fires now", "would fire", "penalty now", "would be"],
        [[*row[:3], *("none" if penalty is None else penalty for penalty in row[3:])] for row in changed],
        "Rules that would fire more or less often, or weigh more or less" if changed else "No rule would change",
    )


@rules_app.command("list")
def list_rules(warehouse: WarehouseOption = None, as_json: AsJson = False) -> None:
    """Show whether each quality rule earns its penalty: what editors made of the candidates that it met."""
    with open_published(warehouse_file(warehouse)) as con:
        found = con.execute(
            "select * exclude (computed_at) from main.rule_performance order by list_position(['hides_promoted',"
            " 'worse_than_chance', 'undecided', 'earns', 'insufficient_data'], verdict), hit_count desc, rule_id"
        )
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if as_json:
        return say_json(rows)
    say_table(
        ["rule", "verdict", "promoted of met", "usual", "lift (95 %)"],
        [
            [
                row["rule_id"],
                row["verdict"].replace("_", " "),
                f"{row['hit_promoted_count']} of {row['hit_count']}",
                "" if row["usual_promotion_rate"] is None else f"{row['usual_promotion_rate']:.0%}",
                ""
                if row["lift"] is None
                else f"{row['lift']:+.0%} ({row['lift_lower']:+.0%} to {row['lift_upper']:+.0%})",
            ]
            for row in rows
        ],
    )


@app.command()
def sources(
    source: Annotated[str | None, typer.Argument(help="Only sources whose key or name holds this.")] = None,
    trend: Annotated[str | None, typer.Option(help="decaying, improving, undecided or insufficient_data.")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="Only paused ones.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every source, also those without a review.")] = False,
    warehouse: WarehouseOption = None,
    as_json: AsJson = False,
) -> None:
    """Show how each source does, those with reviews first: what editors promote, where it heads, what it is set to."""
    if trend and trend not in TRENDS:
        raise WrongUse(f"--trend {trend} is unknown. Choose one of {', '.join(TRENDS)}.")
    with open_published(warehouse_file(warehouse)) as con:
        found = ask(con, OVERVIEW, source, trend, paused)
        names = [column[0] for column in found.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    if as_json:
        return say_json(rows)
    window = rows[0]["window_days"] if rows else 30
    active = [row for row in rows if every or row["reviewed_count"] or paused or source]
    shown = active if every else active[:SOURCES_SHOWN]
    say_table(
        ["source", "state", "promoted", "rate (95 %)", "allowing for few", "rank", "trend", "open", "median wait"],
        [_overview_line(row) for row in shown],
        f"Sources, by the decisions of the last {window} days",
    )
    if len(shown) < len(active):
        say(f"{count_of(len(active) - len(shown), 'more source')} with reviews: --all, or name a part of the key.")
    if len(active) < len(rows):
        say(f"{count_of(len(rows) - len(active), 'source')} without a review in {window} days: --all lists them.")
    for row in shown:
        if row["is_rate_in_doubt"]:
            say(
                f"{row['source_key']}: {row['quarantined_share']:.0%} of its labels could not be used, so its rate may"
                " be off (table quarantined_rows says why)."
            )


SOURCES_SHOWN = 30
TRENDS = ("decaying", "improving", "undecided", "insufficient_data")
OVERVIEW = """
select *
from main.source_overview
where
    ($1 is null or contains(lower(concat_ws(' ', source_key, display_name)), lower($1)))
    and ($2 is null or trend = $2)
    and (not $3 or is_paused)
order by reviewed_count = 0, is_paused, promotion_rank nulls last, source_key
"""


def _overview_line(row: Mapping[str, Any]) -> list[str]:
    trend, rate, change = row["trend"], row["promotion_rate"], row["change"]
    moved = f" ({change:+.0%})" if change is not None and trend in ("decaying", "improving") else ""
    until = f" until {day(row['paused_until'])}" if row["paused_until"] else ""
    shrunk, median = row["promotion_rate_shrunk"], row["median_hours_to_decision"]
    return [
        row["source_key"],
        f"paused by {row['paused_by']}{until}" if row["is_paused"] else row["registry_state"] or "not registered",
        f"{row['promoted_count']} of {row['reviewed_count']}",
        "cannot tell"
        if rate is None
        else f"{rate:.0%} ({row['promotion_rate_lower']:.0%} to {row['promotion_rate_upper']:.0%})",
        "cannot tell" if shrunk is None else f"{shrunk:.0%}",
        "too few" if row["promotion_rank"] is None else str(row["promotion_rank"]),
        trend.replace("_", " ") + moved,
        str(row["open_count"]),
        "cannot tell" if median is None else f"{median:.0f} h",
    ]


def _tell(said: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        return say_json(said)
    say(text + (f" Beware: {said['beware']}" if said["beware"] else ""))


def _record(landing: Path | None, warehouse: Path | None, feed: str, row: Mapping[str, str | None]) -> dict[str, Any]:
    """Record a signed decision; return the row, its file, and what to beware of, or nothing."""
    for field in ("actor", "reason"):
        if not (row[field] or "").strip():
            raise WrongUse("A decision is signed: give --by and --reason.")
    at, beware = datetime.now(UTC), None
    landing = landing_dir(landing)
    published = warehouse_file(warehouse)
    if is_published(published):  # without one nothing is known yet: the night judges
        with open_published(published) as con:
            at, beware = decisions.when(con, at, landing / feed), _unknown(con, row)
            decisions.require(con, ROLES[feed], row["actor"] or "", at)
    override_id = decisions.new_id("ovr", at)
    said = {key: value for key, value in row.items() if value is not None}
    if until := said.get("until"):
        said["until"] = instant_text(parse_instant(until, "--until", at, ahead=True))
    full = {"override_id": override_id, **said, "created_at": instant_text(at)}
    path = decisions.record(landing, feed, full, override_id)
    return {"row": full, "file": str(path), "beware": beware}


def _unknown(con: duckdb.DuckDBPyConnection, row: Mapping[str, str | None]) -> str | None:
    column = "source_key" if "source_key" in row else "candidate_id"
    known = ask(con, f"select 1 from main.idea_candidates where {column} = $1 limit 1", row[column]).fetchall()
    return None if known else f"the published file knows no candidate of {column} {row[column]}."
