"""What a night would make of a landing folder, file by file and loop by loop: what `learning-loop check` says.

Whether a row is good is the night's own SQL (feeds/judge.py). Here it is put into words: every reason of a bad row, not
the first alone, and which known field an unknown one may be meant for.
"""

from __future__ import annotations

import difflib
import json
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from learning_loop.feeds.judge import IGNORED, LANDED, Defect, Judge
from learning_loop.feeds.schema import choices
from learning_loop.landing.copies import lines
from learning_loop.landing.declaration import Feed, Field
from learning_loop.landing.folder import known_feeds, unknown_folders
from learning_loop.landing.inventory import inventory

MOST_REASONS = 20  # of one row
REPAIRED = 200  # rows of a file whose further reasons are looked for
LIKE = 0.72  # how like a known name an unknown one must be
MEANS = {
    "not_json": "no JSON object",
    "not_utf8": "no UTF-8",
    "truncated_line": "the line breaks off",
    "line_too_long": "the line is too long",
    "ragged_record": "not as many fields as the header",
    "bad_quoting": "a quote that does not close its field",
    "too_deep": "nested deeper than 64",
    "nul_character": "it holds a NUL",
    "text_too_long": "a text of more than 1 MiB",
    "unreadable_file": "the file cannot be read",
    "unreadable_folder": "the folder cannot be read",
    "unreadable_name": "the name is no UTF-8",
    "outside_landing": "a link that leads out of the landing folder",
    "not_a_file": "no file",
    "conflicting_redelivery": "another row of the same identity says something else, and holds",
    "unreadable_instant": "{field} is no instant of ISO 8601, such as 2026-02-12T10:00:00Z",
    "instant_before_2000": "{field} lies before the year 2000",
    "missing_field": "{field} is missing",
    "missing_user": "{field} is missing",
    "missing_reject_reason": "{field} is missing: a rejection says why",
    "id_too_long": "{field} is too long",
}


@dataclass
class Reason:
    """One reason why rows of a file are quarantined: ``lines`` are those rows, ``says`` is for people.

    ``says`` never holds a value; ``value`` is one of a choice field, for the terminal alone.
    """

    reason_code: str
    detail: str | None
    says: str
    lines: list[int]
    value: str | None = field(default=None, repr=False)


@dataclass
class File:
    """What becomes of a file of the landing folder."""

    source_file: str
    feed: str | None
    rows_in: int = 0
    kept: int = 0
    redelivered: int = 0
    ignored: int = 0
    quarantined: int = 0
    has_open_line: bool = False
    not_read: str | None = None
    reasons: list[Reason] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


@dataclass
class Loop:
    """What a loop's part of the page will show; ``is_finding`` where rows that came will not count."""

    loop: str
    says: str
    is_finding: bool


