"""The models against an oracle that shares nothing with them: plain Python, from the contract."""

import json
import math
from datetime import timedelta
from random import Random

import pytest

from house import SIGNALS, House
from oracle import calibration, clusters
from worlds import STARTS, random_as_of, random_world

WORLDS = 200
NIGHTS = 4  # the worlds are spread over as many warehouses, each as of another instant of theirs

CLUSTER_COLUMNS = (
    "period_granularity, period_key, cluster_signature, score, event_count, unique_users, frequency, severity, impact,"
    " reproducibility, signal_type_top, first_seen_at, last_seen_at, cluster_data"
)
METRIC_COLUMNS = (
    "period_granularity, period_key, claim_class, parser_version, status, drift_status, drift_delta_brier,"
    " sample_count, correct_count, incorrect_count, avg_confidence, brier_score, precision_high_conf,"
    " recall_high_conf, reliability, resolution, uncertainty, within_bin_residual,"
    " expected_calibration_error, matured_share"
)


@pytest.fixture(
    scope="module",
    params=[0, 1, *(pytest.param(number, marks=pytest.mark.faults) for number in range(2, NIGHTS))],
    ids=lambda number: f"warehouse_{number}",
)
def judged(request, tmp_path_factory):
    """(published file, events, as_of) of fifty worlds in one landing folder."""
    share = range(request.param, WORLDS, NIGHTS)
    worlds = [random_world(Random(seed), f"w{seed}-", STARTS[request.param]) for seed in share]
    events = [event for world in worlds for event in world]
    rng = Random(request.param)
    as_of = random_as_of(rng, events) if request.param else max(STARTS) + timedelta(days=365)
    rng.shuffle(events)
    house = House(tmp_path_factory.mktemp("oracle"), select=SIGNALS)
    for part in range(3):
        house.land(f"part [{part}] of 3.jsonl", events[part::3])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
        house.night(as_of, is_tested=True)
    return house, events, as_of


def agree(found, expected):
    if isinstance(expected, float) and found is not None:
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
    return found == expected


def test_every_cluster_is_the_oracles(judged):
    house, events, as_of = judged
    expected = clusters(events, as_of)
    found = {row[:3]: row[3:] for row in house.query(f"select {CLUSTER_COLUMNS} from learning_issue_clusters")}
    assert found.keys() == expected.keys()
    for key, want in expected.items():
        score, *factors, top, first, last, data = found[key]
        # A score that lies on half a millionth may fall to either side: sums add up in another order.
        assert math.isclose(score, want["score"], abs_tol=1.1e-6), (key, score, want)
        names = ["event_count", "unique_users", "frequency", "severity", "impact", "reproducibility"]
        for name, value in zip(names, factors, strict=True):
            assert agree(value, want[name]), (key, name, value, want)
        cluster = json.loads(data)
        assert (top, first, last) == (want["signal_type_top"], want["first_seen_at"], want["last_seen_at"]), key
        assert cluster["affected_workflow_phases"] == want["phases"], key
        assert [example["event_id"] for example in cluster["representative_examples"]] == want["examples"], key


def test_every_calibration_row_is_the_oracles(judged):
    house, events, as_of = judged
    expected = calibration(events, as_of)
    rows = house.query(f"select {METRIC_COLUMNS} from extraction_calibration_metrics")
    found = {row[:4]: dict(zip(METRIC_COLUMNS.split(", ")[4:], row[4:], strict=True)) for row in rows}
    assert found.keys() == expected.keys()
    for key, want in expected.items():
        for name, value in found[key].items():
            assert agree(value, want[name]), (key, name, value, want[name])


def test_every_weekly_bin_is_the_oracles(judged):
    house, events, as_of = judged
    expected = {
        (key[1], key[2], key[3], number): values
        for key, want in calibration(events, as_of).items()
        if key[0] == "week"
        for number, values in enumerate(want["bins"])
    }
    rows = house.query(
        "select period_key, claim_class, parser_version, bin_index, sample_count, mean_confidence, accuracy"
        " from extraction_reliability_bins"
    )
    found = {row[:4]: row[4:] for row in rows}
    assert found.keys() == expected.keys()
    for key, want in expected.items():
        assert all(agree(*pair) for pair in zip(found[key], want, strict=True)), (key, found[key], want)
