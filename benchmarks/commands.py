"""What a command costs before and while it answers: seconds of CPU of the whole process, the least of five.

Usage: python benchmarks/commands.py [WAREHOUSE]; by default the published file of `make nightly`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile

COMMANDS = ("--help", "backlog --help", "backlog list", "status", "sources", "experiment list", "stage-b rules")
TIMES = 5
PROMISED = 0.4
STALE = 4  # exit code of `status` on a file of the past


def cpu(words: list[str]) -> float:
    """Return the seconds of CPU of a run of the command line."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "learning_loop.cli", *words], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, STALE):
        sys.exit(f"learning-loop {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    file = sys.argv[1] if len(sys.argv) > 1 else "warehouse/learning_loop.duckdb"
    with tempfile.TemporaryDirectory() as landing:
        for command in COMMANDS:
            words = command.split()
            places = [] if "--help" in words else ["--warehouse", file]
            places += ["--landing", landing] if words[0] == "backlog" and places else []
            seconds = min(cpu([*words, *places]) for _ in range(TIMES))
            print(f"{command:<16}  {seconds:.3f} s" + ("" if seconds < PROMISED else f"  over {PROMISED}"))


if __name__ == "__main__":
    main()
