"""The oracle itself, pinned by cases worked by hand: whoever doubts a number can redo it from the comment."""

from datetime import UTC, datetime

import pytest

from oracle import calibration, clusters

AS_OF = datetime(2026, 3, 1, tzinfo=UTC)


def signal(event_id, user, captured_at="2026-02-10T08:00:00Z", signal_type="repair_proposed", band="high", **data):
    body = {
        "signal_type": signal_type,
        "captured_at": captured_at,
        "user_ref": {"pseudonymized_user_id": user},
        "signature": {"confidence_band": band, **data.pop("signature", {})},
        "cluster_signature": "sig",
        **data,
    }
    at = captured_at or "2026-02-10T08:00:00Z"
    return {"event_id": event_id, "event_type": "learning.signal.logged", "timestamp": at, "data": body}


def claim(event_id, confidence, at="2026-02-10T08:00:00Z", claim_class="set.reps", version="p-1", target=None):
    lineage = {"event_id": target or f"target of {event_id}"}
    body = {"claim_type": claim_class, "confidence": confidence, "lineage": lineage}
    body["provenance"] = {"parser_version": version}
    return {"event_id": event_id, "event_type": "evidence.claim.logged", "timestamp": at, "data": body}


def correction(event_id, target, field="reps", at="2026-02-11T08:00:00Z"):
    body = {"target_event_id": target, "changed_fields": {field: 1}}
    return {"event_id": event_id, "event_type": "set.corrected", "timestamp": at, "data": body}


def retraction(event_id, target, at="2026-02-11T08:00:00Z"):
    body = {"retracted_event_id": target}
    return {"event_id": event_id, "event_type": "event.retracted", "timestamp": at, "data": body}


def stream(right=(), wrong=(), at="2026-02-10T08:00:00Z", name=""):
    """Claims of these confidences, the wrong ones with their targets retracted."""
    rows = [claim(f"{name}right {k}", confidence, at) for k, confidence in enumerate(right)]
    for k, confidence in enumerate(wrong):
        bad = claim(f"{name}wrong {k}", confidence, at)
        rows += [bad, retraction(f"{name}r {k}", bad["data"]["lineage"]["event_id"], at)]
    return rows


def week_of(events, as_of=AS_OF):
    """The one row of calibration that the weeks hold."""
    [row] = [row for key, row in calibration(events, as_of).items() if key[0] == "week"]
    return row


# --- clusters ---------------------------------------------------------------------------------------------------------


def test_a_flooding_user_counts_for_three_events():
    flood = [signal(f"f{k}", "flooder", f"2026-02-10T08:0{k}:00Z") for k in range(5)]
    found = clusters([*flood, signal("m", "other", "2026-02-10T09:00:00Z", band="medium")], AS_OF)
    assert set(found) == {("day", "2026-02-10", "sig"), ("week", "2026-W07", "sig")}
    row = found["week", "2026-W07", "sig"]
    # Kept: f0, f1, f2 and m. Severity .65 * (1 + 1 + 1 + .92) / 4 = .637, impact .60, frequency 4 / 12,
    # reproducibility (2 / 4 + (4 / 2) / 2) / 2 = .75, score .637 * .60 / 3 * .75 = .09555.
    assert (row["event_count"], row["unique_users"], row["examples"]) == (4, 2, ["f0", "f1", "f2"])
    assert row["severity"] == pytest.approx(0.637)
    assert row["impact"] == pytest.approx(0.60)
    assert row["frequency"] == pytest.approx(1 / 3)
    assert row["reproducibility"] == pytest.approx(0.75)
    assert row["score"] == 0.09555
    assert row["first_seen_at"] == datetime(2026, 2, 10, 8, 0, tzinfo=UTC)
    assert row["last_seen_at"] == datetime(2026, 2, 10, 9, 0, tzinfo=UTC)


