"""The landing folder: where it is, which files lie in it, and which feed each is of."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from learning_loop.landing.declaration import Feed, declared_feeds
from learning_loop.project import project_dir

ENDINGS = {".jsonl": "lines", ".jsonl.gz": "lines", ".csv": "csv", ".parquet": "parquet", "run.json": "document"}


def known_feeds() -> list[Feed]:
    """Return every feed that is declared."""
    return list(declared_feeds(project_dir()))


def landing_dir(given: Path | None = None) -> Path:
    """Return the landing folder: the option, else LEARNING_LOOP_LANDING, else ``landing``; it need not exist."""
    return (given or Path(os.environ.get("LEARNING_LOOP_LANDING") or "landing")).resolve()


def files(root: Path, feeds: Iterable[Feed]) -> Iterator[tuple[Feed, str, os.stat_result]]:
    """List the landing files of all feeds, by feed's folder and path; one that vanishes meanwhile is not there."""
    for feed, relative in landing_files(root, list(feeds)):
        try:
            stat = (root / relative).stat()
        except FileNotFoundError:
            continue
        yield feed, relative, stat


def path_pattern(path: Path) -> str:
    """Return the pattern that DuckDB's readers take for exactly this path: its glob characters are escaped."""
    return re.sub(r"[\[*?]", lambda found: f"[{found[0]}]", str(path))


def unknown_folders(root: Path, feeds: Iterable[Feed]) -> list[str]:
    """Name the folders of the landing folder that no feed reads: most often a misspelt feed."""
    tops = {feed.path_pattern.split("/", 1)[0] for feed in feeds}
    if not root.is_dir():
        return []
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir() and entry.name not in tops)


def landing_files(root: Path, feeds: list[Feed]) -> Iterator[tuple[Feed, str]]:
    """Yield each file of each feed, as its path below the landing folder, in order."""
    for top in sorted({feed.path_pattern.split("/", 1)[0] for feed in feeds}):
        paths = sorted(
            (Path(folder) / name).relative_to(root).as_posix()
            for folder, _, names in os.walk(root / top)
            for name in names
            if not name.startswith(".") and format_of(name) is not None
        )
        for relative in paths:
            for feed in feeds:
                if fnmatch.fnmatchcase(relative, feed.path_pattern):
                    yield feed, relative
                    break


def format_of(name: str) -> str | None:
    """Return how a file of this name is read: lines, csv, parquet, document; None for one that is not read."""
    return next((kind for ending, kind in ENDINGS.items() if name.endswith(ending)), None)


def modified_at(stat: os.stat_result) -> datetime:
    """Return when a file was last modified, to the microsecond, as the ledger keeps it."""
    return datetime.fromtimestamp(stat.st_mtime_ns // 1000 / 1e6, UTC)
