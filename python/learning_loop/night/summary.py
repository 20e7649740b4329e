"""What a night says at its end: a few lines, and where to look next."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from learning_loop.warehouse import is_published, opened

# What wants a person, what is most pressing first, as `status` lists it.
WANTED = """
select sum(items.item_count)::bigint as item_count, kinds.title, kinds.next_step
from policy.attention_kinds as kinds
inner join attention_items as items using (kind)
group by kinds.title, kinds.next_step, kinds.kind_position
order by kinds.kind_position
"""

# Where candidates come from, the lowest promotion rate first; a source with too few reviews has no evidence.
SOURCES = """
select
    coalesce(display_name, source_key) as source,
    promotion_rate,
    reviewed_count::bigint as reviewed_count,
    window_days
from source_overview
where reviewed_count > 0
order by evidence = 'insufficient_data', promotion_rate, source_key
"""


@dataclass(frozen=True)
class Summary:
    """Figures of the published file; `new` ones were not in the file that it replaced."""

    week: str
    files_read: int
    kept: int
    redelivered: int
    ignored: int
    quarantined: int
    clusters: int
    new_clusters: list[str]
    alerts: int
    new_alerts: list[str]
    reasons: dict[str, int] = field(default_factory=dict)
    not_read: list[str] = field(default_factory=list)
    sources: list[tuple[str, float, int, int]] = field(default_factory=list)  # name, promotion rate, reviews, days
    has_events: bool = True
    wanted: list[tuple[int, str, str]] = field(default_factory=list)  # how many, of what, and what to do about it


def known(warehouse: Path) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """Return the weekly clusters and the alerts of a published file as sets of keys; empty sets without one."""
    if not is_published(warehouse):
        return set(), set()
    with opened(warehouse) as connection:
        return (
            set(
                connection.execute(
                    "select period_key, cluster_signature from learning_issue_clusters"
                    " where period_granularity = 'week'"
                ).fetchall()
            ),
            set(
                connection.execute(
                    "select period_key, claim_class, parser_version, status from extraction_underperforming_classes"
                ).fetchall()
            ),
        )


def summarize(warehouse: Path, run_id: str, before: tuple[set[tuple[str, ...]], set[tuple[str, ...]]]) -> Summary:
    """Read the summary of run `run_id` from the published file, against what `known` found before the night."""
    with opened(warehouse) as connection:
        counts = connection.execute(
            "select count(*), coalesce(sum(kept), 0)::bigint, coalesce(sum(redelivered), 0)::bigint,"
            " coalesce(sum(ignored), 0)::bigint, coalesce(sum(quarantined), 0)::bigint"
            " from landing_files where read_at = $1::timestamptz and status != 'not_read'",
            [run_id],
        ).fetchall()[0]
        not_read = connection.execute(
            "select source_file from landing_files where read_at = $1::timestamptz and status = 'not_read' order by 1",
            [run_id],
        ).fetchall()
        reasons = connection.execute(
            "select reason_code, count(*) from quarantined_rows where quarantined_at = $1::timestamptz"
            " group by all order by all",
            [run_id],
        ).fetchall()
        week = connection.execute(
            "select strftime(date_trunc('week', $1::timestamptz - interval 24 hours), '%G-W%V')", [run_id]
        ).fetchall()[0][0]
        clusters = connection.execute(
            "select period_key, cluster_signature from learning_issue_clusters"
            " where period_granularity = 'week' and period_key = $1 order by score desc, cluster_signature",
            [week],
        ).fetchall()
        alerts = connection.execute(
            "select period_key, claim_class, parser_version, status from extraction_underperforming_classes"
            " order by brier_score desc, claim_class, parser_version"
        ).fetchall()
        known_tables = _tables(connection)
        sources = connection.execute(SOURCES).fetchall() if "source_overview" in known_tables else []
        events = (
            connection.execute("select bool_or(stored_count > 0) from feed_freshness where feed = 'events'").fetchall()
            if "feed_freshness" in known_tables
            else [(True,)]
        )
        wanted = connection.execute(WANTED).fetchall() if _is_known_what_wants_a_person(connection) else []
    return Summary(
        week=week,
        files_read=counts[0],
        kept=counts[1],
        redelivered=counts[2],
        ignored=counts[3],
        quarantined=counts[4],
        clusters=len(clusters),
        new_clusters=[row[1] for row in clusters if row not in before[0]],
        alerts=len(alerts),
        new_alerts=[f"{row[1]} / {row[2]} ({row[3]})" for row in alerts if row not in before[1]],
        reasons=dict(reasons),
        not_read=[name for (name,) in not_read],
        wanted=wanted,
        sources=sources,
        has_events=events[0][0] is not False,
    )


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the public relations that are there: a night of a part of the project may lack any."""
    found = connection.execute("select table_name from information_schema.tables where table_schema = 'main'")
    return {name for (name,) in found.fetchall()}


def _is_known_what_wants_a_person(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether the file has what `WANTED` reads: a night of a part of the project may have built neither table."""
    tables = connection.execute(
        "select count(*) from information_schema.tables"
        " where (table_schema, table_name) in (('policy', 'attention_kinds'), ('main', 'attention_items'))"
    ).fetchall()
    return tables == [(2,)]
