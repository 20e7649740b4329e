"""The editors' and admins' side of the command line: pauses, overrides, rules on trial, how the sources do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from learning_loop.editorial import quality_rules
from learning_loop.errors import WrongUse
from learning_loop.landing import decisions
from learning_loop.landing.folder import landing_dir
from learning_loop.terminal import By, LandingOption, WarehouseOption, day, instant_text, parse_instant, say, say_table
from learning_loop.warehouse import is_published, open_published, warehouse_file

app = typer.Typer(no_args_is_help=True, add_completion=False)
source_app = typer.Typer(no_args_is_help=True, help="Pause a source, or let it run again.")
rules_app = typer.Typer(no_args_is_help=True, help="The quality rules.")
app.add_typer(source_app, name="source")
app.add_typer(rules_app, name="rules")
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
    until: Annotated[str | None, typer.Option(help="When it runs again by itself, e.g. 2026-03-01.")] = None,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Hide all candidates of a source from the next night on."""
    ends_at = parse_instant(until, "--until") if until else None
    row = {"source_key": source, "action": "pause", "actor": by, "reason": reason}
    beware = _record(landing, warehouse, "source_overrides", row | ({"until": ends_at.isoformat()} if ends_at else {}))
    end = f", until {ends_at:%Y-%m-%d %H:%M} UTC" if ends_at else ""
    say(f"{source} is paused from the next night on{end}.{beware}")


@source_app.command()
def resume(
    source: str, by: By, reason: Reason, landing: LandingOption = None, warehouse: WarehouseOption = None
) -> None:
    """Let a paused source run again."""
    row = {"source_key": source, "action": "resume", "actor": by, "reason": reason}
    beware = _record(landing, warehouse, "source_overrides", row)
    say(f"{source} runs again from the next night on.{beware}")


@app.command()
def override(
    candidate: str,
    visibility: Visibility,
    by: By,
    reason: Reason,
    landing: LandingOption = None,
    warehouse: WarehouseOption = None,
) -> None:
    """Say whether a candidate is shown, whatever its score; clear leaves it to the score again."""
    row = {"candidate_id": candidate, "visibility": visibility.value, "actor": by, "reason": reason}
    beware = _record(landing, warehouse, "score_overrides", row)
    word = "is left to its score" if visibility is Visibility.clear else f"is {visibility.value.replace('_', '-')}"
    say(f"{candidate} {word} from the next night on.{beware}")


@rules_app.command("try")
def try_(
    file: Annotated[Path, typer.Argument(help="Rules, as in seeds/policy/quality_rules.csv.")],
    latest: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many of the newest candidates to judge.")
    ] = 1000,
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


@app.command()
def sources(warehouse: WarehouseOption = None) -> None:
    """Show how each source does: what editors promote, where it is heading, what it is set to."""
    with open_published(warehouse_file(warehouse)) as con:
        rows = con.execute(OVERVIEW).fetchall()
    window = rows[0][0] if rows else 30
    say_table(
        ["source", "state", "promoted", "rate (95 %)", "drawn to the usual", "rank", "trend", "open", "median wait"],
        [_overview_line(*row[1:]) for row in rows],
        f"Sources, by the decisions of the last {window} days",
    )


OVERVIEW = """
select
    window_days, source_key, is_paused, paused_by, paused_until, registry_state, promoted_count, reviewed_count,
    promotion_rate, promotion_rate_lower, promotion_rate_upper, promotion_rate_shrunk, promotion_rank, trend, change,
    open_count, median_hours_to_decision
from main.source_overview
order by promotion_rank nulls last, source_key
"""


def _overview_line(
    source: str, is_paused: bool, paused_by: str | None, until: datetime | None, state: str | None, promoted: int,
    reviewed: int, rate: float | None, lower: float | None, upper: float | None, shrunk: float | None,
    rank: int | None, trend: str, change: float | None, open_count: int, median: float | None,
) -> list[str]:  # fmt: skip
    moved = f" ({change:+.0%})" if change is not None and trend in ("decaying", "improving") else ""
    paused = f"paused by {paused_by}{f' until {day(until)}' if until else ''}"
    return [
        source,
        paused if is_paused else state or "not registered",
        f"{promoted} of {reviewed}",
        "cannot tell" if rate is None else f"{rate:.0%} ({lower:.0%} to {upper:.0%})",
        "cannot tell" if shrunk is None else f"{shrunk:.0%}",
        "too few" if rank is None else str(rank),
        trend.replace("_", " ") + moved,
        str(open_count),
        "cannot tell" if median is None else f"{median:.0f} h",
    ]


def _record(landing: Path | None, warehouse: Path | None, feed: str, row: Mapping[str, str | None]) -> str:
    """Record a signed decision; return what to beware of, or nothing."""
    for field in ("actor", "reason"):
        if not (row[field] or "").strip():
            raise WrongUse("A decision is signed: give --by and --reason.")
    at, beware = datetime.now(UTC), ""
    landing = landing_dir(landing)
    published = warehouse_file(warehouse)
    if is_published(published):  # without one nothing is known yet: the night judges
        with open_published(published) as con:
            at, beware = _when(con, at, landing / feed), _unknown(con, row)
            decisions.require(con, ROLES[feed], row["actor"] or "", at)
    override_id = decisions.new_id("ovr", at)
    said = {key: value for key, value in row.items() if value is not None}
    full = {"override_id": override_id, **said, "created_at": instant_text(at)}
    decisions.record(landing, feed, full, override_id)
    return beware


def _when(con: duckdb.DuckDBPyConnection, now: datetime, landed: Path) -> datetime:
    """Return now, or of old data an instant just after its last night: the next one is to see the decision.

    It lies a second after the last one that was landed like this, whose file bears it in its name.
    """
    last: datetime | None = con.execute("select max(as_of) from nightly_runs where status = 'success'").fetchall()[0][0]
    if last is None or not decisions.is_old(last, now):
        return now
    stamps = [decisions.instant_of_id(path.stem) for path in landed.glob("ovr_*.jsonl")]
    since = [at for at in stamps if at and last <= at < last + decisions.OLD_DATA]
    return max([last, *since]).astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)


def _unknown(con: duckdb.DuckDBPyConnection, row: Mapping[str, str | None]) -> str:
    column = "source_key" if "source_key" in row else "candidate_id"
    known = con.execute(f"select 1 from main.idea_candidates where {column} = ? limit 1", [row[column]]).fetchall()
    return "" if known else f" Beware: the published file knows no candidate of {column} {row[column]}."
