"""Whatever lies in the landing folder: no night stops or hangs, nothing vanishes, and no person leaks."""

from __future__ import annotations

import math
import os
import shutil
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from entries import KINDS, SALT, Entry, cuts, entries, truncations
from laws import broken, land_good, leaks

from house import LOADING, SIGNALS, UNTESTED, House, selection

ENTRIES = int(os.environ.get("FAULTS_ENTRIES", "2000"))
ENTRIES_A_NIGHT = 25
SEED = int(os.environ.get("FAULTS_SEED", "14"))
AS_OF = datetime.fromisoformat("2026-02-10T02:00:00+00:00")
CUTS = truncations()


class Door:
    """A house that is visited by hostile entries, night after night."""

    def __init__(self, root: Path, nursery, is_bound: bool):
        self.root, self.nursery, self.is_bound = root, nursery, is_bound
        self.house = House(root, select=SIGNALS)
        self.house.warehouse.parent.mkdir()
        salt = self.house.warehouse.with_name("learning_loop.salt")
        salt.write_text(SALT + "\n")
        salt.chmod(0o600)
        land_good(self.house.landing)
        self.there: list[Entry] = []
        self.nights = 0

    def night(self, fresh: list[Entry]) -> list[str]:
        """Let entries of the night before become what they become, add fresh ones, and return what went wrong."""
        second = {entry.tag for entry in self.there}
        landing = os.fsencode(self.house.landing)
        for entry in self.there:
            if entry.then:
                entry.then(landing + b"/" + entry.path)
        for entry in fresh:
            entry.make(landing + b"/" + entry.path)
        told = self.run()
        leaked = leaks(self.root, self.house)
        if told["status"] != 0:
            return [f"night: {told['status']}: {told['error']}", *leaked]
        wrong = [*broken(self.house, [*self.there, *fresh], second), *leaked]
        self.there = fresh  # what came earlier is judged no more: its rows are as they are
        return wrong

    def run(self, select: list[str] | None = None, **disturbed: object) -> dict:
        """Run the first night as the command does, with all that it says; the others build less, unless it is said."""
        at = AS_OF + timedelta(days=self.nights)
        self.nights += 1
        places = ["--landing", str(self.house.landing), "--warehouse", str(self.house.warehouse)]
        is_first = self.nights == 1
        return self.nursery.night(
            self.house,
            at,
            [*(selection(SIGNALS if is_first else LOADING) if select is None else select), *UNTESTED],
            command=["nightly", *places, "--as-of", at.isoformat()] if is_first else None,
            output=str(self.root / f"words-{self.nights}.txt"),
            environment={"LEARNING_LOOP_SALT": ""},
            is_bound=self.is_bound,
            patience=900,
            **disturbed,
        )

    def leave(self) -> None:
        """Give permissions back and remove everything."""
        for _, names, _, folder in os.fwalk(self.house.landing):  # a path here may be too long to be named
            for name in names:
                if not stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                    os.chmod(name, 0o700, dir_fd=folder)
        shutil.rmtree(self.root)


def nights_of(door: Door, drawn: list[Entry], truncated: list[list], says: str) -> list[str]:
    """Run one night per list of truncated files, `drawn` shared out over them; return every broken law."""
    wrong: list[str] = []
    share = math.ceil(len(drawn) / len(truncated))
    for night, cut in enumerate(truncated):
        fresh = [*drawn[night * share : (night + 1) * share], *cuts(cut, 20_000 + night * 10_000)]
        wrong += [f"{says}, night {night + 1}: {what}" for what in door.night(fresh)]
    door.leave()
    return wrong


def test_sixty_hostile_entries_cost_no_night_no_row_and_no_secret(nursery, tmp_path):
    drawn = list(entries(SEED, 60, is_bound=True))
    assert {entry.kind for entry in drawn} == set(KINDS)
    wrong = nights_of(
        Door(tmp_path / "door", nursery, is_bound=True),
        drawn,
        [CUTS[night::90] for night in (1, 31, 61)],
        f"seed {SEED}",
    )
    assert not wrong, "\n".join(wrong)


@pytest.mark.faults
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("quarter", range(4))
def test_two_thousand_hostile_entries_cost_no_night_no_row_and_no_secret(quarter, nursery, tmp_path, tell):
    """Two nights a house, so that what grows or turns into something else is seen twice."""
    nights = 2 * math.ceil(ENTRIES / ENTRIES_A_NIGHT / 2)
    numbers = range(2 * quarter, nights, 8)
    wrong: list[str] = []
    for number in numbers:
        seed, is_bound = SEED + 1 + number, number % 4 == 0
        drawn = list(entries(seed, 2 * ENTRIES_A_NIGHT, is_bound))
        door = Door(tmp_path / f"door-{number}", nursery, is_bound)
        wrong += nights_of(door, drawn, [CUTS[number::nights], CUTS[number + 1 :: nights]], f"seed {seed}")
    told, cuts_told = 2 * len(numbers), sum(len(CUTS[n + way :: nights]) for n in numbers for way in (0, 1))
    tell(f"{told * ENTRIES_A_NIGHT:,} hostile entries and {cuts_told:,} truncated files over {told} nights")
    assert not wrong, f"{len(wrong)} broken laws\n" + "\n".join(wrong)
