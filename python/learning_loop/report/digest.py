"""The same list as the page, short: what came up, what went and what people decided since an instant; stateless.

What is sent to a chat or a mail is text of the data: each form escapes what its target would act on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from learning_loop.report.blocks import cell, shortened
from learning_loop.report.lanes import Card, read_lanes
from learning_loop.report.reading import Row, rows
from learning_loop.report.standing import Standing, alarms
from learning_loop.terminal import plain

FORMATS = ("slack", "markdown", "text")
SHOWN = 8  # entries of a kind; Slack takes 50 blocks
ABOUT_A_LINE = 300
SLACK_TEXT = 2900  # characters; a section takes 3,000
UNSEEN = "\u200b"


@dataclass(frozen=True)
class Entry:
    """One thing: its subject, what happened, and the line to paste."""

    title: str
    facts: list[str]
    command: str = ""
    count: int = 1


@dataclass(frozen=True)
class Part:
    """Entries of one kind, and how many there are in all."""

    title: str
    count: int
    entries: list[Entry]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return max(self.count - sum(entry.count for entry in self.entries), 0)


@dataclass(frozen=True)
class Digest:
    """What is new or changed since an instant, and the counts of all that is open."""

    title: str
    since: datetime
    alarms: list[str]
    counts: list[tuple[str, int]]
    parts: list[Part] = field(default_factory=list)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is new or changed."""
        return not self.parts and not self.alarms


def read_digest(connection: duckdb.DuckDBPyConnection, standing: Standing, since: datetime | None) -> Digest:
    """Return what is new or changed since an instant; without one, since the night before the last."""
    start = since or rows(connection, "digest_since")[0]["since"]
    lanes = read_lanes(connection, standing)
    parts = [
        Part(lane.title, sum(card.item_count for card in came), [_entry(card) for card in came[:SHOWN]])
        for lane in lanes
        if (came := [card for card in lane.cards if card.came and card.came > start])
    ]
    if decided := rows(connection, "digest_decided", since=start):
        entries = [Entry(row["title"], [_decided(row)]) for row in decided[:SHOWN]]
        parts.append(Part("People decided", len(decided), entries))
    if left := rows(connection, "digest_left", since=start):
        entries = [Entry(row["title"], [f"was on the list as: {row['kind_title'].lower()}"]) for row in left[:SHOWN]]
        parts.append(Part("Wants nobody any more", len(left), entries))
    counts = [(lane.title, lane.item_count) for lane in lanes]
    return Digest(f"Learning loop, {standing.night['as_of']:%A %-d %B %Y}", start, alarms(standing), counts, parts)


def write(digest: Digest, form: str) -> str:
    """Return a digest in a form of FORMATS."""
    if form == "slack":
        return json.dumps(slack(digest), ensure_ascii=False, indent=1)
    return "\n".join(markdown(digest) if form == "markdown" else text(digest)) + "\n"


def slack(digest: Digest) -> dict[str, Any]:
    """Return a message of Slack blocks; its `text` is what a notification shows."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": digest.title[:150], "emoji": False}},
        _section(_since(digest) + "\n" + _slack(_counted(digest))),
    ]
    blocks += [_section(f"*{_slack(alarm)}*") for alarm in digest.alarms[:5]]
    for part in digest.parts:
        lines = [f"*{_slack(part.title)}: {part.count:,}*"]
        for entry in part.entries:
            lines.append(f"• {_slack(shortened(entry.title, ABOUT_A_LINE))}")
            lines += [f"   {_slack(shortened(fact, ABOUT_A_LINE))}" for fact in entry.facts[:2]]
            if entry.command and "`" not in entry.command:
                lines.append(f"   `{_slack_entities(entry.command)}`")
        lines += [f"and {part.more:,} more"] if part.more else []
        blocks.append(_section("\n".join(lines)))
    if digest.is_quiet:
        blocks.append(_section("Nothing is new or changed."))
    return {"text": f"{digest.title}: {_slack(_counted(digest))}", "blocks": blocks[:50]}


def markdown(digest: Digest) -> list[str]:
    """Return the lines of a digest in Markdown."""
    from learning_loop.backlog.export import escaped

    lines = [f"# {digest.title}", "", f"{_since(digest)} {escaped(_counted(digest))}", ""]
    lines += [f"**{escaped(plain(alarm))}**\n" for alarm in digest.alarms]
    for part in digest.parts:
        lines += [f"## {escaped(part.title)}: {part.count:,}", ""]
        for entry in part.entries:
            facts = " ".join(escaped(plain(shortened(fact, ABOUT_A_LINE))) for fact in entry.facts)
            lines.append(f"- **{escaped(plain(shortened(entry.title, ABOUT_A_LINE)))}** {facts}")
            lines += [f"  `{entry.command}`"] if entry.command and "`" not in entry.command else []
        lines += [f"- and {part.more:,} more"] if part.more else []
        lines.append("")
    return lines if not digest.is_quiet else [*lines, "Nothing is new or changed."]


def text(digest: Digest) -> list[str]:
    """Return the lines of a digest for a plain mail."""
    lines = [digest.title, "", f"{_since(digest)} {_counted(digest)}", ""]
    lines += [f"! {alarm}" for alarm in digest.alarms]
    for part in digest.parts:
        lines += [f"{part.title}: {part.count:,}"]
        for entry in part.entries:
            lines.append(f"  {shortened(entry.title, ABOUT_A_LINE)}")
            lines += [f"      {shortened(fact, ABOUT_A_LINE)}" for fact in entry.facts]
            lines += [f"      {entry.command}"] if entry.command else []
        lines += [f"  and {part.more:,} more"] if part.more else []
        lines.append("")
    return [plain(line) for line in (lines if not digest.is_quiet else [*lines, "Nothing is new or changed."])]


def _entry(card: Card) -> Entry:
    return Entry(card.title, card.facts, card.commands[0][1] if card.commands else "", card.item_count)


def _decided(row: Row) -> str:
    reason = f": {row['reason']}" if row["reason"] else ""
    return f"{row['status']} by {row['actor']}, {cell(row['entered_at'], 'instant')}{reason}"


def _since(digest: Digest) -> str:
    return f"New or changed since {cell(digest.since, 'instant')} UTC."


def _counted(digest: Digest) -> str:
    if not digest.counts:
        return "Nothing wants a person."
    return "Open: " + ", ".join(f"{title.lower()} {count:,}" for title, count in digest.counts) + "."


def _section(shown: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": shortened(shown, SLACK_TEXT), "verbatim": True}}


def _slack(shown: str) -> str:
    """Escape what Slack reads as a mention, a link or an entity, and keep emphasis, code and channels from forming."""
    told = re.sub(r"@(?=\w)", "@" + UNSEEN, _slack_entities(plain(shown)).replace("`", "'"))
    return re.sub(r"(?<!\S)([*_~])(?=\S)", r"\1" + UNSEEN, told)


def _slack_entities(shown: str) -> str:
    """Escape the three characters that Slack has escaped, and no more: a command is copied as it is shown."""
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