def test_mismatch_severity_multiplies_severity_and_impact():
    kinds = ["critical", "info", "none"]
    events = [
        signal(kind, kind, signal_type="save_claim_mismatch_attempt", attributes={"mismatch_severity": kind})
        for kind in kinds
    ]
    row = clusters(events, AS_OF)["day", "2026-02-10", "sig"]
    # Severity and impact (1 + .1 + 0) / 3 each, frequency 3 / 12, reproducibility (3 / 4 + (3 / 3) / 2) / 2 = .625:
    # 1.21 / 9 * .25 * .625 = .021007 (a harmless mismatch still is an event).
    assert row["severity"] == pytest.approx(1.1 / 3)
    assert row["score"] == 0.021007


def test_an_unknown_signal_takes_its_impact_from_the_category():
    events = [
        signal("a", "u", signal_type="custom", band="medium", category="friction_signal"),
        signal("b", "u", signal_type="custom", band="medium", category="outcome_signal"),
        signal("c", "v", signal_type="custom", band="medium"),
    ]
    row = clusters(events, AS_OF)["day", "2026-02-10", "sig"]
    # Severity .60 * .92 = .552, impact (.82 + .42 + .60) / 3 = .613333, frequency .25,
    # reproducibility (2 / 4 + (3 / 2) / 2) / 2 = .625: .552 * .613333 * .25 * .625 = .0529.
    assert row["impact"] == pytest.approx(1.84 / 3)
    assert row["score"] == 0.0529


def test_frequency_and_reproducibility_end_at_one():
    events = [signal(f"{user}{k}", user) for user in "abcde" for k in range(3)]
    row = clusters(events, AS_OF)["day", "2026-02-10", "sig"]
    # 15 of 12 events, 5 of 4 users, 3 of 2 events a user: all factors at 1, score .65 * .60.
    assert (row["frequency"], row["reproducibility"], row["score"]) == (1, 1, 0.39)


@pytest.mark.parametrize(
    ("users", "bands", "is_cluster"),
    [
        (["a", "a", "b"], ["high"] * 3, True),
        (["a", "b"], ["high"] * 2, False),
        (["a", "a", "a"], ["high"] * 3, False),
        (["a", "a", "b", "b"], ["high", "high", "high", "low"], True),
        (["a", "a", "b"], ["high", "high", "low"], False),
        (["a", "a", "b"], ["high", "high", "certain"], False),
        (["a", "a", "b"], ["high", "high", None], False),
    ],
    ids=["on both bars", "two events", "one user", "low apart", "low drops", "unknown is low", "missing is low"],
)
def test_support(users, bands, is_cluster):
    events = [signal(str(k), user, band=band) for k, (user, band) in enumerate(zip(users, bands, strict=True))]
    assert bool(clusters(events, AS_OF)) == is_cluster


def test_without_a_cluster_signature_it_is_a_hash():
    parts = {"issue_type": "größe", "invariant_id": None, "workflow_phase": "prüfen"}
    events = [
        signal(f"{k}", f"user {k}", signal_type="custom", signature=parts, cluster_signature=None) for k in range(3)
    ]
    # printf 'custom|größe||prüfen' | sha1sum
    assert {key[2] for key in clusters(events, AS_OF)} == {"ls_ae6b37ab572051ce51d9"}


def test_ties_go_by_event_id_and_by_name():
    kinds = {"s10": "b", "s9": "b", "s1": "a", "t": "b"}
    flood = [signal(key, "flooder", signal_type=kind) for key, kind in kinds.items()]
    phases = [("x", "save"), ("y", "plan"), ("z", "save")]
    others = [signal(key, key, signal_type="a", signature={"workflow_phase": phase}) for key, phase in phases]
    row = clusters([*flood, *others], AS_OF)["day", "2026-02-10", "sig"]
    # All at one instant, so by event_id as text: s1, s10, s9 are kept and t is the fourth. Signals: a 4, b 2.
    assert (row["event_count"], row["examples"], row["phases"]) == (6, ["s1", "s10", "s9"], ["save", "plan"])
    assert row["signal_type_top"] == "a"
    assert clusters([*flood[:2], *others[:2]], AS_OF)["day", "2026-02-10", "sig"]["signal_type_top"] == "a"  # 2 and 2


