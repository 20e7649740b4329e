"""The landing folder: where it is, what lies in it, and what becomes of each entry: the one gate that all pass.

A folder can hold anything: pipes, links, names of no text, folders that nobody may enter. Nothing of it is opened here;
`entries` says of each entry whether it is read, and as what, or why not.
"""

# Names that are no UTF-8 and errors of each call: `os` says both, pathlib hides some.
# ruff: noqa: PTH116, PTH118, PTH120

from __future__ import annotations

import errno
import fnmatch
import os
import re
import stat as modes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from learning_loop.errors import WrongUse
from learning_loop.landing.declaration import Feed, declared_feeds
from learning_loop.project import project_dir

KINDS = {".jsonl": "lines", ".ndjson": "lines", ".json": "json", ".csv": "csv"}  # each also with .gz
WRITERS_ENDINGS = (".tmp", ".part", "~")
NO_FEED = "(none)"  # what the ledger calls the feed of a file that lies beside the feeds
NO_STAT = os.stat_result((0,) * 10)


@dataclass(frozen=True)
class Entry:
    """An entry of the landing folder and what becomes of it.

    ``source_file`` is its path below the folder, as the ledger shows it, and ``path`` as the file system has it;
    ``feed`` is None beside the feeds. ``kind``
    says how a file is read (lines, json, csv, document, parquet); a folder that was entered is of kind ``folder``.
    Without a kind it is not read: ``defect`` is the reason of its one row in quarantine, and where that is None too,
    ``reason`` says why a file is left alone.
    """

    feed: Feed | None
    source_file: str
    stat: os.stat_result = field(default=NO_STAT, compare=False)
    kind: str | None = None
    defect: str | None = None
    reason: str = ""
    path: str = field(default="", compare=False)


def known_feeds() -> list[Feed]:
    """Return every feed that is declared."""
    return list(declared_feeds(project_dir()))


def landing_dir(given: Path | None = None) -> Path:
    """Return the landing folder: the option, else LEARNING_LOOP_LANDING, else ``landing``; it need not exist."""
    return (given or Path(os.environ.get("LEARNING_LOOP_LANDING") or "landing")).resolve()


def must_be_listable(root: Path) -> None:
    """Raise WrongUse unless the landing folder is there and can be listed and entered."""
    try:
        with os.scandir(root) as found:
            for entry in found:
                entry.stat(follow_symlinks=False)
                break
    except FileNotFoundError as error:
        raise WrongUse(
            f"The landing folder {root} does not exist. Name it with --landing or LEARNING_LOOP_LANDING."
        ) from error
    except OSError as error:
        raise WrongUse(
            f"The landing folder {root} cannot be read: {error.strerror}. Let the night's user list and enter it, or "
            "name another with --landing."
        ) from error


def files(root: Path, feeds: Iterable[Feed]) -> Iterator[tuple[Feed, str, os.stat_result]]:
    """List the files of all feeds that are read, by path."""
    for entry in entries(root, feeds):
        if entry.feed is not None and entry.kind not in (None, "folder"):
            yield entry.feed, entry.source_file, entry.stat


def landing_files(root: Path, feeds: Iterable[Feed]) -> Iterator[tuple[Feed, str]]:
    """Yield each file of each feed that is read, as its path below the landing folder, in order."""
    for feed, relative, _ in files(root, feeds):
        yield feed, relative


def path_pattern(path: Path) -> str:
    """Return the pattern that DuckDB's readers take for exactly this path: its glob characters are escaped."""
    return re.sub(r"[\[*?]", lambda found: f"[{found[0]}]", str(path))


def has_pattern(path: Path) -> bool:
    """Say whether DuckDB can be told the path: in one that needs escapes, a backslash parts folders."""
    return "\\" not in str(path) or not re.search(r"[\[*?]", str(path))


def unknown_folders(root: Path, feeds: Iterable[Feed]) -> list[str]:
    """Name the folders of the landing folder that no feed reads: most often a misspelt feed."""
    tops = {_top(feed) for feed in feeds}
    if not root.is_dir():
        return []
    return sorted(shown(entry.name) for entry in root.iterdir() if entry.is_dir() and entry.name not in tops)


