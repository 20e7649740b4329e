"""What wants a person, as cards in lanes: one card per problem, with what happened, since when, and one command."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import duckdb
from markupsafe import Markup

from learning_loop.backlog.steps import COMMANDS
from learning_loop.report import charts
from learning_loop.report.blocks import Back, cell, shortened
from learning_loop.report.reading import Row, query, rows
from learning_loop.report.standing import Standing
from learning_loop.terminal import count_of, plain

BY = '--by "$USER"'
EVIDENCE_WEEKS = 12
ABOUT_A_TITLE = 120
GOOD_VERDICTS = {"ready for approval"}
BAD_VERDICTS = {"guardrail regression", "sample ratio mismatch", "no improvement"}


@dataclass(frozen=True)
class Card:
    """One thing that wants a person.

    Attributes:
        anchor: its place on the page.
        key: what the commands call it.
        title: its subject.
        badge: a word on it, and the look of that word.
        facts: what happened, since when, what it costs: a sentence each.
        spark: half a year as a picture, and what it shows.
        example: one case in full, as names and values.
        steps: what is open before it can go on.
        people: who has it, and where it is tracked.
        tracker: the address of its issue, if it is one.
        commands: what each is for, and the line to paste; the first is what to do.
        texts: longer texts for who looks closer, with their names.
        weeks: the last weeks of the picture.
        backs: the tables and queries that it rests on.
        links: where else on the page it stands: a name and an anchor.
        item_count: for how many things it stands.
        came: since when it is on the list; None if it is on no list of the nights.
        kind: candidate, experiment or source, if it may have a page of its own; `name` is what it is called there.
    """

    anchor: str
    key: str
    title: str
    badge: tuple[str, str] | None
    facts: list[str]
    is_new: bool
    since: str
    commands: list[tuple[str, str]]
    spark: Markup | None = None
    spark_note: str = ""
    example: list[tuple[str, str]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    people: str = ""
    tracker: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)
    weeks: list[Row] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    item_count: int = 1
    came: datetime | None = None
    kind: str = ""
    name: str = ""


@dataclass(frozen=True)
class Lane:
    """Cards that want the same of a person."""

    name: str
    title: str
    hint: str
    unit: str
    cards: list[Card]
    back: Back

    @property
    def item_count(self) -> int:
        """How many things the lane holds."""
        return sum(card.item_count for card in self.cards)

    @property
    def new_count(self) -> int:
        """How many of them came up in the last night."""
        return sum(card.item_count for card in self.cards if card.is_new)


KNOWN_KINDS = {
    "feed_stopped", "regressed_fix", "reopened_candidate", "new_candidate", "drift_alarm", "calibration_alert",
    "gate_opened", "experiment_in_trouble", "source_fell", "tickets_to_review",
}  # fmt: skip
# Of problems, in the order of the page: name, title, what a person does, what is counted.
PROBLEM_LANES = (
    ("decide", "To decide", "Approve what somebody will work on; dismiss what nobody will.", "problem"),
    ("steps", "Approved, steps open", "Somebody works on these. Complete the open steps, then promote.", "problem"),
    ("ready", "Ready to promote", "All steps are complete: make it an issue of the tracker.", "problem"),
    ("fixed", "Fixed?", "Promoted. Each week tells more of whether the fix lowered the rate.", "fix"),
    ("regressed", "Regressed", "Worse, or back, after a fix: look at the fix, then reopen.", "fix"),
    ("watch", "Alerts below the backlog's bar", "Not proposed to the backlog; the reason is a command away.", "alert"),
)


def read_lanes(connection: duckdb.DuckDBPyConnection, standing: Standing) -> list[Lane]:
    """Return the lanes that hold something, in the order of the page."""
    items = {kind["kind"]: [item for item in standing.items if item["kind"] == kind["kind"]] for kind in standing.kinds}
    says_new = not standing.night["is_first_list"]
    back = Back("attention_items", query("attention"))
    lanes = [
        Lane("feeds", "Feeds that stopped", "What is below may be quiet only because of them.", "feed",
             [_feed(item, says_new) for item in items.get("feed_stopped", [])], back),
        *_problems(connection, says_new, standing.night["as_of"]),
        Lane("sources", "Sources that fell", "Their promotion rate fell by more than chance.", "source",
             [_source(item, says_new) for item in items.get("source_fell", [])], back),
        Lane("suggestions", "Suggestions", "What the labels say should change about a source.", "suggestion",
             [_asked(item, says_new) for kind in items if "suggestion_" in kind for item in items[kind]], back),
        Lane("experiments", "Experiments to read", "The gate is open, or it should not go on as it is.", "experiment",
             _experiments(connection, items.get("experiment_in_trouble", []) + items.get("gate_opened", []), says_new),
             Back("experiment_gates", query("experiments"))),
        Lane("review", "Tickets to review", "The judge was unsure, or contradicts a label.", "ticket",
             [_tickets(item, says_new) for item in items.get("tickets_to_review", [])], back),
        _doubles(rows(connection, "doubles")),
    ]  # fmt: skip
    lanes += [
        Lane(kind["kind"], kind["title"], f"{kind['next_step'].split(':')[0]}.", kind["unit"],
             [_asked(item, says_new) for item in items[kind["kind"]]], back)
        for kind in standing.kinds
        if kind["kind"] not in KNOWN_KINDS and not kind["kind"].startswith("suggestion_")
    ]  # fmt: skip
    return [lane for lane in lanes if lane.cards]


def command(*words: str) -> str:
    """Return a command line that a shell reads as these words; none if it could not be pasted as it is shown."""
    line = " ".join(word if word == BY else shlex.quote(word) for word in ("learning-loop", *words))
    return line if plain(line) == line else ""


def of_a_problem(row: Row) -> list[str]:
    """Say in a sentence each what happened, since when and whether it grows, and what an alarm or a fix says."""
    told = [_happened(row), _since(row)]
    if row["alert_kind"] == "drift_alarm":
        told.append(f"Alarm: {row['alert_detail']}.")
    if row["alert_kind"] == "calibration_alert":
        told.append(_sentence(row["alert_detail"]))
    if row["effect_in_words"]:
        told.append(_sentence(row["effect_in_words"].removesuffix(".")))
    return [text for text in told if text]


def name_of(row: Row) -> str:
    """Return the subject of a problem: a signature, or a class with its parser."""
    return f"{row['subject']} / {row['parser_version']}" if row["parser_version"] else str(row["subject"])


def commands_of(row: Row) -> list[tuple[str, str]]:
    """Return what a person can do about a problem now, the first thing first."""
    key = row["short_key"]
    if not key:
        why = ("Why is it not in the backlog?", command("backlog", "why", *_word(row["subject"])))
        return [why] if why[1] else []
    show = ("Look closer", command("backlog", "show", key))
    first = {
        "decide": ("Approve", command("backlog", "approve", key, BY)),
        "ready": ("Promote", command("backlog", "promote", key, BY)),
        "regressed": ("Reopen", command("backlog", "reopen", key, BY)),
    }.get(row["lane"])
    then = {
        "decide": ("Dismiss", command("backlog", "dismiss", key, BY)),
        "steps": ("For the tracker", command("backlog", "export", key, "--format", "gh")),
        "ready": ("For the tracker", command("backlog", "export", key, "--format", "gh")),
    }.get(row["lane"])
    return [line for line in (first, show, then) if line]


def _problems(connection: duckdb.DuckDBPyConnection, says_new: bool, as_of: datetime) -> list[Lane]:
    found = rows(connection, "problems")
    weeks: dict[tuple[str, str | None], list[Row]] = {}
    for row in rows(connection, "problem_weeks"):
        weeks.setdefault((row["subject"], row["parser_version"]), []).append(row)
    examples = {row["subject"]: row for row in rows(connection, "problem_examples")}
    bins = {(row["subject"], row["parser_version"]): row for row in rows(connection, "problem_bins")}
    back = Back("learning_backlog_candidates, attention_items", query("problems"))
    links = _links(connection)

    def card(row: Row) -> Card:
        is_cluster = row["subject_kind"] == "cluster"
        seen = weeks.get((row["subject"], row["parser_version"]), [])
        example = (
            _event(examples.get(row["subject"]))
            if is_cluster
            else _bin(bins.get((row["subject"], row["parser_version"])))
        )
        return _problem(row, seen, example, links.get((row["subject"], row["parser_version"]), []), says_new, as_of)

    return [
        Lane(name, title, hint, unit, [card(row) for row in found if row["lane"] == name], back)
        for name, title, hint, unit in PROBLEM_LANES
    ]


def _links(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str | None], list[tuple[str, str]]]:
    """Return where else on the page a subject stands, in the order of the parts below."""
    found: dict[tuple[str, str | None], list[tuple[str, str]]] = {}
    for row in rows(connection, "cluster_weeks"):
        found[row["cluster_signature"], None] = [("Among the highest clusters", "table-clusters")]
    for name, what, source in (
        ("How its alarm came to its bar", "alarm", "drift_alarms"),
        ("Its reliability and Brier score", "stream", "calibration_streams"),
    ):
        for place, row in enumerate(rows(connection, source)):
            key = row["claim_class"], row["parser_version"]
            found.setdefault(key, []).append((name, f"figure-{what}-{place}"))
    return found


def _problem(
    row: Row,
    weeks: list[Row],
    example: list[tuple[str, str]],
    links: list[tuple[str, str]],
    says_new: bool,
    as_of: datetime,
) -> Card:
    is_cluster = row["subject_kind"] == "cluster"
    name = name_of(row)
    note = ""
    if weeks:
        last = weeks[-1]
        what = "Events" if is_cluster else "Share of claims that were wrong"
        bar = (
            f"{last['bar']:,.0f}, the least of a cluster"
            if is_cluster
            else f"{charts.percent(last['bar'])}, as promised"
        )
        note = f"{what}, {charts.SPARK_WEEKS} weeks to {latest_week(last, as_of)}; dashed: {bar}"
    steps = [
        f"{title}: {COMMANDS[step].format(key=row['short_key'])}" if step in COMMANDS else title
        for step, title in zip(row["open_step_ids"], row["open_steps"], strict=True)
        if step != "human_approval_gate"
    ]
    texts = [("Hypothesis", row["root_cause_hypothesis"]), ("How to go about it", row["design"])]
    ref = row["issue_ref"] or ""
    table = "learning_issue_clusters" if is_cluster else "extraction_calibration_metrics"
    return Card(
        anchor=f"p-{row['problem']}" if row["short_key"] else "",
        key=row["short_key"] or "",
        title=name,
        badge=_badge(row),
        facts=of_a_problem(row),
        is_new=bool(row["is_new"]) and says_new,
        since=cell(row["since"], "day") if row["since"] else "",
        commands=commands_of(row),
        spark=charts.spark(weeks, f"{note}: {name}", not is_cluster) if weeks else None,
        spark_note=note,
        example=example,
        steps=steps if row["lane"] in ("steps", "decide") else [],
        people=_people(row),
        tracker=ref if ref.startswith("https://") and not any(char.isspace() for char in ref) else "",
        texts=[(title, text) for title, text in texts if text],
        weeks=weeks[-EVIDENCE_WEEKS:],
        backs=[Back(table, _sql_of(row))],
        links=links,
        came=row["since"],
        kind="candidate" if row["short_key"] else "",
        name=row["short_key"] or "",
    )


def latest_week(week: Row, as_of: datetime) -> str:
    """Return the key of the latest week with data, and say where it is not over: it looks like a fall then."""
    ends_on = week["period_starts_on"] + timedelta(weeks=week["weeks_ago"] + 1)
    return str(week["last_period_key"]) + ("" if ends_on <= as_of.date() else ", which is not over")


def _badge(row: Row) -> tuple[str, str] | None:
    if row["lane"] == "regressed":
        return "regressed", "bad"
    if row["lane"] == "fixed":
        told = (row["effect"] or "cannot_tell").replace("_", " ")
        return told, {"lowered": "good", "worse": "bad"}.get(told, "unsure")
    return (row["priority"], "plain") if row["priority"] else ("alert", "plain")


def _happened(row: Row) -> str:
    if row["subject_kind"] == "cluster":
        if row["event_count"] is None:
            return f"Last seen in {row['period_key']}."
        return (
            f"{count_of(row['event_count'], 'event')} of {_people_count(row['unique_users'])} in {row['period_key']},"
            f" mostly {row['signal_type']}; {count_of(row['all_event_count'] or row['event_count'], 'event')} in all."
        )
    if row["claim_count"] is None:
        return ""
    return (
        f"{row['wrong_count']:,} of {count_of(row['claim_count'], 'claim')} wrong in {row['claims_period_key']};"
        f" its confidences promise {charts.percent(row['wrong_share_promised'])}."
    )


def _since(row: Row) -> str:
    if not row["week_count"]:
        return ""
    return f"{count_of(row['week_count'], 'week')}, since {row['first_period_key']}{_trend(row)}."


def _trend(row: Row) -> str:
    before = f"the {row['trend_weeks']} weeks before" if row["trend_weeks"] else "the weeks before"
    if row["trend_ratio"] is not None:
        ratio = f"{row['trend_ratio']:.1f} times"
        span = f"{row['trend_ratio_lower']:.1f} to {row['trend_ratio_upper']:.1f}"
        if row["trend"] == "rising":
            return f"; up, {ratio} {before} ({span})"
        if row["trend"] == "falling":
            return f"; down, {ratio} {before} ({span})"
        return f"; no clear trend, {ratio} {before} ({span})"
    if row["trend_difference"] is not None:
        change = 100 * row["trend_difference"]
        if row["trend"] in ("rising", "falling"):
            return f"; wrong {'more' if change > 0 else 'less'} often than in {before}, by {abs(change):.0f} points"
        return f"; no clear trend ({change:+.0f} points on {before})"
    return f"; new: there was none in {before}" if row["is_new_trend"] else ""


def _people(row: Row) -> str:
    parts = []
    if row["decided_by"]:
        parts.append(f"{row['status'].capitalize()} by {row['decided_by']} on {cell(row['status_changed_at'], 'day')}")
    if row["issue_ref"]:
        parts.append(f"issue {row['issue_ref']}")
    return ", ".join(parts)


def _people_count(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _event(example: Row | None) -> list[tuple[str, str]]:
    if example is None:
        return []
    known = {
        "event": f"{example['event_id']}, {cell(example['captured_at'], 'instant')}",
        "signal": example["signal_type"],
        "issue": example["issue_type"],
        "phase": example["workflow_phase"],
        "invariant": example["invariant_id"],
        "version": example["agent_version"],
        "attributes": example["attributes"],
    }
    return [(name, str(value)) for name, value in known.items() if value]


def _bin(found: Row | None) -> list[tuple[str, str]]:
    if found is None:
        return []
    return [
        ("said", f"{charts.percent(found['mean_confidence'])} sure, {count_of(found['sample_count'], 'claim')}"),
        ("was", f"{found['correct_count']:,} of them right, in {found['period_key']}"),
    ]


def _feed(item: Row, says_new: bool) -> Card:
    return _listed(item, says_new, [("What it is for", command("feeds", "show", *_word(item["item_key"])))], "bad")


def _tickets(item: Row, says_new: bool) -> Card:
    run, _, mission = item["item_key"].partition("/")
    line = command("stage-b", "review", f"--run={run}", f"--mission={mission}")
    return _listed(item, says_new, [("Look at them", line)])


def _doubles(groups: list[Row]) -> Lane:
    """Return the groups of candidates that say the same and wait for an editor, the largest first."""
    hint = ""
    if groups:
        of_all = groups[0]
        hint = (
            f"Candidates that say the same: {of_all['grouped_count']:,}, in {count_of(of_all['group_count'], 'group')}"
            f" by {count_of(of_all['pair_count'], 'pair')}. In these somebody has yet to decide: name the one that"
            " stays as duplicate_of in the labels of the others."
        )
    return Lane(
        "doubles", "Duplicates to decide", hint, "group", [_double(group) for group in groups],
        Back("idea_candidates, duplicate_pairs, ingest_editor_labels", query("doubles")),
    )  # fmt: skip


def _double(group: Row) -> Card:
    first, last = (cell(group[name], "day") for name in ("first_created_at", "last_created_at"))
    source = group["source_key"] if group["source_count"] == 1 else count_of(group["source_count"], "source")
    days = f"on {first}" if first == last else f"from {first} to {last}"
    facts = [f"{group['open_count']:,} of {group['candidate_count']:,} wait for a decision; of {source}, {days}."]
    if group["other_titles"]:
        facts.append(
            "Also: " + "; ".join(f"“{shortened(title, ABOUT_A_TITLE)}”" for title in group["other_titles"]) + "."
        )
    sql = (
        "select candidate_id, source_key, title, source_url, created_at from idea_candidates\n"
        f"where duplicate_group = {_quote(group['duplicate_group'])}\norder by created_at, candidate_id"
    )
    return Card(
        anchor="", key="", title=group["title"], badge=(f"{group['candidate_count']:,} candidates", "plain"),
        facts=facts, is_new=False, since="", commands=[], backs=[Back("idea_candidates", sql)],
    )  # fmt: skip


def _listed(item: Row, says_new: bool, lines: Sequence[tuple[str, str]], look: str = "plain") -> Card:
    counted = (f"{item['item_count']:,}", "plain") if item["item_count"] > 1 else None
    return Card(
        anchor="", key="", title=item["title"], badge=("stopped", "bad") if look == "bad" else counted,
        facts=[_sentence(item["detail"])],
        is_new=bool(item["is_new"]) and says_new, since=cell(item["since"], "day"),
        commands=[line for line in lines if line[1]], item_count=item["item_count"], came=item["since"],
    )  # fmt: skip


def _source(item: Row, says_new: bool) -> Card:
    pause = command("source", "pause", BY, "--reason", "its promotion rate fell", *_word(item["item_key"]))
    lines = [("See all sources", command("sources")), ("Pause it", pause)]
    card = _listed(item, says_new, lines)
    return replace(card, badge=("fell", "bad"), kind="source", name=item["item_key"])


def _asked(item: Row, says_new: bool) -> Card:
    """A thing of any other kind: its next step is the command, if that needs no more than its key."""
    step, _, line = item["next_step"].partition(": ")
    words = line.split()
    if words[:1] != ["learning-loop"] or {"FILE", "KEY"} & set(words):
        table = item["look_in"]
        return replace(_listed(item, says_new, []), backs=[Back(table, f"from {table}")])
    given = [word for name in words[1:] for word in (_word(item["item_key"]) if name == "ID" else [name])]
    if words[1:2] == ["suggestion"] and words[2:3] != ["show"]:
        given[1], step = "show", "Look closer"
    return _listed(item, says_new, [(step, command(*given))])


def _experiments(connection: duckdb.DuckDBPyConnection, items: list[Row], says_new: bool) -> list[Card]:
    gates = {row["experiment_id"]: row for row in rows(connection, "experiments")}
    return [_experiment(item, gates.get(item["item_key"]), says_new) for item in items]


def _experiment(item: Row, gate: Row | None, says_new: bool) -> Card:
    verdict = gate["verdict"].replace("_", " ") if gate else item["detail"].partition(":")[0]
    look = "good" if verdict in GOOD_VERDICTS else "bad" if verdict in BAD_VERDICTS else "unsure"
    show = command("experiment", "show", *_word(item["item_key"]))
    fact = gate["verdict_sentence"] if gate and gate["verdict_sentence"] else _sentence(item["detail"])
    return Card(
        anchor="", key="", title=item["title"], badge=(verdict, look), facts=[fact],
        is_new=bool(item["is_new"]) and says_new, since=cell(item["since"], "day"),
        commands=[("What it rests on", show)] if show else [], came=item["since"],
        kind="experiment", name=item["item_key"],
    )  # fmt: skip


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _word(value: str) -> list[str]:
    """Return an argument as the words that a command takes it from: one that looks like an option comes after `--`."""
    return ["--", value] if value.startswith("-") else [value]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sql_of(row: Row) -> str:
    if row["subject_kind"] == "cluster":
        return (
            "from learning_issue_clusters\n"
            f"where period_granularity = 'week' and cluster_signature = {_quote(row['subject'])}\n"
            "order by period_starts_on desc"
        )
    return (
        "from extraction_calibration_metrics\n"
        f"where period_granularity = 'week' and claim_class = {_quote(row['subject'])}"
        f" and parser_version = {_quote(row['parser_version'] or '')}\n"
        "order by period_starts_on desc"
    )
