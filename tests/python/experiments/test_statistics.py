"""The statistics against scipy, statsmodels, published worked examples, and 2,000 experiments without an effect."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from learning_loop.experiments import statistics
from learning_loop.experiments.statistics import Estimate, Sums

COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
VALUES = st.lists(st.floats(0, 1).map(lambda value: round(value, 6)), min_size=3, max_size=60)
NEAR = {"rel": 1e-9, "abs": 1e-9}


@given(COUNTS, COUNTS)
@settings(max_examples=60)
def test_rates_equal_statsmodels(control, treatment):
    (k0, n0), (k1, n1) = control, treatment
    told = statistics.compare_rates(control, treatment)
    estimate = statistics.rate(k1, n1)
    assert (estimate.lower, estimate.upper) == pytest.approx(proportion_confint(k1, n1, method="wilson"), **NEAR)
    bounds = confint_proportions_2indep(k1, n1, k0, n0, method="newcomb", compare="diff")
    assert (told.lower, told.upper) == pytest.approx(bounds, **NEAR)
    assert told.difference == pytest.approx(k1 / n1 - k0 / n0, **NEAR)
    if 0 < k0 + k1 < n0 + n1:
        assert told.p_value == pytest.approx(proportions_ztest([k1, k0], [n1, n0])[1], **NEAR)
    if k0:
        ratio = confint_proportions_2indep(k1, n1, k0, n0, method="log-adjusted", compare="ratio")
        assert (told.relative_lower + 1, told.relative_upper + 1) == pytest.approx(ratio, **NEAR)


def sums_of(values) -> Sums:
    return Sums(len(values), math.fsum(values), math.fsum(value * value for value in values))


@given(VALUES, VALUES)
@settings(max_examples=60)
def test_means_equal_scipy(control, treatment):
    if np.var(control) < 1e-6 or np.var(treatment) < 1e-6:
        return
    told = statistics.compare_means(sums_of(control), sums_of(treatment))
    welch = stats.ttest_ind(treatment, control, equal_var=False)
    bounds = welch.confidence_interval(0.95)
    assert told.p_value == pytest.approx(welch.pvalue, **NEAR)
    assert (told.lower, told.upper) == pytest.approx((bounds.low, bounds.high), **NEAR)
    estimate = statistics.mean(sums_of(control))
    expected = stats.t.interval(0.95, len(control) - 1, np.mean(control), stats.sem(control))
    assert (estimate.lower, estimate.upper) == pytest.approx(expected, **NEAR)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
@settings(max_examples=30)
def test_holm_equals_statsmodels(p_values):
    assert statistics.holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], **NEAR)


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([0.1, 0.5, 0.8]))
@settings(max_examples=30)
def test_the_sample_ratio_is_a_chi_square(control, treatment, share):
    total = control + treatment
    expected = stats.chisquare([control, treatment], [total * (1 - share), total * share]).pvalue
    assert statistics.sample_ratio_p_value(control, treatment, share) == pytest.approx(expected, **NEAR)


def test_nothing_is_told_of_nothing():
    assert statistics.compare_rates((0, 0), (1, 2)).difference is None
    assert statistics.rate(0, 0) == Estimate(0, None)
    assert (
        statistics.mean(Sums(0, 0, 0))
        == statistics.median([])
        == statistics.ratio_over_sources([])
        == Estimate(0, None)
    )
    assert statistics.compare_means(Sums(1, 1, 1), Sums(1, 0, 0)).p_value is None
    assert statistics.sample_ratio_p_value(0, 0, 0.5) is None
    assert statistics.holm([]) == []


def test_newcombe_1998_table_2_a():
    """Newcombe (1998), Statistics in Medicine 17:873-890, table II (a): 56/70 less 48/80, method 10."""
    told = statistics.compare_rates((48, 80), (56, 70))
    assert (round(told.lower, 4), round(told.upper, 4)) == (0.0524, 0.3339)


def test_newcombe_1998_single_proportion():
    """Newcombe (1998), Statistics in Medicine 17:857-872, table I: 81/263, the score method."""
    told = statistics.rate(81, 263)
    assert (round(told.lower, 4), round(told.upper, 4)) == (0.2553, 0.3662)


def test_nist_handbook_1_3_5_3():
    """NIST/SEMATECH e-Handbook 1.3.5.3 (AUTO83B): US and Japanese cars; T = -12.94627, variances unequal."""
    us, japanese = (249, 20.14458, 6.41470), (79, 30.48101, 6.10771)
    sums = [Sums(n, n * mean, (n - 1) * sd**2 + n * mean**2) for n, mean, sd in (japanese, us)]
    told = statistics.compare_means(*sums)
    error = (told.upper - told.lower) / 2 / stats.t.ppf(0.975, 136.8750)
    assert told.difference / error == pytest.approx(-12.94627, abs=5e-4)


def test_holm_worked_example():
    """Wikipedia, Holm-Bonferroni method, example: of .01, .04, .03, .005 the first and the last are rejected at .05."""
    assert [p <= 0.05 for p in statistics.holm([0.01, 0.04, 0.03, 0.005])] == [True, False, False, True]


def test_open_bandit_men():
    """46 against 69 clicks of 10,000: the p = 0.031 that the data set's note gives."""
    assert round(statistics.compare_rates((46, 10000), (69, 10000)).p_value, 3) == 0.031


