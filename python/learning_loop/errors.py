"""What can go wrong so that whoever asked must hear of it in a line; each has its exit code."""

from __future__ import annotations

import re


class WrongUse(Exception):
    """The night cannot start as asked; the message says what was wrong, where, and what to do. Exit code 2."""


class Held(WrongUse):
    """A program that writes has the published file open."""


class NightFailed(Exception):
    """A model or a test failed; yesterday's file stands. Exit code 1."""


class AnotherNightRuns(Exception):
    """Another night holds the warehouse. Exit code 3."""


class SaltError(Exception):
    """The salt cannot be used; the message says why and what to do."""


_KIND = re.compile(
    r"\b(?:Invalid Input|Out of Range|Out of Memory|Mismatch Type|Not implemented|[A-Za-z]+) Error\b"
    r"|\b[A-Z]\w*(?:Error|Exception)(?=:)"
)
_SAYS_WHERE_ONLY = {"Runtime Error", "Database Error"}  # dbt's own word for any error, before the database's
# These speak of SQL, of files and of the machine; every other kind may quote a row.
_QUOTES_NO_ROW = {
    "Binder Error", "Catalog Error", "Parser Error", "Syntax Error", "Dependency Error", "IO Error",
    "Permission Error", "Out of Memory Error", "Compilation Error", "FileNotFoundError", "PermissionError",
    "MemoryError", "OSError",
}  # fmt: skip
_ECHO = re.compile(r"\s*(?:LINE \d+:|Original Line:|Input:|Candidate Entries:).*", re.DOTALL)
_QUOTED = re.compile(r"""["'`].*["'`]|["'`].*""", re.DOTALL)
_BARE = re.compile(r"(?<=\bvalue )\S+|\S*\d{5,}\S*|\S*@\S+")


def without_values(message: str) -> str:
    """Return an error's message without what it may quote of a row; its kind and its place stay.

    DuckDB and Python quote the value they stumble over, and it may be a person's id. From the first quotation mark to
    the last all goes, since a value may hold quotation marks itself. What speaks of SQL or of the machine keeps its
    names, but not the SQL that it echoes.
    """
    text = _ECHO.sub("", message)
    kinds = [found[0] for found in _KIND.finditer(text) if found[0] not in _SAYS_WHERE_ONLY]
    if not kinds or kinds[0] in _QUOTES_NO_ROW:
        return text
    return _BARE.sub("…", _QUOTED.sub("…", text))
