"""A night by several processes: what is loaded first, then two halves beside each other, then what stands on both.

DuckLake has no lock for a table: two writers of one would conflict, so no table is written by two parts. On several
machines the commands are the same; `start_run` and `finish_run` are of the first and the last part alone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from learning_loop.errors import NightFailed
from learning_loop.night.steps import Night, environment

PROCESSES = "LEARNING_LOOP_PROCESSES"
PART = "LEARNING_LOOP_PART"


def _rooms(*names: str) -> list[str]:
    return [f"path:models/{layer}/{name}" for name in names for layer in ("intermediate", "marts")]


# Every test that touches what is built last is run last, by dbt's own rule; the others when all they read is there.
LAST = [f"{room}+" for room in _rooms("backlog", "population_priors", "report")]
FIRST = [
    *("path:seeds", "path:models/semantic,resource_type:model", "path:models/staging"),
    *_rooms("policy", "operations"),
]
HALVES = [
    _rooms("editorial", "duplicates", "quality", "scoring", "tuning", "experiments"),
    _rooms("issue_clusters", "calibration", "stage_b"),
]
READY = ["--indirect-selection", "buildable"]


def selections() -> dict[str, list[str]]:
    """Return dbt's arguments for each part, in order; those whose names begin with `middle` may run side by side."""
    middle = {
        f"middle-{number}": ["--select", *half, "--exclude", *LAST, *READY] for number, half in enumerate(HALVES, 1)
    }
    return {"first": ["--select", *FIRST, *READY], **middle, "last": ["--select", *LAST]}


def is_asked() -> bool:
    """Say whether the environment asks for more processes than one."""
    return os.environ.get(PROCESSES, "1") not in ("", "1")


def build(night: Night, arguments: list[str], one: Callable[[Night, list[str]], None]) -> None:
    """Build a night in parts.

    Args:
        night: what to build.
        arguments: of dbt, for the whole.
        one: builds in this process; the halves are processes of their own.

    Raises:
        NightFailed: a part failed; the other half is let end first.
    """
    chosen = selections()
    with _part("first"):
        one(night, _both(arguments, chosen["first"]))
    with contextlib.ExitStack() as stack:
        started = [
            (name, stack.enter_context(_process(night, name, _both(arguments, chosen[name]))))
            for name in chosen if name.startswith("middle")
        ]  # fmt: skip
        said = [(process.communicate()[0], process.returncode) for _, process in started]
    if failed := [text.strip() for text, code in said if code]:
        raise NightFailed("\n".join(failed))
    with _part("last"):
        one(night, _both(arguments, chosen["last"]))


def _both(arguments: list[str], chosen: list[str]) -> list[str]:
    """Join the arguments of a night and of a part: what both exclude stands once, for the last word of dbt counts."""
    if "--exclude" not in arguments or "--exclude" not in chosen:
        return [*arguments, *chosen]
    own, part = arguments.index("--exclude") + 1, chosen.index("--exclude")
    end = next(number for number in range(part + 1, len(chosen) + 1) if chosen[number : number + 1] == [READY[0]])
    return [*arguments[:own], *chosen[part + 1 : end], *arguments[own:], *chosen[:part], *chosen[end:]]


def _process(night: Night, name: str, arguments: list[str]) -> subprocess.Popen[str]:
    """Start a half; it reads the project as the first part left it, in a folder of its own."""
    target = night.work_dir / f"target-{name}"
    target.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        shutil.copy(night.work_dir / "target/partial_parse.msgpack", target)
    own = {"DBT_TARGET_PATH": str(target), PART: "middle"}
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=night.work_dir,
        env={**os.environ, **environment(night), **own},
    )


@contextlib.contextmanager
def _part(name: str) -> Iterator[None]:
    os.environ[PART] = name
    try:
        yield
    finally:
        del os.environ[PART]


def main() -> int:
    """Build one part in the environment as it is; say on standard output why it failed."""
    from learning_loop.night import dbt_runner

    try:
        dbt_runner.listen(sys.argv[1:], lambda _: None)
    except NightFailed as error:
        print(error)
        return 1
    finally:
        shutil.rmtree(Path(os.environ["DBT_TARGET_PATH"]) / "compiled", ignore_errors=True)
        shutil.rmtree(Path(os.environ["DBT_TARGET_PATH"]) / "run", ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
