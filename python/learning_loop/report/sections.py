"""A part of the page for each loop: what its tables say, drawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb

from learning_loop.report import charts
from learning_loop.report.blocks import Column, Figure, Grid, Group, Section, Table, behind, short, table
from learning_loop.report.emptiness import Feeds, never_came, why_empty
from learning_loop.report.reading import Row, rows
from learning_loop.report.standing import Standing

Connection = duckdb.DuckDBPyConnection


def _empty(anchor: str, title: str, question: str, feeds: Feeds, nothing: str, *names: str) -> Section:
    """Return a part that stands on these feeds and shows nothing, with the reason."""
    return Section(anchor, title, question, why_empty(feeds, nothing, *names), never_came(feeds, *names))


def clusters(connection: Connection, feeds: Feeds) -> Section:
    """The ten highest clusters of the latest week, over half a year, and what their scores are made of."""
    found = rows(connection, "cluster_weeks")
    if not found:
        return _empty("clusters", "Clusters", "What keeps going wrong?", feeds, "No cluster yet.", "events")
    weeks: dict[int, list[Row]] = {}
    for row in found:
        weeks.setdefault(row["place"], []).append(row)
    ranked = [_ranked(of_one) for of_one in weeks.values()]
    latest = found[-1]["last_period_key"]
    question = (
        f"What keeps going wrong? The highest clusters of {latest}, {_age_of(feeds, found[-1]['last_on'])}, ten at"
        " most. A score is the product of its four factors; the columns are the events of half a year, dashed the least"
        " of a cluster."
    )
    columns = [
        Column("place", "No.", "count"),
        Column("name", "Signature", is_wide=True),
        Column("spark", "Events by week", "picture"),
        Column("event_count", "Events", "count"),
        Column("unique_users", "People", "count"),
        Column("score", "Score", "score"),
        Column("frequency", "Frequency", "score", is_extra=True),
        Column("severity", "Severity", "score", is_extra=True),
        Column("impact", "Impact", "score", is_extra=True),
        Column("reproducibility", "Reproducible", "score", is_extra=True),
        Column("trend", "Trend", is_extra=True, is_wide=True),
    ]
    ranking = table(
        "clusters", f"Highest clusters of {latest}", "learning_issue_clusters", ranked, "cluster_weeks", columns
    )
    return Section("clusters", "Clusters", question, tables=[ranking])


def _ranked(weeks: list[Row]) -> Row:
    latest = weeks[-1]
    return latest | {"spark": charts.spark(weeks, f"Events of {latest['name']} by week", is_share=False)}


def calibration(connection: Connection, feeds: Feeds) -> Section:
    """Which streams of claims to believe: statuses over weeks, and the worst streams one by one."""
    streams = rows(connection, "calibration_streams")
    if not streams:
        question = "Whom to believe when it says it is sure?"
        return _empty("calibration", "Calibration", question, feeds, "No claim yet.", "events")
    statuses = rows(connection, "calibration_status")
    weeks = _weeks_up_to(streams[0]["period_starts_on"], 6)
    overview = Grid(
        "calibration-status",
        f"Streams by status, {weeks[0]} to {weeks[-1]}",
        "Count of streams (claim class and parser version) per week; one that drifts counts as drift alert only.",
        *_grid(statuses, "period_key", "status", "stream_count", weeks, charts.STATUSES),
        behind("extraction_calibration_metrics", statuses, "calibration_status"),
    )
    more = streams[0]["stream_count"] - len(streams)
    question = (
        f"Whom to believe when it says it is sure? Of the streams of {streams[0]['period_key']},"
        f" {_age_of(feeds, streams[0]['period_starts_on'])}, those that need a look most"
        + (f"; {more:,} more are in the table." if more else ".")
    )
    columns = [
        Column("stream", "Class / parser", is_wide=True),
        Column("status_in_words", "Status"),
        Column("sample_count", "Claims", "count"),
        Column("accuracy", "Right", "share"),
        Column("avg_confidence", "Said", "share"),
        Column("brier_score", "Brier score", "number"),
        Column("brier_excess", "Beside expected", "signed", is_extra=True),
        Column("matured_share", "Past corrections", "share", is_extra=True),
    ]
    told = [
        row
        | {
            "stream": f"{row['claim_class']} / {row['parser_version']}",
            "status_in_words": row["status"].replace("_", " "),
        }
        for row in streams
    ]
    title = f"Streams of {streams[0]['period_key']} to look at first"
    listed = table("streams", title, "extraction_calibration_metrics", told, "calibration_streams", columns)
    groups = []
    if alarms := rows(connection, "drift_alarms"):
        weeks_of = rows(connection, "drift_weeks")
        figures = [_alarm(place, alarm, weeks_of) for place, alarm in enumerate(alarms)]
        groups.append(Group("How each alarm came to its bar", figures))
    groups.append(
        Group(
            "Reliability and Brier score of each",
            [_stream(connection, place, row) for place, row in enumerate(streams)],
        )
    )
    return Section(
        "calibration", "Calibration", question, grids=[overview], tables=[listed, *_evidence(connection)], groups=groups
    )


def _evidence(connection: Connection) -> list[Table]:
    found = rows(connection, "drift_evidence")
    if not found:
        return []
    columns = [
        Column("evidence", "Has the stream got worse?"),
        Column("cannot_tell_because", "Why nothing can be told"),
        Column("stream_count", "Streams", "count"),
    ]
    told = [
        row
        | {
            name: str(row[name]).replace("_", " ") if row[name] else None
            for name in ("evidence", "cannot_tell_because")
        }
        for row in found
    ]
    title = "What the drift alarms say"
    return [table("drift-evidence", title, "extraction_drift_alarms", told, "drift_evidence", columns)]


def _alarm(place: int, alarm: Row, weeks_of: list[Row]) -> Figure:
    key = {name: alarm[name] for name in ("claim_class", "parser_version", "channel")}
    name = short(f"{key['claim_class']} / {key['parser_version']}")
    is_drift = key["channel"] == "drift"
    weeks = [row for row in weeks_of if all(row[name] == value for name, value in key.items())]
    series = [("statistic", "evidence, as a power of ten", "bad"), ("bar", "bar", "ref")]
    picture = charts.weekly_lines(
        weeks, series, f"Statistic of the alarm of {name} against its bar by week", lambda value: f"{value:.1f}"
    )
    return Figure(
        f"alarm-{place}",
        f"Alarm: {name}",
        f"Right less often than {'before' if is_drift else 'it says'} since {alarm['began_period_key']}:"
        f" {alarm['right_count_since']:,} of {alarm['claim_count_since']:,} claims that had their time for corrections,"
        f" where {alarm['expected_right_count_since']:,.0f} were {'to be expected' if is_drift else 'promised'}. Its"
        f" evidence reached the dashed bar in {alarm['alarm_period_key']}; the alarm stands until its candidate is"
        " dismissed or promoted.",
        [picture],
        [behind("extraction_drift_weeks", weeks, "drift_weeks")],
    )


def _weeks_up_to(latest: date, count: int) -> list[str]:
    days = [latest - timedelta(weeks=back) for back in reversed(range(count))]
    return [f"{day:%G-W%V}" for day in days]


def _grid(
    found: list[Row], column: str, line: str, count: str, columns: list[str], lines: list[str]
) -> tuple[list[str], list[tuple[str, list[tuple[int, int]]]]]:
    """Return the columns, and of each line its counts with their shade, 0 to 5."""
    counts = {(row[line], row[column]): row[count] for row in found}
    top = max(counts.values())
    shade = [
        (name, [(counts.get((name, key), 0), -(-5 * counts.get((name, key), 0) // top)) for key in columns])
        for name in lines
    ]
    return columns, shade


def _stream(connection: Connection, place: int, stream: Row) -> Figure:
    key = {"claim_class": stream["claim_class"], "parser_version": stream["parser_version"]}
    name = short(f"{key['claim_class']} / {key['parser_version']}")
    bins = rows(connection, "reliability_bins", **key, period_key=stream["period_key"])
    weeks = rows(connection, "brier_weeks", **key)
    parts = [
        ("brier_score", "Brier score (0 is best)", "m"), ("reliability", "= unreliability", "m thin"),
        ("resolution", "- resolution", "unsure"), ("uncertainty", "+ uncertainty", "ref"),
    ]  # fmt: skip
    return Figure(
        f"stream-{place}",
        name,
        f"{stream['status'].replace('_', ' ').capitalize()}: Brier score {stream['brier_score']:.3f} over"
        f" {stream['sample_count']:,} claims, {stream['brier_excess']:+.3f} beside what its confidences expect"
        f" of themselves; {stream['avg_confidence']:.0%} sure on average,"
        f" {stream['accuracy']:.0%} right. {stream['matured_share']:.0%} of them are past the time in which"
        " corrections come.",
        [
            charts.reliability(bins, f"Reliability diagram of {name}"),
            charts.weekly_lines(
                weeks, parts, f"Brier score of {name} and its parts by week", lambda value: f"{value:.2f}"
            ),
        ],
        [
            behind("extraction_reliability_bins", bins, "reliability_bins", **key, period_key=stream["period_key"]),
            behind("extraction_calibration_metrics", weeks, "brier_weeks", **key),
        ],
    )


def backlog(connection: Connection, feeds: Feeds) -> Section:
    """The backlog by status and age, and whether what was promoted helped."""
    ages = rows(connection, "backlog_ages")
    if not ages:
        nothing = "No candidate yet: no cluster and no alarm was above the bars of seeds/policy."
        return _empty("backlog", "Backlog", "What waits for a decision?", feeds, nothing, "events")
    by_age = Grid(
        "backlog-ages",
        "Backlog by status and age",
        "Count of candidates; age in weeks since first seen.",
        *_grid(ages, "age_weeks", "status", "candidate_count", charts.AGES, charts.BACKLOG_STATUSES),
        behind("learning_backlog_candidates", ages, "backlog_ages"),
    )
    fixed = rows(connection, "fixes")
    effects = [
        table("fixes", "Did the fixes work?", "fix_effects", fixed, "fixes", [
            Column("cluster_signature", "Failure", is_wide=True),
            Column("issue_ref", "Issue"),
            Column("effect", "Effect"),
            Column("rate_ratio", "Of the rate before", "score"),
            Column("rate_ratio_lower", "from", "score", is_extra=True),
            Column("rate_ratio_upper", "to", "score", is_extra=True),
            Column("weeks_watched", "Weeks", "count"),
            Column("events_avoided", "Events avoided", "count"),
        ])
    ]  # fmt: skip
    question = "What waits for a decision, and for how long? Did what was promoted help?"
    return Section("backlog", "Backlog", question, grids=[by_age], tables=effects if fixed else [])


def editorial(connection: Connection, feeds: Feeds) -> Section:
    """Sources, reasons of rejection, and the wait for a decision; if the window holds none, of the latest that does."""
    drawn = [_sources(connection), _trends(connection), _reasons(connection), _waits(connection)]
    cards = [card for card in drawn if card]
    question = "Which sources are worth reading, why are candidates rejected, and how fast is decided?"
    if not drawn[0] and (before := rows(connection, "sources_before")):
        cards = [_sources_before(before), *_reasons_before(connection), *cards]
        question += (
            f" Nothing was reviewed in the last {before[0]['window_days']:,} days: shown are as many up to"
            f" {before[0]['last_on']:%Y-%m-%d}, the latest day with a review."
        )
    if not cards:
        came = ("ingest_candidates", "ingest_editor_labels")
        return _empty("editorial", "Sources and editors", question, feeds, "Nothing was reviewed yet.", *came)
    return Section("editorial", "Sources and editors", question, figures=cards)


def _sources_before(found: list[Row]) -> Figure:
    more = found[0]["source_count"] - len(found)
    return Figure(
        "sources",
        f"Promotion rate by source, {found[0]['window_days']} days to {found[0]['last_on']:%Y-%m-%d}",
        f"Share of {sum(row['reviewed_count'] for row in found):,} reviewed candidates with 95 % interval"
        + (f"; {more:,} more in the table." if more else "."),
        [
            charts.interval_rows(
                found,
                "source",
                "promotion_rate",
                "Promotion rate by source",
                "promoted of reviewed",
                is_share=True,
                rule=None,
            )
        ],
        [behind("editorial_daily", found, "sources_before")],
    )  # fmt: skip


def _reasons_before(connection: Connection) -> list[Figure]:
    found = rows(connection, "reject_reasons_before")
    if not found:
        return []
    return [
        Figure(
            "reject-reasons",
            "Reasons of rejection, the same days",
            f"Count of the {found[0]['all_rejected_count']:,} rejected candidates, all sources.",
            [charts.counts(found, "reason", "rejected_count", "Rejections by reason")],
            [behind("ingest_editor_labels", found, "reject_reasons_before")],
        )
    ]


def _sources(connection: Connection) -> Figure | None:
    found = rows(connection, "sources")
    if not found:
        return None
    more = found[0]["source_count"] - len(found)
    doubtful = [f"{row['source']} {row['quarantined_share']:.0%}" for row in found if row["is_rate_in_doubt"]]
    return Figure(
        "sources",
        f"Promotion rate by source, last {found[0]['window_days']} days",
        "Share of reviewed candidates with 95 % interval; the hollow diamond is the estimate that allows for few"
        " reviews. Most reviews first" + (f", {more:,} more in the table." if more else ".")
        + (f" Labels that could not be used, so that the rate may be off: {', '.join(doubtful)}." if doubtful else ""),
        [
            charts.interval_rows(
                found, "source", "promotion_rate", "Promotion rate by source", "promoted of reviewed",
                second="promotion_rate_shrunk", is_share=True, rule=None,
            )
        ],
        [behind("source_overview", found, "sources")],
    )  # fmt: skip


def _trends(connection: Connection) -> Figure | None:
    found = rows(connection, "source_trends")
    if not found:
        return None
    days = found[0]["trend_days"]
    return Figure(
        "source-trends",
        f"Change in promotion rate, last {days} days against the {days} before",
        "In points of the rate with 95 % interval; left of the dashed line it fell. What decays or improves does so by"
        " more than chance among so many sources; those with too few reviews to tell are not shown.",
        [
            charts.interval_rows(
                found, "source", "change", "Change in promotion rate by source", "change, points of the rate",
                verdict="trend", is_share=False, rule=0,
            )
        ],
        [behind("source_trends", found, "source_trends")],
    )  # fmt: skip


def _reasons(connection: Connection) -> Figure | None:
    found = rows(connection, "reject_reasons")
    if not found:
        return None
    return Figure(
        "reject-reasons",
        f"Reasons of rejection, last {found[0]['window_days']} days",
        f"Count of the {found[0]['all_rejected_count']:,} rejected candidates, all sources.",
        [charts.counts(found, "reason", "rejected_count", "Rejections by reason")],
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
        [charts.decision_curve(found, "Share of candidates still undecided by time waited")],
        [behind("time_to_decision_curve", found, "decision_curve")],
    )


def experiments(connection: Connection, feeds: Feeds) -> Section:
    """Lift, interval and distance to the gate of each experiment."""
    found = [row | {"verdict": row["verdict"].replace("_", " ")} for row in rows(connection, "experiments")]
    if not found:
        came = ("ingest_experiments", "ingest_experiment_assignments")
        return _empty("experiments", "Experiments", "What did a change do?", feeds, "No experiment yet.", *came)
    cards = [
        Figure(
            "gate-distance",
            "Way to the sample-size gate",
            "Reviews and days of the thinner arm as a share of what the gate asks of both; the scale ends at 150 %.",
            [charts.gate_distance(found, "Way to the gate by experiment")],
            [behind("experiment_gates", found, "experiments")],
        )
    ]
    measured = [row for row in found if row["lift_lower"] is not None and row["sample_gate"] == "open"]
    if measured:
        picture = charts.interval_rows(
            measured, "name", "lift", "Lift by experiment", "lift, points", verdict="verdict", is_share=False, rule=0
        )
        cards.append(
            Figure(
                "experiment-lift",
                "Lift of the primary metric where the gate is open",
                "Treatment less control, with its confidence sequence (95 % a bound): looking every day is allowed.",
                [picture],
                [behind("experiment_gates", measured, "experiments")],
            )
        )
    more = found[0]["experiment_count"] - len(found)
    question = "What did a change do, and may one say so yet?" + (f" {more:,} more are in the table." if more else "")
    return Section("experiments", "Experiments", question, figures=cards, tables=_experiment_tables(connection, found))


def _words(name: str | None) -> str | None:
    return name.replace("_", " ") if name else name


def _experiment_tables(connection: Connection, found: list[Row]) -> list[Table]:
    columns = [
        Column("name", "Experiment"),
        Column("verdict", "Verdict"),
        Column("sample_gate", "Gate"),
        Column("expected_open_date", "Opens at this pace"),
        Column("guardrail_status", "Guardrails"),
        Column("verdict_sentence", "What it rests on", is_wide=True),
    ]
    told = [row | {"guardrail_status": _words(row["guardrail_status"])} for row in found]
    tables = [table("experiments", "Where each stands", "experiment_gates", told, "experiments", columns)]
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
        ungated = [row | {"experiment_verdict": _words(row["experiment_verdict"])} for row in ungated]
        tables.append(table("ungated", title, "ungated_tuning_changes", ungated, "ungated", columns))
    return tables


def stage_b(connection: Connection, feeds: Feeds) -> Section:
    """Rules with posterior and uplift, and how right the runs are."""
    drawn = [_rules(connection), _uplift(connection), _accuracy(connection), _buckets(connection)]
    cards = [card for card in drawn if card]
    question = "Which rules help, and which should go?"
    if not cards:
        came = ("stage_b_selections", "stage_b_reflections")
        return _empty("stage-b", "Stage-B rules", question, feeds, "No run yet.", *came)
    return Section("stage-b", "Stage-B rules", question, figures=cards)


def _rules(connection: Connection) -> Figure | None:
    found = rows(connection, "rules")
    if not found:
        return None
    named = [row | {"rule": row["rule_key"]} for row in found]
    _name_apart(named, "rule")
    more = found[0]["rule_count"] - len(found)
    return Figure(
        "rules",
        "Hit rate of the rules that stand, allowing for few tickets",
        "Posterior mean and 95 % interval over the hard tickets in the windows of a rule, drawn by what to do with"
        " it: that is from all tickets, because hard ones are mostly chosen for being wrong; the lowest first"
        + (f", {more:,} more in the table." if more else "."),
        [
            charts.interval_rows(
                named, "rule", "hit_rate_shrunk", "Hit rate by rule", "hits of hits and misses",
                verdict="advice", is_share=True, rule=None,
            )
        ],
        [behind("stage_b_rules_shrunk", found, "rules")],
    )  # fmt: skip


def _uplift(connection: Connection) -> Figure | None:
    found = rows(connection, "rule_uplift")
    if not found:
        return None
    named = [row | {"reflection": row["reflection_id"]} for row in found]
    _name_apart(named, "reflection")
    more = found[0]["reflection_count"] - len(found)
    return Figure(
        "rule-uplift",
        "Uplift of each reflection",
        "Change of accuracy in the groups that it speaks about less the change in the others, in points, with 95 %"
        " interval; the most harmful first" + (f", {more:,} more in the table." if more else "."),
        [
            charts.interval_rows(
                named, "reflection", "uplift", "Uplift by reflection", "uplift, points",
                verdict="verdict", is_share=False, rule=0,
            )
        ],
        [behind("stage_b_rule_uplift", found, "rule_uplift")],
    )  # fmt: skip


def _accuracy(connection: Connection) -> Figure | None:
    found = rows(connection, "stage_b_accuracy")
    if not found:
        return None
    named = [row | {"of": f"{row['mission']} {row['epoch']} ({row['run_id']})"} for row in found]
    return Figure(
        "stage-b-accuracy",
        "Accuracy by mission, epoch and run",
        "Share of the processed tickets with the right verdict, with 95 % interval.",
        [
            charts.interval_rows(
                named, "of", "acc", "Accuracy by mission, epoch and run", "right of processed", is_share=True, rule=None
            )
        ],
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
        [charts.counts(named, "bucket", "ticket_count", "Tickets by review bucket")],
        [behind("stage_b_ticket_outcomes", found, "review_buckets")],
    )


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
        Column("newest_row_at", "Newest row", "instant", is_extra=True),
        Column("stored_count", "Rows", "count"),
    ]
    told = [row | {"verdict": verdicts[row["verdict"]]} for row in standing.feeds if row["verdict"] != "not_delivered"]
    unused = len(standing.feeds) - len(told)
    title = "Age of the feeds at the night" + (f"; {unused:,} other feeds never came" if unused else "")
    tables = [table("feeds", title, "feed_freshness", told, "feeds", columns)] if told else []
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


def _age_of(feeds: Feeds, week: date) -> str:
    """Say that a week is the latest with data, and of what age if that is not the last one."""
    weeks = (feeds.as_of.date() - week).days // 7 - 1
    return "the latest week with any" + (f", {weeks:,} weeks before the night" if weeks > 1 else "")
