"""A process that has dbt imported and the project read, and forks a child for each night that is asked for.

A line of JSON on stdin asks: {landing, warehouse, as_of, select, keep, moments, kill_at, delay, file_limit, at, do,
environment, clock, command, output, is_bound, patience}. The child notes every moment it passes (steps, nodes, and the
calls that change a file) in the file `moments`; at the moment number `kill_at` it is killed with SIGKILL, `delay`
seconds later. `at` and `do` name a moment and what happens to a landing file there. `command` asks for the command
`learning-loop nightly` instead of its steps, its words go to the file `output`; `is_bound` takes from the child what
lets root read everything. A child that takes longer than `patience` seconds hangs. A line of JSON answers: {status,
error, memory}: the exit code (negative: the signal), and the peak in bytes.
"""

from __future__ import annotations

import ctypes
import functools
import json
import os
import resource
import shutil
import signal
import struct
import sys
import threading
import time
import traceback
from datetime import datetime
from pathlib import Path


def fork(asked: dict) -> dict:
    out = Path(asked["moments"]).with_suffix(".error")
    out.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        try:
            child_night(asked)
            os._exit(0)
        except SystemExit as ended:
            sys.stdout.flush()
            out.write_text("".join(Path(asked["output"]).read_text(errors="replace").splitlines(keepends=True)[-8:]))
            os._exit(int(ended.code or 0))
        except BaseException as error:
            known = type(error).__name__ in ("WrongUse", "Held", "AnotherNightRuns", "NightFailed")
            where = "" if known else "".join(traceback.format_tb(error.__traceback__)[-3:])
            out.write_text(f"{type(error).__name__}: {error}\n{where}")
            os._exit({"WrongUse": 2, "Held": 2, "AnotherNightRuns": 3, "NightFailed": 1}.get(type(error).__name__, 70))
    deadline = time.monotonic() + asked.get("patience", 900)
    while time.monotonic() < deadline:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            error = out.read_text() if out.exists() else ""
            return {"status": code, "error": error, "memory": used.ru_maxrss * 1024}
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return {"status": "hangs", "error": "", "memory": 0}


def child_night(asked: dict) -> None:
    from house import build
    from learning_loop.night import steps

    notes = os.open(asked["moments"], os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    passed = 0
    lock = threading.Lock()

    def moment(name: str) -> None:
        nonlocal passed
        with lock:
            os.write(notes, name.encode() + b"\n")
            passed += 1
            number = passed
        if asked.get("at") and name.startswith(asked["at"]):
            asked.pop("at")
            happen(asked["do"])
        if number == asked.get("kill_at"):
            if asked.get("delay"):
                threading.Timer(asked["delay"], os.kill, (os.getpid(), signal.SIGKILL)).start()
            else:
                os.kill(os.getpid(), signal.SIGKILL)

    def noted(owner, name: str) -> None:
        usual = getattr(owner, name)

        @functools.wraps(usual)
        def call(*arguments, **named):
            moment(f"before {name}")
            found = usual(*arguments, **named)
            moment(f"after {name}")
            return found

        setattr(owner, name, call)

    for name in ("settle", "prepare", "checkpoint", "compact", "publish"):
        noted(steps, name)
    for name in ("keep", "forget_all_but"):
        noted(steps.earlier, name)
    for owner, name in ((os, "fsync"), (Path, "replace"), (shutil, "copyfile"), (os, "link")):
        noted(owner, name)
    if asked.get("clock"):
        step_clock_back(asked["clock"])
    os.environ.update(asked.get("environment") or {})
    if asked.get("file_limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["file_limit"], asked["file_limit"]))

    def tell(tally) -> None:
        moment(f"node {tally.now} ({tally.done} done)")

    if asked.get("output"):
        words = os.open(asked["output"], os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(words, 1)
        os.dup2(words, 2)
    if asked.get("is_bound"):
        drop_capabilities()
    if asked.get("command"):
        run_command(asked)
        return
    tonight = steps.Night(
        Path(asked["landing"]),
        Path(asked["warehouse"]),
        datetime.fromisoformat(asked["as_of"]),
        keep=asked.get("keep"),
        may_be_ahead=True,
    )
    steps.run(
        tonight,
        lambda at, arguments: build(at, [*arguments, *asked["select"]], tell),
        lambda name: moment(f"step {name}"),
    )


def drop_capabilities() -> None:
    """Make permissions bind this process even where it is root's: capset(2) with nothing left."""
    libc = ctypes.CDLL(None, use_errno=True)
    version_3 = struct.pack("<Ii", 0x20080522, 0)
    if libc.capset(version_3, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def run_command(asked: dict) -> None:
    """Run `learning-loop nightly` on what the nursery has read of the project, and only on what is selected."""
    from dbt.cli.main import dbtRunner

    from house import manifest
    from learning_loop.cli import main as command
    from learning_loop.night import dbt_runner

    usual = dbt_runner.build
    dbt_runner.dbtRunner = functools.partial(dbtRunner, manifest())
    dbt_runner.build = lambda night, arguments, tell: usual(
        night, [*arguments, "--no-write-json", *asked["select"]], tell
    )
    sys.argv = ["learning-loop", *asked["command"]]
    command()


def happen(deeds: list[list[str]]) -> None:
    """Do to landing files what somebody else does while a night reads them."""
    for deed, path, *other in deeds:
        file = Path(path)
        if deed == "append":
            with file.open("a", encoding="utf-8") as out:
                out.write(other[0])
        elif deed == "shrink":
            os.truncate(file, file.stat().st_size // 2)
        elif deed == "vanish":
            file.unlink()
        elif deed == "replace":
            Path(other[0]).replace(file)


def step_clock_back(seconds: int) -> None:
    """From the first publication step on, the machine's clock shows an earlier time."""
    from learning_loop.night import steps

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            from datetime import timedelta

            return datetime.now(tz) - timedelta(seconds=seconds)

    steps.datetime = Clock
    usual = time.time
    time.time = lambda: usual() - seconds


def main() -> None:
    from house import manifest

    manifest()
    print(json.dumps({"status": "ready"}), flush=True)
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
