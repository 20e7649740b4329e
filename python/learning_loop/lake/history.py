"""Earlier nights of a lake: the snapshots that were published and are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import duckdb

from learning_loop.errors import WrongUse
from learning_loop.lake import catalogue, lock, publication
from learning_loop.night.difference import Files
from learning_loop.terminal import parse_instant, run_id


def kept() -> list[publication.Publication]:
    """Return what can be gone back to, the earliest first, and the published one last."""
    found = publication.published(catalogue.lake())
    last_of = {one.as_of: one for one in found}
    return sorted(last_of.values(), key=lambda one: one.number)


def go_back(to: datetime | None) -> tuple[datetime, datetime]:
    """Publish an earlier snapshot again, by one row; the next night writes back what differs from it.

    Returns:
        (the run that was published, the run that is published now).

    Raises:
        WrongUse: nothing is kept, or not that run.
        AnotherNightRuns: a night is running.
    """
    lake = catalogue.lake()
    with lock.exclusive(lake):
        found = kept()
        names = ", ".join(run_id(one.as_of) for one in sorted(found, key=lambda one: one.as_of)) or "none"
        present = found[-1] if found else None
        earlier = [one for one in found if present and one.as_of < present.as_of]
        chosen = [one for one in found if one.as_of == to] if to else sorted(earlier, key=lambda one: one.as_of)[-1:]
        if present is None or not chosen:
            what = f"of the run {run_id(to)} " if to else "that is earlier "
            raise WrongUse(f"No snapshot {what}is kept. Kept: {names}. `learning-loop nightly --keep 7` keeps seven.")
        if chosen[0] == present:
            raise WrongUse(f"The run {run_id(present.as_of)} is the published one. Kept: {names}.")
        with publication.writing(lake) as connection:
            publication.point_to(connection, chosen[0].snapshot, chosen[0].run_id, chosen[0].as_of)
    return present.as_of, chosen[0].as_of


@contextmanager
def opened_both(a: str, b: str) -> Iterator[Files]:
    """Open two kept runs, named by their instants.

    Raises:
        WrongUse: one of them is not kept, or both are one.
    """
    first, second = parse_instant(a, "A"), parse_instant(b, "B")
    if first == second:
        raise WrongUse(f"{a} and {b} are one run. Name two: `learning-loop rollback --list`.")
    with (
        publication.opened(run=first) as one,
        publication.opened(run=second) as other,
        duckdb.connect() as both,
    ):
        yield Files(one, other, both)
