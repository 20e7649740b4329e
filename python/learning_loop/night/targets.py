"""Where a night publishes: a file, or a lake, of which nothing is imported until it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from learning_loop.night.steps import Night
from learning_loop.night.steps import run as run_on_a_file
from learning_loop.warehouse import is_on_lake

Run = Callable[[Night, Callable[[Night, list[str]], None], Callable[[str], None]], None]


class Target(StrEnum):
    """What LEARNING_LOOP_TARGET and --target may say."""

    LOCAL = "local"
    LAKE = "lake"


def runner() -> Run:
    """Return what runs a night on the target that the environment names."""
    if is_on_lake():
        from learning_loop.lake import night

        return night.run
    return run_on_a_file


def how_to_attach() -> str | None:
    """Return the SQL by which a person attaches what a lake has published; of a file its name says it."""
    if is_on_lake():
        from learning_loop.lake import publication

        return publication.how_to_attach()
    return None