@dataclass
class Checked:
    """What a night would make of a landing folder."""

    files: list[File]
    loops: list[Loop]
    unknown_folders: dict[str, str | None]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to look at."""
        files = any(file.not_read or file.quarantined or file.hints for file in self.files)
        return not (files or self.unknown_folders or any(loop.is_finding for loop in self.loops))

    def as_json(self) -> dict[str, Any]:
        """Return it without any value of a row."""
        files = [asdict(file) for file in self.files]
        for reason in (reason for file in files for reason in file["reasons"]):
            del reason["value"]
        return {
            "is_clean": self.is_clean, "files": files, "unknown_folders": self.unknown_folders,
            "loops": [asdict(loop) for loop in self.loops],
        }  # fmt: skip


def check(landing: Path, recorded: list[list[str]], as_of: datetime, salt: str | None = None) -> Checked:
    """Say what a first night at `as_of` would make of a landing folder.

    Args:
        landing: the folder; it is only read.
        recorded: the night's statements (feeds/judge.py).
        as_of: the instant of the night.
        salt: the night's, by which erased persons are known; by default one that is forgotten, which knows none.
    """
    feeds = {feed.name: feed for feed in known_feeds()}
    judge = Judge(recorded, as_of, salt, landing)
    with tempfile.TemporaryDirectory(prefix="learning-loop-check-") as folder:
        listed = inventory(landing, feeds.values(), {}, Path(folder) / "copies")
        judge.judge(listed)
        rows = {(file["feed"], file["source_file"]): file for file in listed.to_pylist()}
        counts = {
            (row[0], row[1]): row[2:]
            for row in judge.query(
                "select feed, source_file, rows_in, kept, redelivered, ignored, quarantined, has_open_line"
                " from scratch.landing_counts"
            )
        }
        bad: dict[tuple[str, str], dict[int, Defect]] = defaultdict(dict)
        for feed, source_file, row_number, code, detail in judge.query(
            "select feed, source_file, row_number, reason_code, detail from scratch.landing_quarantine order by all"
        ):
            bad[feed, source_file][row_number] = Defect(code, detail)
        files = []
        for key, listed_file in rows.items():
            feed = feeds.get(key[0])
            file = File(listed_file["source_file"], feed.name if feed else None, *counts.get(key, ()))
            if listed_file["status"] == "not_read":
                file.not_read = listed_file["reason"] or "no feed reads it"
            if feed and listed_file["copy"]:
                texts = dict(enumerate(lines(Path(listed_file["copy"])), 1))
                found = _all_reasons(judge, feed, file.source_file, texts, bad[key])
                file.reasons = _in_words(feed, found, texts)
                file.hints = _unknown_fields(feed, texts)
            elif feed:
                file.reasons = _in_words(feed, {line: [defect] for line, defect in bad[key].items()}, {})
            files.append(file)
    names = tuple(sorted({feed.path_pattern.split("/")[0] for feed in feeds.values()}))
    unknown = {name: _nearest(name, names) for name in unknown_folders(landing, feeds.values())}
    return Checked(files, _loops(judge), unknown)


def _all_reasons(
    judge: Judge, feed: Feed, source_file: str, texts: dict[int, str], first: dict[int, Defect]
) -> dict[int, list[Defect]]:
    """Return every reason of each bad row of a file.

    The judge names the first. So the field that it names is put right, as in the feed's example, and the row is judged
    again, until nothing is found or the same is found twice.
    """
    found = {line: [defect] for line, defect in first.items()}
    todo: dict[int, dict[str, Any]] = {}
    for line, defect in list(first.items())[:REPAIRED]:
        row = _parsed(texts.get(line, ""))
        if row is not None and defect.reason_code != "conflicting_redelivery" and _repair(feed, row, defect):
            todo[line] = row
    while todo:
        landed = [
            {"feed": feed.name, "source_file": source_file, "row_number": line, "raw_row": json.dumps(row)}
            for line, row in todo.items()
        ]
        again = judge.defects(feed, pa.Table.from_pylist(landed, schema=LANDED))
        for line, row in list(todo.items()):
            next_one = again.get((source_file, line)) or IGNORED
            if next_one in (IGNORED, *found[line]) or len(found[line]) == MOST_REASONS:
                del todo[line]
                continue
            found[line].append(next_one)
            if not _repair(feed, row, next_one):
                del todo[line]
    return found


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _repair(feed: Feed, row: dict[str, Any], defect: Defect) -> bool:
    """Put the field that a defect names right, as the example most like the row has it; False if it names none."""
    path = _path(feed, defect)
    if path is None:
        return False
    example = next(
        (one for one in feed.examples if _is_like(feed, one, row)), feed.examples[0] if feed.examples else {}
    )
    steps = path.split(".")
    at, right = row, example
    for step in steps[:-1]:
        inner = _as_object(at.get(step))
        at[step] = at = inner if inner is not None else {}
        right = right.get(step) if isinstance(right, dict) else None  # type: ignore[assignment]
    if isinstance(right, dict) and steps[-1] in right:
        at[steps[-1]] = json.loads(json.dumps(right[steps[-1]]))
    else:
        at.pop(steps[-1], None)
    return True


def _is_like(feed: Feed, example: dict[str, Any], row: dict[str, Any]) -> bool:
    kinds = {path for one in feed.fields for path in one.when}
    return all(example.get(path) == row.get(path) for path in kinds)


def _as_object(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        value = _parsed(value)
    return value if isinstance(value, dict) else None


def _path(feed: Feed, defect: Defect) -> str | None:
    """Return the sender's path of the field that a defect names."""
    said = (defect.detail or "").split(" ")[0]
    known = {one.path for one in feed.fields} | set(feed.required_objects)
    known |= {path.rsplit(".", depth)[0] for path in known for depth in range(1, path.count(".") + 1)}
    return said if said in known else next((path for path in known if said.startswith(path + ".")), None)


