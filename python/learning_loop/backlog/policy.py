"""What another policy row would have shown in the last year: the night's own filter, ranks and caps, run once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.backlog import sql
from learning_loop.errors import WrongUse
from learning_loop.terminal import count_of, day

# The policies that can be tried, and what names a row of theirs.
KEYS = {
    "backlog": "", "backlog_evidence": "", "backlog_priority": "", "backlog_sources": "source_type", "calibration": "",
}  # fmt: skip
MODELS = (
    "int_backlog__tried_proposals", "int_backlog__tried_faced_proposals", "int_backlog__tried_verdicts",
    "int_backlog__tried_months",
)  # fmt: skip
# Of these the log of proposals knows nothing: another value would change what is counted, not what is made of it.
UNKNOWN_TO_THE_LOG = {
    "calibration": ("window_days", "high_conf_threshold", "medium_conf_threshold", "correction_horizon_days"),
    "backlog_sources": ("key_prefix",),
}
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


@dataclass(frozen=True)
class Trial:
    """What a proposed row would have shown.

    Attributes:
        policy: the policy that the row is of.
        nights: how many runs were tried, with the first and the last of them.
        months: rows of int_backlog__tried_months in their order, the whole year last.
        changed: the columns in which the proposed row differs from the one in force: name to (now, proposed).
    """

    policy: str
    nights: int
    first_night: datetime | None
    last_night: datetime | None
    months: list[dict[str, Any]]
    changed: dict[str, tuple[Any, Any]]


def try_policy(con: duckdb.DuckDBPyConnection, kept: sql.KeptSql, as_of: datetime, file: Path) -> Trial:
    """Run the last year's runs again with the latest row of a file in the place of its policy.

    Args:
        con: to the published file; it is only read.
        kept: the SQL of its last night.
        as_of: that night.
        file: a policy as in seeds/policy; of each row's key the one with the latest effective_from is tried.

    Raises:
        WrongUse: the file holds no row of such a policy; the message names the column, the line and what is expected.
    """
    policy = read(con, file)
    changed = _changed(con, policy, as_of)
    if unknown := [name for name in changed if name.split(" of ")[0] in UNKNOWN_TO_THE_LOG.get(policy, ())]:
        now = changed[unknown[0]][0]
        raise WrongUse(
            f"{file} changes {', '.join(unknown)}, and the log of proposals cannot tell what that would do: it keeps"
            f" scores, not the claims behind them. Leave {unknown[0]} at {now}."
        )
    sql.set_as_of(con, as_of)
    relations = {policy: "temp.tried_policy"} | {name: f"temp.{name}" for name in MODELS}
    for name in MODELS:
        con.execute(f"create or replace temp table {name} as {kept.model(name, relations)}")
    runs, first, last = con.execute(
        "select count(distinct run_id), min(proposed_at), max(proposed_at) from temp.int_backlog__tried_verdicts"
    ).fetchall()[0]
    cursor = con.execute("from temp.int_backlog__tried_months order by month = 'all', month")
    names = [column[0] for column in cursor.description or []]
    months = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return Trial(policy, runs, first, last, months, changed)


def read(con: duckdb.DuckDBPyConnection, file: Path) -> str:
    """Read the proposed row into temp.tried_policy, in force at all times, and return the policy that it is of.

    Raises:
        WrongUse: as `try_policy`.
    """
    if not file.is_file():
        raise WrongUse(f"{file} is not there. Copy seeds/policy/backlog.csv, add a row to the copy, and try that.")
    try:
        con.execute(
            "create or replace temp table tried_file as select row_number() over () + 1 as line, *"
            " from read_csv($1, header = true, all_varchar = true, strict_mode = true, delim = ',')",
            [str(file)],
        )
    except duckdb.Error as error:
        raise WrongUse(f"{file} cannot be read as CSV: {str(error).splitlines()[0][:200]}") from error
    given = [row[0] for row in con.execute("describe tried_file").fetchall()[1:]]
    columns = {policy: _columns(con, policy) for policy in KEYS}
    policy = next((name for name, expected in columns.items() if set(expected) == set(given)), None)
    if policy is None:
        raise WrongUse(_wrong_names(file, given, columns))
    types = columns[policy]
    _refuse_wrong_values(con, file, types)
    values = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in types.items())
    key = KEYS[policy] or "true"
    con.execute(
        f"""
        create or replace temp table tried_policy as
        select * replace (timestamptz '-infinity' as effective_from)
        from (select {values} from tried_file)
        qualify row_number() over (partition by {key} order by effective_from desc) = 1
        """
    )
    if not con.execute("select 1 from tried_policy").fetchall():
        raise WrongUse(f"{file} has a header and no row. Add the row to try.")
    return policy


def lines(trial: Trial) -> list[str]:
    """Return the text of `policy try`."""
    changes = [f"  {name}: {now} -> {then}" for name, (now, then) in trial.changed.items()]
    runs = "no run: none has proposed anything in the last year."
    if trial.first_night and trial.last_night:
        runs = f"{count_of(trial.nights, 'run')} from {day(trial.first_night)} to {day(trial.last_night)}."
    shown = [f"Policy {trial.policy}, tried on {runs}", *(changes or ["  The row is the one in force."])]
    if trial.months:
        shown += [
            "",
            f"{'shown':>13}{'lost':>24}{'new':>13}{'share promoted':>24}",
            ROW.format("month", "then", "now", "kept", "all", "prom.", "all", "undec.", "then", "now"),
        ]
    for month in trial.months:
        figures = (month[name] for name in COUNTS)
        shown.append(ROW.format(month["month"], *figures, _share(month, "then"), _share(month, "now")).rstrip())
    if trial.months:
        shown += [
            "",
            "Prom.: promoted by people since. Undec.: nobody ever decided on them. Where some",
            "have no answer yet, the share is a range: from none of these to all of them.",
        ]
    if trial.policy == "calibration":
        shown += [
            "Classes that no night proposed are not in the log: of a looser row only what it",
            "takes away can be seen, not what it adds.",
        ]
    return shown


ROW = "{:<8}{:>5}{:>6}{:>6}{:>6}{:>6}{:>6}{:>7}   {:<12}{}"
COUNTS = ("shown_then", "shown_now", "kept", "lost", "lost_promoted", "new", "new_undecided")


def _share(month: dict[str, Any], when: str) -> str:
    lower, upper = month[f"precision_{when}_lower"], month[f"precision_{when}_upper"]
    if lower is None:
        return "-"
    return f"{lower:.0%}" if month[f"precision_{when}"] is not None else f"{lower * 100:.0f} to {upper:.0%}"


def _columns(con: duckdb.DuckDBPyConnection, policy: str) -> dict[str, str]:
    rows = con.execute(
        "select column_name, data_type from duckdb_columns() where schema_name = 'policy' and table_name = $1"
        " and database_name = current_database() order by column_index",
        [policy],
    ).fetchall()
    return dict(rows)


def _wrong_names(file: Path, given: list[str], columns: dict[str, dict[str, str]]) -> str:
    likeliest = max(
        columns, key=lambda policy: len(set(given) & set(columns[policy]) - {"effective_from", "rationale"})
    )
    missing = [name for name in columns[likeliest] if name not in given]
    more = [name for name in given if name not in columns[likeliest]]
    if not set(given) & set(columns[likeliest]) - {"effective_from", "rationale"}:
        return f"{file} holds none of the policies that can be tried: {', '.join(KEYS)}. Copy one from seeds/policy."
    said = [f"it lacks {', '.join(missing)}"] * bool(missing) + [f"it has {', '.join(more)} besides"] * bool(more)
    expected = ", ".join(columns[likeliest])
    return f"{file} is not quite the policy {likeliest}: {' and '.join(said)}. Its columns: {expected}."


def _refuse_wrong_values(con: duckdb.DuckDBPyConnection, file: Path, types: dict[str, str]) -> None:
    for name, kind in types.items():
        is_wrong = f'try_cast("{name}" as {kind}) is null'
        if kind in WHOLE:  # a cast rounds
            is_wrong += f' or try_cast("{name}" as double) != try_cast("{name}" as {kind})'
        if name == "rationale":
            continue
        found = con.execute(f'select line, "{name}" from tried_file where {is_wrong} order by line limit 1').fetchall()
        if found:
            line, value = found[0]
            said = "is empty" if not (value or "").strip() else f"is {value!r}"
            raise WrongUse(f"{file}, line {line}: {name} {said}; a value of type {kind.lower()} is due.")


def _changed(con: duckdb.DuckDBPyConnection, policy: str, as_of: datetime) -> dict[str, tuple[Any, Any]]:
    key = KEYS[policy]
    told = [name for name in _columns(con, policy) if name not in ("effective_from", "rationale", key)]
    found: dict[str, tuple[Any, Any]] = {}
    for name in told:
        label = f"{key}" if key else "''"
        rows = con.execute(
            f"""
            select {label} as row_key, now."{name}", tried."{name}"
            from (
                from policy.{policy} where effective_from <= $1
                qualify row_number() over (partition by {key or "true"} order by effective_from desc) = 1
            ) as now
            full join temp.tried_policy as tried {f"using ({key})" if key else "on true"}
            where now."{name}" is distinct from tried."{name}"
            order by 1
            """,
            [as_of],
        ).fetchall()
        found |= {(f"{name} of {row[0]}" if key else name): (row[1], row[2]) for row in rows}
    return found
