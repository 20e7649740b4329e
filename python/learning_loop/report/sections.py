"""A part of the page for each loop: what its tables say, drawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby

import duckdb

from learning_loop.report import charts
from learning_loop.report.blocks import Column, Figure, Section, Table, behind, short, table
from learning_loop.report.reading import Row, rows
from learning_loop.report.standing import Standing
from learning_loop.report.svg import draw

Connection = duckdb.DuckDBPyConnection
VERDICTS = [
    "ready for approval", "undecided", "no improvement", "guardrail regression", "sample ratio mismatch",
    "guardrails undecided", "no worthwhile effect",
]  # fmt: skip
WEEK = "slice(datum.label, 5)"  # 2026-W07 without its year


def clusters(connection: Connection) -> Section:
    """The ten highest clusters of the latest week, over weeks, and what their scores are made of."""
    found = rows(connection, "cluster_weeks")
    if not found:
        return Section(
            "clusters",
            "Clusters",
            "What keeps going wrong?",
            "No cluster yet. This part waits for the feed events: learning.signal.logged.",
        )
    top = max(row["score"] or 0 for row in found)
    cards = [_cluster(place, list(weeks), top) for place, weeks in groupby(found, key=lambda row: row["place"])]
    question = (
        f"What keeps going wrong? The highest clusters of {found[-1]['period_key']}, the latest week with any, ten at"
        " most. Above the score by week, on one scale (a gap: no cluster that week); below the factors, 0 to 1, whose"
        " product is the last score."
    )
    return Section("clusters", "Clusters", question, groups=[cards])


def _cluster(place: int, weeks: list[Row], top: float) -> Figure:
    latest = weeks[-1]
    name = latest["cluster_signature"]
    return Figure(
        f"cluster-{place}",
        f"{place}. {short(name)}",
        f"Score {latest['score']:.3f} in {latest['period_key']}: {latest['event_count']:,} events of"
        f" {latest['unique_users']:,} people, mostly {latest['signal_type_top'].replace('_', ' ')}."
        + (f" {latest['trend']}." if latest["trend"] else ""),
        [
            draw(charts.cluster_scores(weeks, top), f"c{place}", f"Score of {name} over twelve weeks", 104),
            draw(charts.score_factors(latest), f"cf{place}", f"Factors of the score of {name}", 92),
        ],
        [behind("learning_issue_clusters", weeks, "cluster_weeks")],
    )


def calibration(connection: Connection) -> Section:
    """Which streams of claims to believe: statuses over weeks, and the worst streams one by one."""
    streams = rows(connection, "calibration_streams")
    if not streams:
        return Section(
            "calibration",
            "Calibration",
            "Whom to believe when it says it is sure?",
            "No claim yet. This part waits for the feed events: evidence.claim.logged.",
        )
    statuses = rows(connection, "calibration_status")
    weeks = _weeks_up_to(streams[0]["period_starts_on"], 6)
    grid = charts.count_table(statuses, "period_key", "status", "stream_count", weeks, charts.STATUSES, WEEK)
    overview = Figure(
        "calibration-status",
        f"Streams by status, {weeks[0]} to {weeks[-1]}",
        "Count of streams (claim class and parser version) per week; one that drifts counts as drift alert only.",
        [draw(grid, "cs", "Count of streams by status and week", 150)],
        [behind("extraction_calibration_metrics", statuses, "calibration_status")],
    )
    more = streams[0]["stream_count"] - len(streams)
    question = (
        "Whom to believe when it says it is sure? On the dashed line confidence means what it says; the numbers"
        " count claims. Below, the Brier score by week = unreliability - resolution + uncertainty (+ the rest within"
        " bins)."
        f" Of the streams of {streams[0]['period_key']}, the latest week with claims, those that need a look most"
        + (f"; {more:,} more are in the table." if more else ".")
    )
    cards = [_stream(connection, place, stream) for place, stream in enumerate(streams)]
    alarms = [_alarm(connection, place, alarm) for place, alarm in enumerate(rows(connection, "drift_alarms"))]
    groups = [[overview], *([alarms] if alarms else []), cards]
    return Section("calibration", "Calibration", question, groups=groups, tables=_evidence(connection))


def _evidence(connection: Connection) -> list[Table]:
    found = rows(connection, "drift_evidence")
    if not found:
        return []
    columns = [
        Column("evidence", "Has the stream got worse?"),
        Column("cannot_tell_because", "Why nothing can be told"),
        Column("stream_count", "Streams", "count"),
    ]
    title = "What the drift alarms say"
    return [table("drift-evidence", title, "extraction_drift_alarms", found, "drift_evidence", columns)]


def _alarm(connection: Connection, place: int, alarm: Row) -> Figure:
    key = {name: alarm[name] for name in ("claim_class", "parser_version", "channel")}
    name = short(f"{key['claim_class']} / {key['parser_version']}")
    is_drift = key["channel"] == "drift"
    weeks = rows(connection, "drift_weeks", **key)
    return Figure(
        f"alarm-{place}",
        f"Alarm: {name}",
        f"Right less often than {'before' if is_drift else 'it says'} since {alarm['began_period_key']}:"
        f" {alarm['right_count_since']:,} of {alarm['claim_count_since']:,} claims that had their time for corrections,"
        f" where {alarm['expected_right_count_since']:,.0f} were {'to be expected' if is_drift else 'promised'}. Its"
        f" evidence reached the dashed bar in {alarm['alarm_period_key']}; the alarm stands until its candidate is"
        " dismissed or promoted.",
        [
            draw(
                charts.alarm_statistic(weeks),
                f"a{place}",
                f"Statistic of the alarm of {name} against its bar by week",
                200,
            )
        ],
        [behind("extraction_drift_weeks", weeks, "drift_weeks", **key)],
    )


def _weeks_up_to(latest: date, count: int) -> list[str]:
    days = [latest - timedelta(weeks=back) for back in reversed(range(count))]
    return [f"{day:%G-W%V}" for day in days]


def _stream(connection: Connection, place: int, stream: Row) -> Figure:
    key = {"claim_class": stream["claim_class"], "parser_version": stream["parser_version"]}
    name = short(f"{key['claim_class']} / {key['parser_version']}")
    bins = rows(connection, "reliability_bins", **key, period_key=stream["period_key"])
    weeks = rows(connection, "brier_weeks", **key)
    return Figure(
        f"stream-{place}",
        name,
        f"{stream['status'].replace('_', ' ').capitalize()}: Brier score {stream['brier_score']:.3f} over"
        f" {stream['sample_count']:,} claims, {stream['brier_excess']:+.3f} beside what its confidences expect"
        f" of themselves; {stream['avg_confidence']:.0%} sure on average,"
        f" {stream['accuracy']:.0%} left standing. {stream['matured_share']:.0%} of them are past the time in which"
        " corrections come.",
        [
            draw(charts.reliability(bins), f"r{place}", f"Reliability diagram of {name}", 230),
            draw(charts.brier_parts(weeks), f"b{place}", f"Brier score of {name} and its parts by week", 220),
        ],
        [
            behind("extraction_reliability_bins", bins, "reliability_bins", **key, period_key=stream["period_key"]),
            behind("extraction_calibration_metrics", weeks, "brier_weeks", **key),
        ],
    )


def backlog(connection: Connection) -> Section:
    """The backlog by status and age, and what waits in it."""
    ages = rows(connection, "backlog_ages")
    if not ages:
        return Section(
            "backlog",
            "Backlog",
            "What waits for a decision?",
            "No candidate yet. This part waits for clusters or calibration alerts, and so for the feed events.",
        )
    grid = charts.count_table(ages, "age_weeks", "status", "candidate_count", charts.AGES, charts.BACKLOG_STATUSES)
    by_age = Figure(
        "backlog-ages",
        "Backlog by status and age",
        "Count of candidates; age in weeks since first seen.",
        [draw(grid, "ba", "Count of candidates by status and age in weeks", 150)],
        [behind("learning_backlog_candidates", ages, "backlog_ages")],
    )
    columns = [
        Column("priority", "Priority"),
        Column("priority_score", "Score", "score"),
        Column("title", "Title", is_wide=True),
        Column("status", "Status"),
        Column("times_seen", "Weeks seen", "count"),
        Column("trend", "Trend"),
        Column("first_seen_at", "First seen", "day"),
        Column("open_step_count", "Steps open", "count"),
    ]
    title = "Most urgent of those not yet promoted"
    waiting = rows(connection, "backlog_open")
    tables = [table("backlog-open", title, "learning_backlog_candidates", waiting, "backlog_open", columns)]
    fixed = rows(connection, "fixes")
    effects = [
        table("fixes", "Did the fixes work?", "fix_effects", fixed, "fixes", [
            Column("cluster_signature", "Failure", is_wide=True),
            Column("issue_ref", "Issue"),
            Column("effect", "Effect"),
            Column("rate_ratio", "Of the rate before", "score"),
            Column("rate_ratio_lower", "from", "score"),
            Column("rate_ratio_upper", "to", "score"),
            Column("weeks_watched", "Weeks", "count"),
            Column("events_avoided", "Events avoided", "count"),
        ])
    ]  # fmt: skip
    question = "What waits for a decision, and for how long? Did what was promoted help?"
    return Section(
        "backlog", "Backlog", question, "", [[by_age]], (effects if fixed else []) + (tables if waiting else [])
    )


def editorial(connection: Connection) -> Section:
    """Sources, reasons of rejection, and the wait for a decision."""
    drawn = [_sources(connection), _trends(connection), _reasons(connection), _waits(connection)]
    cards = [card for card in drawn if card]
    waits_for = (
        "Nothing was reviewed in the window. This part waits for the feeds ingest_candidates and ingest_editor_labels."
    )
    return Section(
        "editorial",
        "Sources and editors",
        "Which sources are worth reading, why are candidates rejected, and how fast is decided?",
        "" if cards else waits_for,
        [cards],
    )


def _sources(connection: Connection) -> Figure | None:
    found = [row | {"source": short(row["source"])} for row in rows(connection, "sources")]
    if not found:
        return None
    more = found[0]["source_count"] - len(found)
    return Figure(
        "sources",
        f"Promotion rate by source, last {found[0]['window_days']} days",
        "Share of reviewed candidates with 95 % interval, and drawn to what sources usually reach; most reviews first"
        + (f", {more:,} more in the table." if more else "."),
        [draw(charts.promotion_rates(found), "so", "Promotion rate by source", charts.height_of(len(found), legend=2))],
        [behind("source_overview", found, "sources")],
    )


def _trends(connection: Connection) -> Figure | None:
    found = [row | {"source": short(row["source"])} for row in rows(connection, "source_trends")]
    if not found:
        return None
    days = found[0]["trend_days"]
    kinds = ["undecided", "decaying", "improving"]
    chart = charts.intervals(found, "source", "change", "change of the rate", "trend", kinds, is_share=False, rule=0)
    return Figure(
        "source-trends",
        f"Change in promotion rate, last {days} days against the {days} before",
        "In points of the rate with 95 % interval; left of the dashed line it fell. What decays or improves does so by"
        " more than chance among so many sources; those with too few reviews to tell are left out.",
        [draw(chart, "st", "Change in promotion rate by source", charts.height_of(len(found), legend=2))],
        [behind("source_trends", found, "source_trends")],
    )


def _reasons(connection: Connection) -> Figure | None:
    found = rows(connection, "reject_reasons")
    if not found:
        return None
    named = [row | {"reason": row["reject_reason_code"].replace("_", " ")} for row in found]
    chart = charts.counts(named, "reason", "rejected_count")
    return Figure(
        "reject-reasons",
        f"Reasons of rejection, last {found[0]['window_days']} days",
        f"Count of the {found[0]['all_rejected_count']:,} rejected candidates, all sources.",
        [draw(chart, "rr", "Rejections by reason", charts.bars_height(len(found)))],
        [behind("rejections_by_reason", found, "reject_reasons")],
    )


def _waits(connection: Connection) -> Figure | None:
    found = rows(connection, "decision_curve")
    if not found:
        return None
    return Figure(
        "decision-curve",
        f"Share still undecided by time waited, last {found[0]['window_days']} days",
        f"Kaplan-Meier with 95 % band over {max(row['at_risk_count'] for row in found):,} candidates; the open ones"
        " count as waiting at least so long. The dashed line is the median; time is logarithmic.",
        [draw(charts.decision_curve(found), "km", "Share of candidates still undecided by time waited", 216)],
        [behind("time_to_decision_curve", found, "decision_curve")],
    )


def experiments(connection: Connection) -> Section:
    """Lift, interval and distance to the gate of each experiment."""
    found = [
        row | {"name": short(row["name"]), "verdict": row["verdict"].replace("_", " ")}
        for row in rows(connection, "experiments")
    ]
    if not found:
        return Section(
            "experiments",
            "Experiments",
            "What did a change do?",
            "No experiment yet. This part waits for the feeds ingest_experiments and ingest_experiment_assignments.",
        )
    height = charts.height_of(len(found), legend=1)
    cards = [
        Figure(
            "gate-distance",
            "Way to the sample-size gate",
            "Reviews and days of the thinner arm as a share of what the gate asks of both; the scale ends at 150 %.",
            [draw(charts.gate_distance(found), "gd", "Way to the gate by experiment", height)],
            [behind("experiment_gates", found, "experiments")],
        )
    ]
    measured = [row for row in found if row["lift_lower"] is not None and row["sample_gate"] == "open"]
    if measured:
        chart = charts.intervals(measured, "name", "lift", "lift", "verdict", VERDICTS, is_share=False, rule=0)
        cards.append(
            Figure(
                "experiment-lift",
                "Lift of the primary metric where the gate is open",
                "Treatment less control, with its confidence sequence (95 % a bound): looking every day is allowed.",
                [
                    draw(
                        chart,
                        "el",
                        "Lift by experiment",
                        charts.height_of(len(measured), legend=len({row["verdict"] for row in measured})),
                    )
                ],
                [behind("experiment_gates", measured, "experiments")],
            )
        )
    more = found[0]["experiment_count"] - len(found)
    question = "What did a change do, and may one say so yet?" + (f" {more:,} more are in the table." if more else "")
    return Section("experiments", "Experiments", question, "", [cards], _experiment_tables(connection, found))


def _experiment_tables(connection: Connection, found: list[Row]) -> list[Table]:
    columns = [
        Column("name", "Experiment"),
        Column("verdict", "Verdict"),
        Column("sample_gate", "Gate"),
        Column("expected_open_date", "Opens at this pace"),
        Column("guardrail_status", "Guardrails"),
        Column("verdict_sentence", "What it rests on", is_wide=True),
    ]
    tables = [table("experiments", "Where each stands", "experiment_gates", found, "experiments", columns)]
    if ungated := rows(connection, "ungated"):
        columns = [
            Column("source_key", "Source"),
            Column("config_version", "Version"),
            Column("deployment_mode", "Mode"),
            Column("approved_by", "Approved by"),
            Column("applied_at", "Applied", "instant"),
            Column("experiment_id", "Experiment"),
            Column("experiment_verdict", "Its verdict then"),
        ]
        title = "Deployed in full without an experiment that was ready, or tried without one that is known"
        tables.append(table("ungated", title, "ungated_tuning_changes", ungated, "ungated", columns))
    return tables


def stage_b(connection: Connection) -> Section:
    """Rules with posterior and uplift, and how right the runs are."""
    drawn = [_rules(connection), _uplift(connection), _accuracy(connection), _buckets(connection)]
    cards = [card for card in drawn if card]
    waits_for = "No run yet. This part waits for the feed stage_b: selections and reflections of a run."
    return Section(
        "stage-b", "Stage-B rules", "Which rules help, and which should go?", "" if cards else waits_for, [cards]
    )


def _rules(connection: Connection) -> Figure | None:
    found = rows(connection, "rules")
    if not found:
        return None
    named = [row | {"rule": short(row["rule_key"])} for row in found]
    _name_apart(named, "rule")
    kinds = ["keep", "drop", "undecided"]
    title = "hits of hits and misses"
    chart = charts.intervals(named, "rule", "hit_rate_shrunk", title, "advice", kinds, is_share=True, rule=None)
    more = found[0]["rule_count"] - len(found)
    return Figure(
        "rules",
        "Hit rate of the rules that stand, drawn to the usual",
        "Posterior mean and 95 % interval over the hard tickets in the windows of a rule, coloured by what to do with"
        " it: that is from all tickets, because hard ones are mostly chosen for being wrong; the lowest first"
        + (f", {more:,} more in the table." if more else "."),
        [draw(chart, "ru", "Hit rate by rule", charts.height_of(len(found), legend=3))],
        [behind("stage_b_rules_shrunk", found, "rules")],
    )


def _uplift(connection: Connection) -> Figure | None:
    found = rows(connection, "rule_uplift")
    if not found:
        return None
    named = [row | {"reflection": short(row["reflection_id"])} for row in found]
    _name_apart(named, "reflection")
    kinds = ["undecided", "hurt", "helped"]
    chart = charts.intervals(named, "reflection", "uplift", "uplift", "verdict", kinds, is_share=False, rule=0)
    more = found[0]["reflection_count"] - len(found)
    return Figure(
        "rule-uplift",
        "Uplift of each reflection",
        "Change of accuracy in the groups that it speaks about less the change in the others, in points, with 95 %"
        " interval; the most harmful first" + (f", {more:,} more in the table." if more else "."),
        [draw(chart, "up", "Uplift by reflection", charts.height_of(len(found), legend=2))],
        [behind("stage_b_rule_uplift", found, "rule_uplift")],
    )


def _accuracy(connection: Connection) -> Figure | None:
    found = rows(connection, "stage_b_accuracy")
    if not found:
        return None
    named = [row | {"of": short(f"{row['mission']} {row['epoch']} ({row['run_id']})"), "all": "all"} for row in found]
    chart = charts.intervals(named, "of", "acc", "right of processed", "all", ["all"], is_share=True, rule=None)
    return Figure(
        "stage-b-accuracy",
        "Accuracy by mission, epoch and run",
        "Share of the processed tickets with the right verdict, with 95 % interval.",
        [draw(chart, "ac", "Accuracy by mission, epoch and run", charts.height_of(len(found)))],
        [behind("stage_b_metrics", found, "stage_b_accuracy")],
    )


def _buckets(connection: Connection) -> Figure | None:
    found = rows(connection, "review_buckets")
    if not found:
        return None
    named = [row | {"bucket": row["review_bucket"].replace("_", " ")} for row in found]
    return Figure(
        "review-buckets",
        "Tickets by review bucket",
        "Count of the processed tickets that are not plainly right.",
        [draw(charts.counts(named, "bucket", "ticket_count"), "bu", "Tickets by review bucket",
              charts.bars_height(len(found)))],
        [behind("stage_b_ticket_outcomes", found, "review_buckets")],
    )  # fmt: skip


def feeds(standing: Standing) -> Section:
    """The age of each feed, and what is in quarantine."""
    verdicts = {
        "stale": "stopped",
        "fresh": "fresh",
        "no_bar": "comes when something happens",
        "no_bar_yet": "too few deliveries for a bar",
        "not_delivered": "never delivered",
        "cannot_tell": "cannot tell",
    }
    columns = [
        Column("feed", "Feed"),
        Column("verdict", "Verdict"),
        Column("age_hours", "Age", "age"),
        Column("max_age_hours", "Bar", "age"),
        Column("newest_row_at", "Newest row", "instant"),
        Column("stored_count", "Rows", "count"),
    ]
    told = [row | {"verdict": verdicts[row["verdict"]]} for row in standing.feeds]
    tables = [table("feeds", "Age of the feeds at the night", "feed_freshness", told, "feeds", columns)]
    if standing.quarantine:
        columns = [
            Column("feed", "Feed"),
            Column("reason_code", "Reason"),
            Column("row_count", "Rows", "count"),
            Column("new_count", "New", "count"),
            Column("latest_detail", "Latest: what"),
            Column("latest_file", "Latest: where", is_wide=True),
        ]
        title = "In quarantine, by feed and reason"
        tables.append(table("quarantine", title, "quarantined_rows", standing.quarantine[:20], "quarantine", columns))
    return Section("feeds", "Feeds", "What came in, and what could not be used?", tables=tables)


def changes(connection: Connection) -> tuple[list[Table], datetime | None]:
    """What last night did beside the night before, what left the list, what people decided; and when that night was."""
    measures = rows(connection, "changes")
    night_before = measures[0]["night_before"] if measures else None
    compared = [Column("value_before", "Night before", "count"), Column("change", "Change", "change")]
    columns = [
        Column("measure", "Count of"),
        Column("value", "This night", "count"),
        *(compared if night_before else []),
        Column("look_in", "Table"),
    ]
    known = [row for row in measures if row["value"] is not None]
    tables = [table("changes", "The night in numbers", "night_changes", known, "changes", columns)]
    if left := rows(connection, "left_the_list"):
        columns = [Column("kind_title", "Kind"), Column("title", "What", is_wide=True), Column("since", "Since", "day")]
        tables.append(table("left", "Wants nobody any more", "attention_log", left, "left_the_list", columns))
    if decided := rows(connection, "decisions"):
        columns = [
            Column("status", "Now"),
            Column("title", "What", is_wide=True),
            Column("actor", "Who"),
            Column("reason", "Why", is_wide=True),
            Column("entered_at", "When", "instant"),
        ]
        tables.append(table("decisions", "People decided", "learning_backlog_history", decided, "decisions", columns))
    return tables, night_before


def _name_apart(found: list[Row], name: str) -> None:
    """Give rows that would share a line of a chart names of their own: one key may stand in several runs."""
    seen: dict[str, int] = {}
    for row in found:
        key = row[name]
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            row[name] = short(f"{key} ({row['run_id']}/{row['mission']})")