def _in_words(feed: Feed, found: dict[int, list[Defect]], texts: dict[int, str]) -> list[Reason]:
    """Return reasons with their lines, the most frequent first."""
    by_field = {one.path: one for one in feed.fields}
    grouped: dict[tuple[str, str | None, str | None], Reason] = {}
    for line, defects in sorted(found.items()):
        for defect in defects:
            one = by_field.get(defect.detail or "")
            value = None
            if defect.reason_code == "unknown_value" and one is not None and one.kind == "choice":
                sent = _value(_parsed(texts.get(line, "")) or {}, one.path)
                value = str(sent) if isinstance(sent, str | int | float) else None
            key = (defect.reason_code, defect.detail, value)
            if key not in grouped:
                grouped[key] = Reason(*key[:2], _says(feed, defect, one), [], value)
            grouped[key].lines.append(line)
    return sorted(grouped.values(), key=lambda reason: (-len(reason.lines), reason.lines[0]))


def _says(feed: Feed, defect: Defect, one: Field | None) -> str:
    name = f"`{defect.detail}`" if defect.detail else ""
    if defect.reason_code == "unknown_value" and one is not None and one.kind == "choice":
        return f"{name} is none of {', '.join(choices(one))}"
    if defect.reason_code in ("wrong_type", "confidence_out_of_range", "captured_after_timestamp", "mission_mismatch"):
        return (defect.detail or "") + (
            "" if " " in (defect.detail or "") else " is an object or a list where a text is due"
        )
    text = MEANS.get(defect.reason_code, defect.reason_code.replace("_", " ") + (": {field}" if name else ""))
    shown = text.format(field=name)
    return shown if "{field}" in text or not defect.detail else f"{shown} ({defect.detail})"


def _value(row: dict[str, Any], path: str) -> Any:
    at: Any = row
    for step in path.split("."):
        at = (_as_object(at) or {}).get(step)
    return at


def _unknown_fields(feed: Feed, texts: dict[int, str], most: int = 2000) -> list[str]:
    """Return a hint for each field that the feed does not know and that is much like one that its row lacks."""
    known = {one.path.split(".")[0] for one in feed.fields}
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line, text in list(texts.items())[:most]:
        row = _parsed(text) or {}
        for name in set(row) - known:
            if (nearest := _nearest(name, tuple(sorted(known - set(row))))) is not None:
                seen[name, nearest].append(line)
    return [
        f"{shown_lines(rows)}: `{name}` is no field of {feed.name}, and `{nearest}` is missing: is it meant?"
        for (name, nearest), rows in sorted(seen.items())
    ]


def shown_lines(rows: list[int], most: int = 5) -> str:
    """Name lines of a file, the first ones."""
    more = f" and {len(rows) - most:,} more" if len(rows) > most else ""
    return f"line{'' if len(rows) == 1 else 's'} {', '.join(map(str, rows[:most]))}{more}"


@cache
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    folded = {one.replace("_", "").lower(): one for one in known}
    close = difflib.get_close_matches(name.replace("_", "").replace("-", "").lower(), list(folded), 1, LIKE)
    return folded[close[0]] if close else None


def _loops(judge: Judge) -> list[Loop]:
    """Ask each loop's query what its page will show: feeds/loops/<loop>.sql, a row (is_finding, says) each.

    A loop whose feeds brought nothing has no table to ask.
    """
    told = []
    for path in sorted((Path(__file__).parent / "loops").glob("*.sql")):
        try:
            rows = judge.query(path.read_text("utf-8"))
        except duckdb.CatalogException:
            continue
        told += [Loop(path.stem, says, is_finding) for is_finding, says in rows if says]
    return told
