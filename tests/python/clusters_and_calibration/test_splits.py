"""However the rows come, over how many nights, files and orders, the marts are those of one night that saw them all."""

import os
import random
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from house import SIGNALS, House
from worlds import STARTS, random_world

WORLDS = 40
SPLITS = int(os.environ.get("FAULTS_SPLITS", "2"))
AS_OF = max(STARTS) + timedelta(days=33)  # within the worlds: what lies after it must not exist yet


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The events, and the marts of one night that reads all of them from one file."""
    events = [event for seed in range(WORLDS) for event in random_world(Random(seed), f"w{seed}-", STARTS[-1])]
    house = House(tmp_path_factory.mktemp("whole"), select=SIGNALS)
    house.land("all.jsonl", events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        house.night(AS_OF)
    marts = house.marts()
    assert all(marts[name] for name in ("learning_issue_clusters", "extraction_calibration_metrics"))
    return events, marts


# Every example is a handful of nights, so there are few; no shrinking, which would take a hundred more.
@settings(
    max_examples=SPLITS,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32),
    days_before=st.lists(st.integers(0, 30), min_size=1, max_size=2),
    redelivered=st.floats(0, 0.5),
    ends_with_full_refresh=st.booleans(),
)
def test_any_split_over_nights_and_files_gives_the_same_marts(
    whole, tmp_path_factory, seed, days_before, redelivered, ends_with_full_refresh
):
    events, expected = whole
    rng = random.Random(seed)
    shuffled = [*events, *(event for event in events if rng.random() < redelivered)]
    rng.shuffle(shuffled)
    nights = [AS_OF - timedelta(days=days) for days in sorted(days_before, reverse=True)] + [AS_OF]
    house = House(tmp_path_factory.mktemp("split"), select=SIGNALS)
    cuts = sorted(rng.randrange(len(shuffled)) for _ in nights[1:])
    for number, (as_of, start, end) in enumerate(zip(nights, [0, *cuts], [*cuts, len(shuffled)], strict=True)):
        part = shuffled[start:end]
        for file in range(files := rng.randint(1, 3)):
            house.land(f"{number}-{file}.jsonl", part[file::files])
        house.night(as_of, full_refresh=ends_with_full_refresh and as_of == AS_OF and number == len(nights) - 1)
    found = house.marts()
    assert found.keys() == expected.keys()
    for mart in expected:
        assert found[mart] == expected[mart], mart