def entries(root: Path, feeds: Iterable[Feed], is_whole: bool = False) -> list[Entry]:
    """Return what lies in the landing folder and what becomes of it, by path; of a writer's unfinished files nothing.

    Links are followed where they stay inside the folder, and to a folder once: its own name comes first. Of a folder of
    several feeds that cannot be read there is an entry for each of them. An absent landing folder is empty.

    Args:
        root: the landing folder.
        feeds: those that are read.
        is_whole: with what is a writer's, which no night reads: for who must look into everything.
    """
    listed = _Listing(root, list(feeds))
    if root.is_dir():
        listed.walk()
        if is_whole:
            listed.walk_passed_over()
    named = _with_shown_names(listed.found)
    return sorted(named, key=lambda entry: (entry.source_file, entry.feed.name if entry.feed else ""))


def shown(name: str) -> str:
    """Return a file's name as text: bytes that are no UTF-8 as escapes, and then backslashes doubled."""
    try:
        name.encode()
        return name
    except UnicodeEncodeError:
        return name.replace("\\", "\\\\").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def kind_of(name: str) -> str | None:
    """Return how a file of this name is read: lines, json, csv, parquet, document; None for one that is not read."""
    if name == "run.json":
        return "document"
    lower = name.lower()
    if lower.endswith(".parquet"):
        return "parquet"
    plain = lower.removesuffix(".gz")
    return next((kind for ending, kind in KINDS.items() if plain.endswith(ending)), None)


def is_writers(name: str) -> bool:
    """Say whether a name is of a file that is not delivered yet: hidden, or a writer's unfinished one."""
    return name.startswith(".") or name.lower().endswith(WRITERS_ENDINGS)


