"""Where a night publishes: a file, or a lake, of which nothing is imported until it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from learning_loop.night.steps import Night
from learning_loop.night.steps import run as run_on_a_file
from learning_loop.warehouse import is_on_lake

QUERY = "from learning_issue_clusters order by period_key desc, score desc limit 10"
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


def next_step(warehouse: Path) -> str:
    """Return what a person types to look at the night."""
    if is_on_lake():
        from learning_loop.lake import publication

        return f"duckdb: {publication.how_to_attach()}; {QUERY}"
    return f'duckdb -readonly {warehouse} "{QUERY}"'
