"""A night that kills itself at a named moment: argv is landing, warehouse, as_of, moment, and what dbt selects."""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from learning_loop import dbt_runner, night

landing, warehouse, as_of, moment, *selection = sys.argv[1:]
kind, _, number = moment.partition(":")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def step(name: str) -> None:
    if kind == "step" and name.startswith(number):
        die()


def build(tonight: night.Night, arguments: list[str]) -> None:
    def tell(tally: dbt_runner.Tally) -> None:
        if kind == "node" and tally.done >= int(number):
            die()

    dbt_runner.build(tonight, [*arguments, *selection], tell)


if kind == "before":
    function = getattr(night, number)
    setattr(night, number, lambda *_: die())
elif kind == "within":  # the call is made, and the process dies before it can note that
    owner = {"fsync": os, "replace": Path}[number]
    function = getattr(owner, number)

    def call_and_die(*arguments: object) -> None:
        function(*arguments)
        if number == "fsync" or Path(str(arguments[1])) == Path(warehouse):
            die()

    setattr(owner, number, call_and_die)

night.run(night.Night(Path(landing), Path(warehouse), datetime.fromisoformat(as_of)), build, step)