def modified_at(stat: os.stat_result) -> datetime:
    """Return when a file was last modified, to the microsecond, as the ledger keeps it."""
    try:
        return datetime.fromtimestamp((stat.st_mtime_ns or 0) // 1000 / 1e6, UTC)
    except (OverflowError, ValueError, OSError):  # a file system may hold any number
        return datetime.fromtimestamp(0, UTC)


def _top(feed: Feed) -> str:
    return feed.path_pattern.split("/", 1)[0]


class _Listing:
    """One walk through the landing folder."""

    def __init__(self, root: Path, feeds: list[Feed]) -> None:
        self.root = root
        self.feeds = feeds
        self.real_root = os.path.realpath(root)
        self.found: list[Entry] = []
        self.entered: set[tuple[str, int, int]] = set()
        self.linked: list[tuple[str, os.stat_result]] = []
        self.passed_over: list[str] = []
        self.is_of_writers = False

    def walk(self) -> None:
        """Look at all folders under their own names, then at those that links lead to."""
        self._walk([""])

    def walk_passed_over(self) -> None:
        """Look at what is a writer's as well: last, so that what is read under another name is known as read."""
        self.is_of_writers = True
        self._walk([relative for relative in self.passed_over if self._entry(relative)])

    def _walk(self, todo: list[str]) -> None:
        while todo or self.linked:
            if todo:
                todo += self._folder(todo.pop())
                continue
            relative, stat = self.linked.pop()
            if self._key(relative, stat) in self.entered:
                self._add(relative, stat, reason="a link to a folder that is read under another name")
            else:
                todo.append(relative)

    def _key(self, relative: str, stat: os.stat_result) -> tuple[str, int, int]:
        return relative.split("/", 1)[0], stat.st_dev, stat.st_ino

    def _folder(self, relative: str) -> list[str]:
        """Look at the entries of one folder and return those that are folders themselves."""
        path = os.path.join(self.root, relative)
        inner, taken = [], len(self.found)
        try:
            stat = os.stat(path)
            with os.scandir(path) as listed:
                names = sorted(entry.name for entry in listed)
            if relative:
                self.entered.add(self._key(relative, stat))
                self._add(relative, stat, kind="folder")
            for name in names:
                below = f"{relative}/{name}" if relative else name
                if is_writers(name) and not self.is_of_writers:
                    self.passed_over.append(below)
                elif self._entry(below):
                    inner.append(below)
        except FileNotFoundError:  # it went meanwhile
            return []
        except OSError as error:
            del self.found[taken:]
            self._add(relative, NO_STAT, defect=_unreadable(error, "unreadable_folder"))
            return []
        return inner

    def _entry(self, relative: str) -> bool:
        """Look at one entry and say whether it is a folder to enter.

        Raises:
            PermissionError: nothing can be said of any entry, because the folder may be listed but not entered.
        """
        name = relative.rsplit("/", 1)[-1]
        try:
            stat = os.lstat(os.path.join(self.root, relative))
        except PermissionError:
            raise
        except FileNotFoundError:  # it went meanwhile
            return False
        except OSError as error:
            self._add(relative, NO_STAT, defect=_unreadable(error, _unreadable_as(name)))
            return False
        if shown(name) != name:
            self._add(relative, stat, defect="unreadable_name")
        elif modes.S_ISDIR(stat.st_mode):
            return True
        elif modes.S_ISLNK(stat.st_mode):
            self._link(relative, stat)
        else:
            self._file(relative, stat)
        return False

    def _link(self, relative: str, link: os.stat_result) -> None:
        try:
            target = os.path.realpath(os.path.join(self.root, relative), strict=True)
            if not _is_within(os.path.join(target, "x"), self.real_root):
                self._add(relative, link, defect="outside_landing")
                return
            stat = os.lstat(target)
        except (FileNotFoundError, NotADirectoryError):
            self._add(relative, link, defect="not_a_file")
        except OSError as error:
            self._add(relative, link, defect="not_a_file" if error.errno == errno.ELOOP else _unreadable(error))
        else:
            if modes.S_ISDIR(stat.st_mode) and _is_within(os.path.join(self.root, relative), target):
                self._add(relative, link, defect="not_a_file")  # it leads to itself
            elif modes.S_ISDIR(stat.st_mode):
                self.linked.append((relative, stat))
            else:
                self._file(relative, stat)

    def _file(self, relative: str, stat: os.stat_result) -> None:
        if not modes.S_ISREG(stat.st_mode):
            self._add(relative, stat, defect="not_a_file")
            return
        kind = kind_of(relative.rsplit("/", 1)[-1])
        if self.is_of_writers:
            self._add(relative, stat, reason="a writer's, not delivered yet")
        elif kind is None:
            self._add(relative, stat, reason="no form that is read ends so")
        elif not any(fnmatch.fnmatchcase(relative, feed.path_pattern) for feed in self.feeds):
            self._add(relative, stat, reason="no feed reads it")
        else:
            self._add(relative, stat, kind=kind)

    def _add(
        self, relative: str, stat: os.stat_result, kind: str | None = None, defect: str | None = None, reason: str = ""
    ) -> None:
        top = [feed for feed in self.feeds if _top(feed) == relative.split("/", 1)[0]]
        fitting = [feed for feed in self.feeds if fnmatch.fnmatchcase(relative, feed.path_pattern)]
        if relative in {_top(feed) for feed in top}:  # the folder of feeds itself: what befalls it befalls each
            of: list[Feed | None] = list(top)
        else:
            of = [(fitting or top or [None])[0]]  # type: ignore[list-item]
        for feed in of:
            if feed is None and defect:  # beside the feeds there is no feed that could hold its row
                self.found.append(Entry(None, relative, stat, reason=f"no feed reads it: {defect}"))
            else:
                self.found.append(Entry(feed, relative, stat, kind, defect, reason))


def _is_within(path: str, folder: str) -> bool:
    """Say whether the real place of an entry lies below a real folder."""
    return (os.path.realpath(os.path.dirname(path)) + "/").startswith(folder.rstrip("/") + "/")


def _unreadable(error: OSError, otherwise: str = "unreadable_file") -> str:
    return "unreadable_name" if error.errno == errno.ENAMETOOLONG else otherwise


def _unreadable_as(name: str) -> str:
    """Return how an entry is called of which nothing is known but its name, such as a mount that was closed."""
    return "unreadable_folder" if kind_of(name) is None else "unreadable_file"


def _with_shown_names(found: list[Entry]) -> Iterator[Entry]:
    """Yield entries with names that can be shown, each another: escapes may read like another file's name."""
    taken = {entry.source_file for entry in found if shown(entry.source_file) == entry.source_file}
    for entry in found:
        name = shown(entry.source_file)
        if name != entry.source_file:
            while name in taken:
                name += "'"
            taken.add(name)
        yield replace(entry, source_file=name, path=entry.source_file)
