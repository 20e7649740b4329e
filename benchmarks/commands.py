"""What a command costs before and while it answers: seconds of CPU of the whole process, the least of five.

Usage: python benchmarks/commands.py [WAREHOUSE]; by default the published file of `make nightly`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

COMMANDS = (
    "--help", "backlog --help", "backlog list", "backlog show KEY", "backlog approve KEY --by ann", "status", "sources",
    "experiment list", "stage-b rules", "report --out PAGE",
)  # fmt: skip
TIMES = 5
PROMISED = 0.4
STALE = 4  # exit code of `status` on a file of the past


def cost(*words: str, times: int = TIMES) -> tuple[float, float, float]:
    """Return what a run of the command line costs, the least of some: CPU seconds, seconds, peak memory in MB."""
    costs = []
    for _ in range(times):
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "learning_loop.cli", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        said = process.stderr.read().decode() if process.stderr else ""  # to its end, or a full pipe would stop it
        _, status, usage = os.wait4(process.pid, 0)
        if (code := os.waitstatus_to_exitcode(status)) not in (0, STALE if words[0] == "status" else 0):
            sys.exit(f"learning-loop {shlex.join(words)} ended with {code}: {said.strip()}")
        costs.append((usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024))
    return min(costs)


def main() -> None:
    """Measure and print."""
    file = sys.argv[1] if len(sys.argv) > 1 else "warehouse/learning_loop.duckdb"
    if not Path(file).is_file():
        sys.exit(f"There is no warehouse {file}: run make nightly first, or name another.")
    with duckdb.connect(file, read_only=True) as connection:
        key = connection.execute(
            "select short_key from learning_backlog_candidates where status = 'candidate' order by candidate_key"
        ).fetchone()
    with tempfile.TemporaryDirectory() as landing, tempfile.TemporaryDirectory() as pages:
        given = {"KEY": key[0] if key else "", "PAGE": f"{pages}/report.html"}
        for command in COMMANDS:
            if "KEY" in command and not key:
                continue
            words = [given.get(word, word) for word in command.split()]
            places = [] if "--help" in words else ["--warehouse", file]
            # A landing folder of its own each time: an approved candidate is not approved again.
            has_landing = words[0] == "backlog" and bool(places)
            folders = [tempfile.mkdtemp(dir=landing) for _ in range(TIMES)]
            seconds = min(
                cost(*words, *places, *(["--landing", folder] if has_landing else []), times=1)[0] for folder in folders
            )
            print(
                f"{command:<28}  {seconds:.3f} s"
                + ("" if seconds < PROMISED or command.startswith("report") else f"  over {PROMISED}")
            )


if __name__ == "__main__":
    main()
