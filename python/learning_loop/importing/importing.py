"""From the exports of a tool to files in the landing folder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from learning_loop import atomic
from learning_loop.errors import WrongUse
from learning_loop.importing import rows, sandbox
from learning_loop.importing.importer import Importer
from learning_loop.landing.declaration import Feed
from learning_loop.terminal import instant_text

MOST_PROBLEMS = 3
ANY_FEED = "rows"  # the view of an importer whose map names the feed


@dataclass(frozen=True)
class Written:
    """A file of a feed: where it lies, whether it lay there before, and what is to be known of its rows."""

    feed: str
    row_count: int
    left_out: int
    path: Path | None
    is_new: bool
    lacking: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Imported:
    """What an import did: a file for each feed that has rows, notes of the importer, and feeds nobody declared."""

    records: int
    written: list[Written]
    notes: list[str]
    undeclared: dict[str, int]


def run(
    importer: Importer, files: Sequence[Path], out: Path, feeds: Sequence[Feed], project: Path, since: datetime | None
) -> Imported:
    """Import files of one tool; nothing is written unless all of it can be.

    Raises:
        WrongUse: the files are none of that tool, or the importer or its map does not fit; nothing was written.
        OSError: the landing folder cannot be written.
    """
    for path in files:
        if not path.is_file():
            raise WrongUse(f"{path} is no file. Name the files of the export.")
    by_name = {feed.name: feed for feed in feeds}
    with sandbox.opened(files, importer) as con:
        try:
            records = _count(con, "sent")
            _refuse_problems(con, importer, records)
            notes = _notes(con)
            found, undeclared = [], {}
            for view in dict.fromkeys((*importer.feeds, ANY_FEED)):
                if not rows.columns_of(con, view):
                    continue
                feed = by_name.get(_feed_of(con, view, importer))
                if feed is None:
                    if count := _count(con, view):
                        undeclared[view] = count
                    continue
                since_text = instant_text(since) if since else None
                read = rows.read(con, view, since_text, importer.name)
                found.append(rows.as_sent(feed, read, project, importer.name, importer.values))
        except RecursionError as error:
            raise WrongUse(f"{importer.name}: a value of the export nests too deep to be read.") from error
        except duckdb.Error as error:
            raise WrongUse(f"The importer {importer.path} does not run: {sandbox.said(error)}.") from error
    if not since and not undeclared and not any(of_feed.lines or of_feed.left_out for of_feed in found):
        raise WrongUse(
            f"Nothing came out of {records:,} records of {', '.join(path.name for path in files)}. {importer.name} "
            f"expects: {importer.expects}" + "".join(f" Of the export: {note}." for note in notes)
        )
    return Imported(records, [_written(importer, of_feed, out) for of_feed in found], notes, undeclared)


def _feed_of(con: duckdb.DuckDBPyConnection, view: str, importer: Importer) -> str:
    if view != ANY_FEED:
        return view
    named = str(importer.settings.get("feed") or "")
    if not named:
        raise WrongUse(
            f"{importer.name} wants to know the feed. Say in --map: settings: {{feed: ingest_editor_labels}}, and in "
            "columns which column each of its fields is."
        )
    return named


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    found = con.execute(f'select count(*) from "{relation}"').fetchone()
    return int(found[0]) if found else 0


def _refuse_problems(con: duckdb.DuckDBPyConnection, importer: Importer, records: int) -> None:
    if not records:
        raise WrongUse("The export holds no record. Export it again, or leave it.")
    if not rows.columns_of(con, "problems"):
        return
    found = con.execute(
        "select problem, count(distinct place),"
        " (list(distinct place order by place) filter (where place is not null))[:$most] from problems"
        " where problem is not null group by problem order by count(*) desc, problem",
        {"most": MOST_PROBLEMS},
    ).fetchall()
    if found:
        raise WrongUse(
            f"This is not what {importer.name} expects: {importer.expects}\n"
            + "\n".join(
                f"{'; '.join(places or ['The export'])}"
                f"{f' and {count - len(places):,} more' if count > MOST_PROBLEMS else ''}: {problem}"
                for problem, count, places in found[:MOST_PROBLEMS]
            )
        )


def _notes(con: duckdb.DuckDBPyConnection) -> list[str]:
    if not rows.columns_of(con, "notes"):
        return []
    found = con.execute(
        "select note, count(*), min(place) from notes where note is not null group by note order by note"
    ).fetchall()
    return [f"{count:,} x (first {place}) {note}" for note, count, place in found]


def _written(importer: Importer, of_feed: rows.Rows, out: Path) -> Written:
    """Write a feed's file; its name is made of its content, so that the same rows are the same file."""
    if not of_feed.lines:
        return Written(of_feed.feed, 0, of_feed.left_out, None, False)
    content = "".join(line + "\n" for line in of_feed.lines).encode("utf-8", "replace")
    folder = out / of_feed.feed
    if folder.is_symlink():
        raise WrongUse(f"{folder} is a link and may lead out of {out}. Remove it, or choose another --out.")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{importer.name}-{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
    is_new = path.is_symlink() or not path.is_file() or path.read_bytes() != content
    if is_new:
        atomic.write(path, content, mode=0o600)
    return Written(of_feed.feed, len(of_feed.lines), of_feed.left_out, path, is_new, dict(of_feed.lacking))
