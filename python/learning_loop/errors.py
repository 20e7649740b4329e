"""What can go wrong so that whoever asked must hear of it in a line; each has its exit code."""

from __future__ import annotations


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