def test_the_confidence_sequence_excludes_nought_just_when_the_p_value_is_under_alpha():
    rng = np.random.default_rng(1)
    for _ in range(500):
        told = statistics.always_valid(rng.normal(0, 0.1), rng.uniform(1e-4, 1e-2), rng.uniform(0.01, 0.2))
        assert (told.p_value < 0.05) == (not told.lower <= 0 <= told.upper)


def test_the_mixture_is_the_normal_mixture_of_likelihood_ratios():
    difference, variance, mixture_sd = 0.07, 0.0009, 0.05
    effects = np.linspace(-0.6, 0.6, 240_001)
    ratio = np.exp((2 * effects * difference - effects**2) / (2 * variance)) * stats.norm.pdf(effects, 0, mixture_sd)
    expected = 1 / np.trapezoid(ratio, effects)
    assert statistics.always_valid(difference, variance, mixture_sd).p_value == pytest.approx(expected, rel=1e-6)


def test_an_always_valid_test_without_a_variance_is_refused():
    for variance, mixture_sd in ((0, 1), (1, 0), (-1, 1)):
        with pytest.raises(ValueError, match="above zero"):
            statistics.always_valid(0.1, variance, mixture_sd)


@pytest.mark.parametrize("promotion_rate", [0.03, 0.2, 0.5])
def test_daily_looks_reject_at_most_one_null_in_twenty(promotion_rate):
    """2,000 experiments without an effect, looked at daily for 28 days, 15 reviews a day and arm."""
    always, plain = null_rejections(promotion_rate)
    assert always <= 0.05 < plain


def null_rejections(
    promotion_rate: float, experiments: int = 2000, days: int = 28, per_day: int = 15
) -> tuple[float, float]:
    """Return the shares of null experiments that the always-valid and the plain p-value reject on any day."""
    rng = np.random.default_rng(20260216)
    successes = rng.binomial(per_day, promotion_rate, (2, experiments, days)).cumsum(axis=2)
    counts = per_day * np.arange(1, days + 1)
    always = plain = 0
    for number in range(experiments):
        looks = [
            (int(successes[0, number, day]), int(successes[1, number, day]), int(counts[day])) for day in range(days)
        ]
        is_always = is_plain = False
        for k0, k1, n in looks:
            smoothed = [(k + 1) / (n + 2) for k in (k0, k1)]
            variance = sum(p * (1 - p) for p in smoothed) / n
            is_always = is_always or statistics.always_valid((k1 - k0) / n, variance, 0.05).p_value <= 0.05
            pooled = (k0 + k1) / (2 * n)
            if 0 < pooled < 1:
                z = abs(k1 - k0) / n / math.sqrt(pooled * (1 - pooled) * 2 / n)
                is_plain = is_plain or z >= 1.959963984540054
        always += is_always
        plain += is_plain
    return always / experiments, plain / experiments