def test_the_period_is_of_captured_at_in_utc():
    moments = ["2025-12-28T23:59:59.999999Z", "2025-12-29T02:00:00+02:00", "2025-12-29T00:00:00", "2026-01-04T23:59:59"]
    events = [signal(f"{user}{at}", user, at) for at in moments for user in "abc"]
    for row in events:
        row["timestamp"] = "2026-01-10T00:00:00Z"
    counts = {key[:2]: row["event_count"] for key, row in clusters(events, AS_OF).items()}
    # Monday 2025-12-29 opens 2026-W01 (its Thursday is New Year's Day), which ends with Sunday 2026-01-04.
    assert counts == {
        ("day", "2025-12-28"): 3, ("day", "2025-12-29"): 6, ("day", "2026-01-04"): 3,
        ("week", "2025-W52"): 3, ("week", "2026-W01"): 9,
    }  # fmt: skip


def test_without_captured_at_the_period_is_of_the_timestamp():
    assert ("day", "2026-02-10", "sig") in clusters([signal(user, user, None) for user in "abc"], AS_OF)


# --- which rows exist -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "exists"),
    [
        ({"timestamp": "2026-03-01T00:00:00Z"}, True),
        ({"timestamp": "2026-03-01T00:00:00.000001Z"}, False),
        ({"timestamp": "2026-03-01T01:00:00+02:00"}, True),
        ({"timestamp": "2026-02-09T08:00:00Z"}, True),
        ({"timestamp": "2026-02-09T07:59:59Z"}, False),
        ({"timestamp": "soon"}, False),
        ({"data": None}, False),
        ({"event_id": None}, False),
        ({"event_type": "meal.logged"}, False),
    ],
    ids=["at as_of", "after as_of", "offset", "day before", "over a day before", "unreadable", "bare", "no id", "type"],
)
def test_a_third_signal_exists(changes, exists):
    events = [signal("a", "u"), signal("b", "v"), {**signal("c", "w"), **changes}]  # captured 2026-02-10T08:00:00Z
    assert bool(clusters(events, AS_OF)) == exists


@pytest.mark.parametrize("confidence", [-0.01, 1.01, float("nan"), "0.9", None, True], ids=str)
def test_a_claim_without_a_confidence_from_0_to_1_is_no_row(confidence):
    assert calibration([claim("a", confidence)], AS_OF) == {}


def test_of_two_contents_the_earlier_counts_whatever_the_order():
    late, early = claim("a", 0.9, "2026-02-12T08:00:00Z"), claim("a", 0.4, "2026-02-10T08:00:00Z")
    for events in [[late, early, late], [early, late, early]]:
        assert week_of(events)["avg_confidence"] == 0.4
        assert week_of(events)["sample_count"] == 1


# --- calibration ------------------------------------------------------------------------------------------------------


