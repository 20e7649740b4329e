"""Back to an earlier published file, by one rename."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from learning_loop import atomic
from learning_loop.errors import Held, WrongUse
from learning_loop.night import earlier
from learning_loop.night.steps import Night, as_published, exclusive, settle
from learning_loop.terminal import run_id
from learning_loop.warehouse import read_published


def go_back(warehouse: Path, to: datetime | None = None) -> tuple[datetime | None, datetime]:
    """Publish a kept file again. What was published stays as a kept one, so that the way leads forth again too.

    A published file that cannot be opened is put beside as ``<name>.damaged``.

    Args:
        warehouse: the published file; it need not be there.
        to: the run to go back to; by default the latest kept one before the published.

    Returns:
        (the run that was published, None when its file could not be read; the run that is published now).

    Raises:
        WrongUse: nothing is kept, or not that run, or its file cannot be opened; or the published file is held.
        AnotherNightRuns: a night is running.
    """
    night = Night(landing=Path(), warehouse=warehouse, as_of=datetime.now(UTC))
    with exclusive(night):
        settle(night)
        try:
            present = read_published(warehouse).last_as_of
        except Held:
            raise
        except WrongUse:
            present = None
        run, file = _choose(warehouse, present, to)
        read_published(file)
        fresh = night.private_file
        earlier.second_name(file, fresh)  # before the present file is kept: it may bear the same run's name
        if present:
            earlier.keep(warehouse, run_id(present))
        elif warehouse.exists():
            earlier.second_name(warehouse, warehouse.with_name(f"{warehouse.name}.damaged"))
        as_published(warehouse, fresh)
        atomic.replace(fresh, warehouse)
        fresh.unlink(missing_ok=True)  # a rename between two names of one file does nothing
    return present, run


def _choose(warehouse: Path, present: datetime | None, to: datetime | None) -> tuple[datetime, Path]:
    kept = earlier.kept(warehouse)
    if not kept:
        raise WrongUse(
            f"No earlier file of {warehouse} is kept. `learning-loop nightly --keep 7` keeps the last seven; "
            "`learning-loop replay` builds one from the landing folder."
        )
    names = ", ".join(run_id(at) for at in kept)
    if to is None:
        before = [at for at in kept if present is None or at < present]
        if not before:
            raise WrongUse(f"No kept file is earlier than the published one. Kept: {names}. Name one with --to.")
        to = before[-1]
    if to not in kept:
        raise WrongUse(f"No file of the run {run_id(to)} is kept. Kept: {names}.")
    if to == present and warehouse.samefile(kept[to]):
        raise WrongUse(f"The run {run_id(to)} is the published one. Kept: {names}.")
    return to, kept[to]
