"""Runs dbt in this process and turns its events into progress that a person reads."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult

from learning_loop.errors import NightFailed, without_values
from learning_loop.night.steps import Night, environment
from learning_loop.project import VARIABLE, project_dir

MESSAGES_SHOWN = 5
ABOUT_EACH_MESSAGE = 1200  # characters
BROKEN = "Tests failed. "  # as the macro `hold` says it


@dataclass
class Tally:
    """What a build has done so far."""

    done: int = 0
    total: int = 0
    models: int = 0
    tests: int = 0
    now: str = ""
    failed: list[str] = field(default_factory=list)


def build(night: Night, arguments: list[str], tell: Callable[[Tally], None]) -> Tally:
    """Run `dbt` with the given arguments on the night's private file.

    Args:
        night: whose private file is built.
        arguments: as after the word `dbt`.
        tell: is called after each node with the tally so far.

    Returns:
        The final tally.

    Raises:
        NightFailed: a node failed; the message names the first ones and why.
    """
    tally = Tally()
    project = project_dir()
    os.environ.update(environment(night))
    if VARIABLE in os.environ:  # it may name a folder as it is seen from here
        os.environ[VARIABLE] = str(project)
    with contextlib.chdir(night.work_dir):  # the profile names the private file as it is seen from there
        listen(arguments, lambda event: _count(event, tally, tell))
    return tally


def listen(arguments: list[str], hear: Callable[[Any], None]) -> None:
    """Run `dbt` with the given arguments in the environment as it is, and have each of its events heard.

    Raises:
        NightFailed: a node failed; the message names the first ones and why.
    """
    places = ["--project-dir", str(project_dir()), "--profiles-dir", str(project_dir() / "profiles")]
    runner = dbtRunner(callbacks=[hear])
    try:
        result: dbtRunnerResult = runner.invoke(
            ["--quiet", "--log-level", "none", "--log-level-file", "none", *arguments, *places]
        )
    finally:
        _close()
    if isinstance(result.exception, KeyboardInterrupt):
        raise NightFailed("Interrupted. Run it again: a night begins anew from what is published.")
    if result.exception is not None:
        said = _first_lines(str(result.exception))
        if BROKEN in said:  # by the hook that holds what YAML tests
            raise NightFailed(said[said.index(BROKEN) :])
        raise NightFailed(f"dbt could not run: {said}")
    failures = [
        f"{node.node.resource_type} {node.node.name}: {_first_lines(node.message or node.status)}"
        for node in getattr(result.result, "results", [])
        if node.status in ("error", "fail") and node.node is not None
    ]
    if failures or not result.success:
        hidden = len(failures) - MESSAGES_SHOWN
        tail = [f"… and {hidden} more."] if hidden > 0 else []
        raise NightFailed("\n".join([*failures[:MESSAGES_SHOWN], *tail]) or "dbt ended without success.")


def _count(event: Any, tally: Tally, tell: Callable[[Tally], None]) -> None:
    name = event.info.name
    if name == "NodeStart":
        tally.now = event.data.node_info.node_name
    elif name in ("LogModelResult", "LogSeedResult", "LogTestResult", "LogSnapshotResult"):
        tally.total = getattr(event.data, "total", 0) or getattr(event.data, "num_models", 0) or tally.total
        tally.done += 1
        tally.models += name == "LogModelResult"
        tally.tests += name == "LogTestResult"
        if event.info.level == "error":
            tally.failed.append(event.data.node_info.node_name)
    else:
        return
    tell(tally)


def _close() -> None:
    """Close DuckDB's file: dbt leaves that to the end of the process, and the file is to be renamed before."""
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager._ENV = None


def _first_lines(message: str) -> str:
    if "Traceback (most recent call last)" in message:  # of a Python model: what went wrong stands last
        head, _, trace = message.partition("Traceback (most recent call last)")
        message = head + trace.strip().splitlines()[-1]
    text = "\n".join(
        line.strip()
        for line in message.strip().splitlines()
        if not line.lstrip().startswith(("> in macro", "> called by"))
    )
    return without_values(text)[:ABOUT_EACH_MESSAGE]