def test_four_claims_by_hand():
    row = week_of(stream(right=[0.9, 0.9], wrong=[0.9, 0.2]))
    # Brier (.01 + .01 + .81 + .04) / 4 = .2175. Precision 2 of 3; recall 2 of 2.
    # Bin 9: n 3, f .9, o 2/3. Bin 2: n 1, f .2, o 0. obar .5.
    # Reliability (3 * (7/30)^2 + .2^2) / 4 = (.163333 + .04) / 4 = .0508333.
    # Resolution (3 * (1/6)^2 + .5^2) / 4 = (.0833333 + .25) / 4 = .0833333. Uncertainty .25.
    # .0508333 - .0833333 + .25 = .2175: nothing is left within the bins. ECE (3 * 7/30 + .2) / 4 = .225.
    expected = {
        "brier_score": 0.2175, "avg_confidence": 0.725, "precision_high_conf": 2 / 3, "recall_high_conf": 1,
        "reliability": 0.61 / 12, "resolution": 1 / 12, "uncertainty": 0.25, "within_bin_residual": 0,
        "expected_calibration_error": 0.225,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == pytest.approx(expected)
    assert (row["sample_count"], row["correct_count"], row["incorrect_count"], row["status"]) == (4, 2, 2, "monitor")
    assert row["bins"][2] == (1, 0.2, 0)
    assert row["bins"][9] == pytest.approx((3, 0.9, 2 / 3))
    assert row["bins"][3] == (0, None, None)


def test_what_varies_within_a_bin_is_the_residual():
    row = week_of(stream(right=[0.91, 0.99], wrong=[0.95]))
    # Brier (.0081 + .0001 + .9025) / 3 = .9107 / 3. One bin: f .95, o 2/3: reliability (17/60)^2 = 289/3600,
    # resolution 0, uncertainty 2/9; .9107/3 - 289/3600 - 2/9 = .3035667 - .0802778 - .2222222 = .0010667.
    assert row["reliability"] == pytest.approx(289 / 3600)
    assert row["within_bin_residual"] == pytest.approx(0.0032 / 3)
    assert (row["resolution"], row["status"]) == (pytest.approx(0), "degraded")


def test_three_classes_by_hand():
    row = week_of(stream(right=[1, 0.6], wrong=[0]))
    # Brier (0 + .16 + 0) / 3 = .053333; precision 1 of 1, recall 1 of 2. Bins 9, 6 and 0 of one claim each, obar 2/3:
    # reliability .16 / 3, resolution (1/9 + 1/9 + 4/9) / 3 = 2/9, uncertainty 2/9, residual 0, ECE .4 / 3.
    assert (row["precision_high_conf"], row["recall_high_conf"], row["status"]) == (1, 0.5, "healthy")
    assert row["brier_score"] == pytest.approx(0.16 / 3)
    assert row["resolution"] == pytest.approx(2 / 9)
    assert row["expected_calibration_error"] == pytest.approx(0.4 / 3)


def test_a_bin_holds_its_lower_edge_and_the_last_one_both():
    row = week_of(stream(right=[0, *(k / 10 for k in range(1, 11)), 0.0999, 0.9999]))
    assert [count for count, _, _ in row["bins"]] == [2, 1, 1, 1, 1, 1, 1, 1, 1, 3]  # 0 and .0999 … .9, .9999 and 1


@pytest.mark.parametrize(
    ("right", "wrong", "status"),
    [
        ([1] * 2, [], "monitor"),
        ([1] * 3, [], "healthy"),
        ([0.86, 0.8, 0.8], [], "healthy"),
        ([0.8599, 0.8, 0.8], [], "monitor"),
        ([1] * 4, [1], "monitor"),
        ([1] * 41, [1] * 10, "healthy"),
        ([1] * 7, [1] * 3, "degraded"),
        ([1] * 71, [1] * 29, "monitor"),
        ([1] * 7, [1] * 3 + [0] * 10, "healthy"),
        ([1] * 69, [1] * 31 + [0] * 100, "monitor"),
        ([1] * 11, [1] * 9 + [0] * 30, "monitor"),
        ([1] * 54, [1] * 46 + [0] * 200, "degraded"),
        ([0.9] * 3 + [0.3], [0.9] + [0.3] * 3, "monitor"),
        ([], [0.1] * 3, "monitor"),
    ],
    ids=[
        "two samples", "three", "high at .86", "none high", "Brier .20", "Brier .196", "Brier .30", "Brier .29",
        "precision .70", "precision .69", "precision .55", "precision .54", "Brier a hair under .20", "none right",
    ],
)  # fmt: skip
def test_status_on_both_sides_of_each_bar(right, wrong, status):
    assert week_of(stream(right, wrong))["status"] == status


def test_a_rate_over_nothing_is_none():
    row = week_of(stream(wrong=[0.1] * 3))
    assert (row["precision_high_conf"], row["recall_high_conf"]) == (None, None)


AT, BEFORE, AFTER = "2026-02-10T08:00:00Z", "2026-02-10T07:59:59.999999Z", "2026-02-20T08:00:00Z"


@pytest.mark.parametrize(
    ("others", "correct_counts"),
    [
        ([], [1]),
        ([retraction("r", "t", AT)], [0]),
        ([retraction("r", "t", BEFORE)], [1]),
        ([retraction("r", "t", AFTER)], [0]),
        ([retraction("r", "t", "2026-03-01T00:00:01Z")], [1]),
        ([correction("c", "t", "reps", AT)], [0]),
        ([correction("c", "t", "reps", BEFORE)], [1]),
        ([correction("c", "t", "load", AT)], [1]),
        ([correction("c", "t", "Reps", AT)], [1]),
        ([correction("c", "t", "set.reps", AT)], [1]),
        ([correction("c", "other", "reps", AT)], [1]),
        ([correction("c", "t", "reps", AT), retraction("r", "c", AFTER)], [1]),
        ([correction("c", "t", "reps", AT), retraction("r", "c", BEFORE)], [1]),
        ([correction("c", "t"), retraction("r", "c"), retraction("rr", "r")], [1]),
        ([retraction("r", "t"), retraction("rr", "r")], [0]),
        ([correction("c", "t"), retraction("r", "c"), correction("d", "t")], [0]),
        ([retraction("r", "a", AFTER)], []),
        ([retraction("r", "a", BEFORE)], []),
    ],
    ids=[
        "nothing", "retracted at", "retracted before", "retracted later", "retracted after as_of", "corrected at",
        "corrected before", "another field", "another case", "the whole class", "another target",
        "correction retracted", "correction retracted early", "its retraction retracted", "retraction retracted",
        "second correction", "claim retracted", "claim retracted early",
    ],
)  # fmt: skip
def test_right_or_wrong_or_no_sample(others, correct_counts):
    measured = calibration([claim("a", 0.9, AT, target="t"), *others], AS_OF)
    assert [row["correct_count"] for key, row in measured.items() if key[0] == "day"] == correct_counts


@pytest.mark.parametrize("lineage", [None, {}, {"event_id": None}], ids=str)
def test_a_claim_without_a_target_is_no_sample(lineage):
    row = claim("a", 0.9)
    row["data"]["lineage"] = lineage
    assert calibration([row], AS_OF) == {}


@pytest.mark.parametrize("provenance", [None, {}, {"parser_version": None}], ids=str)
def test_a_missing_parser_version_is_unknown(provenance):
    rows = [claim("a", 0.9), claim("b", 0.9, version="unknown")]
    rows[0]["data"]["provenance"] = provenance
    assert calibration(rows, AS_OF)["day", "2026-02-10", "set.reps", "unknown"]["sample_count"] == 2


def test_a_class_without_a_dot_is_its_own_field():
    rows = [claim("a", 0.9, AT, "größe", target="t"), correction("c", "t", "größe", AT)]
    assert week_of(rows)["correct_count"] == 0


@pytest.mark.parametrize(
    ("right", "wrong", "delta", "verdict"),
    [
        ([1] * 47, [1] * 3, 0.06, "drift_alert"),
        ([1] * 95, [1] * 5, 0.05, "stable"),
        ([1] * 9, [1], 0.10, "drift_alert"),
    ],
    ids=["on the bar", "under", "over"],
)
def test_drift_is_against_the_last_period_that_has_samples(right, wrong, delta, verdict):
    # A first week (W07) with Brier 0, none in W08, then W09.
    rows = [*stream([1] * 3), *stream(right, wrong, "2026-02-24T08:00:00Z", "later ")]
    weeks = {key[1]: row for key, row in calibration(rows, AS_OF).items() if key[0] == "week"}
    assert (weeks["2026-W07"]["drift_status"], weeks["2026-W07"]["drift_delta_brier"]) == ("insufficient_history", None)
    assert weeks["2026-W09"]["drift_status"] == verdict
    assert weeks["2026-W09"]["drift_delta_brier"] == pytest.approx(delta)


def test_drift_on_the_bar_where_floating_point_gives_a_hair_less():
    # (2 * .01 + .04) / 3 = .02, then (4 * .01 + .36) / 5 = .08.
    rows = [*stream([0.9] * 2, [0.2]), *stream([0.9] * 4, [0.6], "2026-02-11T08:00:00Z", "later ")]
    row = calibration(rows, AS_OF)["day", "2026-02-11", "set.reps", "p-1"]
    assert row["drift_delta_brier"] < 0.06
    assert row["drift_status"] == "drift_alert"


def test_a_claim_matures_on_the_horizon():
    moments = ["2026-02-10T08:00:00Z", "2026-02-10T08:00:00.000001Z", "2026-02-11T08:00:00Z", "2026-02-09T08:00:00Z"]
    rows = [claim(at, 0.9, at) for at in moments]
    assert week_of(rows, datetime(2026, 2, 17, 8, tzinfo=UTC))["matured_share"] == 0.5
