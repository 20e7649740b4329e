"""SIGKILL at moments spread over all steps of a night: it leaves before or after, and nothing to trip over."""

import os
import random
from collections import Counter

import pytest
from kit import SECOND, Disturbed, last_failure

KILLS = int(os.environ.get("FAULTS_KILLS", "200"))


def kill(disturbed: Disturbed, number: int, delay: float) -> tuple[str, str]:
    """Kill a night at its moment `number` (from 1); return that moment, and the state it left."""
    disturbed.restore()
    told = disturbed.nursery.night(disturbed.house, SECOND, disturbed.select, keep=1, kill_at=number, delay=delay)
    assert told["status"] == -9 or (delay and told["status"] == 0), told
    moment = told["moments"][-1]
    state = disturbed.state()
    assert state in ("before", "after"), moment
    failures = disturbed.house.warehouse.with_name("failed_nights.jsonl")
    assert not failures.exists(), "a killed process writes nothing"
    is_published = state == "after"
    assert not is_published or "after replace" in told["moments"], moment
    disturbed.next_night()
    if any(name.startswith("after prepare") for name in told["moments"]) and not is_published:
        assert last_failure(disturbed.house) == "killed before it ended"
    if is_published:
        assert not failures.exists(), "a night that was published is no failure"
    return moment, state


# Once inside each step, and between the last checkpoint, the file's rename and the sync of its folder.
STEPS = [
    "before prepare", "before copyfile", "after prepare", "node stg_events ", "before checkpoint", "after checkpoint",
    "before publish", "before replace", "after replace", "before fsync",
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_night_killed_inside_each_step_leaves_before_or_after(disturbed, step):
    names = disturbed.moments
    number = len(names) - next(at for at, name in enumerate(reversed(names)) if name.startswith(step))
    published = len(names) - next(at for at, name in enumerate(reversed(names)) if name == "after replace")
    assert kill(disturbed, number, 0)[1] == ("after" if number >= published else "before")


@pytest.mark.faults
@pytest.mark.timeout(3 * 3600)
def test_a_night_killed_at_any_moment_leaves_before_or_after(disturbed, tell):
    rng = random.Random(7)
    count = len(disturbed.moments)
    numbers = [1 + kill_number * (count - 1) // (KILLS - 1) for kill_number in range(KILLS)]
    rng.shuffle(numbers)
    done = Counter()
    for kill_number, number in enumerate(numbers, 1):
        # On the moment itself, or somewhat later: in the middle of a statement.
        delay = rng.choice([0, 0, rng.uniform(0.001, 0.04)])
        moment, state = kill(disturbed, number, delay)
        done[state] += 1
        tell(f"kill {kill_number} at moment {number} + {delay * 1000:.0f} ms ({moment}): {state}")
    assert done.total() == KILLS
    assert done.keys() == {"before", "after"}
