"""Houses whose nights are disturbed, and what must hold after each disturbance."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, Phase, settings

from house import LOADING, UNTESTED, House
from worlds import signal_at

FIRST = datetime(2026, 2, 10, 2, tzinfo=UTC)
NIGHT = timedelta(days=1)
SECOND = FIRST + NIGHT
# After a whole first night only what new events touch: every other relation stands as that night left it.
EVENTS_ONLY = [
    "--select",
    *("path:models/staging/landing", "path:models/staging/events"),
    *("path:models/intermediate/issue_clusters", "path:models/marts/issue_clusters", "path:models/marts/operations"),
    *UNTESTED,
]


class Nursery:
    """Runs nights in children of a process that has read the project once."""

    def __init__(self, root: Path, environment: dict[str, str] | None = None):
        self.root = root
        tests = Path(__file__).resolve().parents[1]
        self.process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("nursery.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "LEARNING_LOOP_SALT": "a salt for tests only",
                "PYTHONPATH": f"{tests}:{os.environ.get('PYTHONPATH', '')}",
                **(environment or {}),
            },
        )
        assert json.loads(self.process.stdout.readline()) == {"status": "ready"}

    def night(self, house: House, as_of: datetime, select: list[str], **asked: object) -> dict:
        """Run one night and return {status, error, moments}."""
        moments = self.root / f"moments-{os.getpid()}.log"
        asked |= {
            "landing": str(house.landing),
            "warehouse": str(house.warehouse),
            "as_of": as_of.isoformat(),
            "select": select,
            "moments": str(moments),
        }
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        return told | {"moments": moments.read_text().splitlines() if moments.exists() else []}

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=30)


class Disturbed:
    """A house after its first night, with the rows of the second one landed; before and after are its marts."""

    def __init__(self, root: Path, nursery: Nursery, select: list[str]):
        self.root, self.nursery, self.select = root, nursery, select
        self.house = House(root, select=LOADING)
        self.land()
        assert nursery.night(self.house, FIRST, [*self.house.select, *UNTESTED])["status"] == 0
        self.land_second()
        self.before = self.house.marts()
        self.saved = root / "saved"
        shutil.copytree(root / "warehouse", self.saved / "warehouse")
        shutil.copytree(root / "landing", self.saved / "landing")
        undisturbed = nursery.night(self.house, SECOND, select, keep=1)
        assert undisturbed["status"] == 0, undisturbed
        self.moments = undisturbed["moments"]
        self.after = self.house.marts()
        assert self.after != self.before

    def land(self) -> None:
        rows = [signal_at(FIRST - timedelta(hours=hour), hour) for hour in range(1, 9)]
        self.house.land("a.jsonl", rows)

    def land_second(self) -> None:
        rows = [signal_at(FIRST + timedelta(hours=hour), hour) for hour in range(1, 9)]
        self.house.land("b.jsonl", [*rows, "no json"])

    def restore(self) -> None:
        """Make it the morning after the first night again; the night's private folder stays as it was left."""
        for path in self.house.warehouse.parent.glob("*"):
            if not path.name.startswith("."):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.saved / "warehouse", self.house.warehouse.parent, dirs_exist_ok=True)
        shutil.rmtree(self.house.landing)
        shutil.copytree(self.saved / "landing", self.house.landing)

    def state(self) -> str:
        """Say whether what is published equals `before` or `after`; it must open."""
        first_file = self.saved / "warehouse" / self.house.warehouse.name
        if digest(first_file) == digest(self.house.warehouse):
            return "before"
        found = self.house.marts()
        return "before" if found == self.before else "after" if found == self.after else "neither"

    def next_night(self, as_of: datetime = SECOND) -> None:
        told = self.nursery.night(self.house, as_of, self.select, keep=1)
        assert told["status"] == 0, told["error"]
        assert self.house.marts() == self.after
        left = {path.name for path in self.house.warehouse.parent.iterdir()}
        name = self.house.warehouse.name
        assert left <= {name, "failed_nights.jsonl", f".{name}.lock", f".{name}.night", f"{name}.earlier"}
        private = {path.name for path in (self.house.warehouse.parent / f".{name}.night").iterdir()}
        assert private <= {"target", "logs"}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def last_failure(house: House) -> str:
    lines = house.warehouse.with_name("failed_nights.jsonl").read_text().splitlines()
    return json.loads(lines[-1])["error"]


def opens(path: Path) -> bool:
    with duckdb.connect(str(path), read_only=True) as connection:
        return bool(connection.execute("select count(*) from nightly_runs").fetchall())


def few(examples: int) -> settings:
    """The same examples each time, and no shrinking: each costs nights."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
