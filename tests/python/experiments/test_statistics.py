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
from learning_loop.experiments.statistics import Sums

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
    return sums(len(values), math.fsum(values), math.fsum(value * value for value in values))


def sums(*given) -> Sums:
    return Sums(*(np.asarray(one, dtype=float) for one in given))


@given(VALUES, VALUES)
@settings(max_examples=60)
def test_means_equal_scipy(control, treatment):
    if np.var(control) < 1e-6 or np.var(treatment) < 1e-6:
        return
    estimate, _, told = statistics.means(sums_of(control), sums_of(treatment))
    welch = stats.ttest_ind(treatment, control, equal_var=False)
    bounds = welch.confidence_interval(0.95)
    assert told.p_value == pytest.approx(welch.pvalue, **NEAR)
    assert (told.lower, told.upper) == pytest.approx((bounds.low, bounds.high), **NEAR)
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
    assert np.isnan(statistics.compare_rates((0, 0), (1, 2)).difference)
    assert np.isnan(statistics.rate(0, 0).value) and np.isnan(statistics.rate(0, 0).variance)
    nobody, one = sums(0, 0, 0), sums(1, 1, 1)
    assert np.isnan(statistics.means(nobody, nobody)[0].value)
    assert np.isnan(statistics.means(one, sums(1, 0, 0))[2].p_value)
    assert np.isnan(statistics.median([]).value) and statistics.median([]).count == 0
    assert statistics.sample_ratio_p_value(0, 0, 0.5) is None
    assert statistics.holm([]) == []


def test_arrays_are_many_experiments_at_once():
    """One call over arrays says what a call for each says."""
    control, treatment = (
        (np.array([3, 5, 0]), np.array([100, 200, 50])),
        (np.array([9, 5, 2]), np.array([120, 100, 80])),
    )
    told = statistics.compare_rates(control, treatment)
    for n in range(3):
        alone = statistics.compare_rates((control[0][n], control[1][n]), (treatment[0][n], treatment[1][n]))
        for key in ("difference", "lower", "upper", "upper_once", "p_value", "relative"):
            assert getattr(told, key)[n] == pytest.approx(getattr(alone, key), **NEAR, nan_ok=True)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=60))
@settings(max_examples=80)
def test_the_median_wait_is_scipys_kaplan_meier(waits):
    over, still = [float(w) for w, done in waits if done], [float(w) for w, done in waits if not done]
    told = statistics.median(over, still)
    assert told.count == len(over)
    if not over:
        return
    curve = stats.ecdf(stats.CensoredData(uncensored=over, right=still)).sf
    reached = curve.quantiles[np.round(curve.probabilities, 9) <= 0.5]
    assert told.value == (reached[0] if reached.size else np.inf)
    band = curve.confidence_interval(0.95, method="linear")
    for bound, name in ((band.low, "lower"), (band.high, "upper")):
        # Where nobody is left scipy has no bounds; all are over.
        inside = bound.quantiles[np.round(np.nan_to_num(bound.probabilities), 9) <= 0.5]
        assert getattr(told, name) == (inside[0] if inside.size else np.inf)


def test_open_candidates_count_as_waits_that_are_at_least_so_long():
    """Half of the hard ones wait on: the decided alone say 26 hours, all of them 48."""
    decided = [float(hour) for hour in range(1, 52)]
    assert statistics.median(decided).value == 26
    assert statistics.median(decided, [60.0] * 44).value == 48
    assert statistics.median(decided, [60.0] * 52).value == np.inf


def test_ties_collapse_no_interval_to_a_certainty():
    assert np.isnan(statistics.median([24.0] * 200).variance)
    mixed = statistics.median([24.0] * 100 + [48.0] * 100)
    assert (mixed.value, mixed.lower, mixed.upper) == (24, 24, 48)
    assert mixed.variance == pytest.approx((24 / (2 * 1.959964)) ** 2, rel=1e-6)


def test_newcombe_1998_table_2_a():
    """Newcombe (1998), Statistics in Medicine 17:873-890, table II (a): 56/70 less 48/80, method 10."""
    told = statistics.compare_rates((48, 80), (56, 70))
    assert (round(float(told.lower), 4), round(float(told.upper), 4)) == (0.0524, 0.3339)


def test_newcombe_1998_single_proportion():
    """Newcombe (1998), Statistics in Medicine 17:857-872, table I: 81/263, the score method."""
    told = statistics.rate(81, 263)
    assert (round(float(told.lower), 4), round(float(told.upper), 4)) == (0.2553, 0.3662)


def test_nist_handbook_1_3_5_3():
    """NIST/SEMATECH e-Handbook 1.3.5.3 (AUTO83B): US and Japanese cars; T = -12.94627, variances unequal."""
    us, japanese = (249, 20.14458, 6.41470), (79, 30.48101, 6.10771)
    given_ = [sums(n, n * mean, (n - 1) * sd**2 + n * mean**2) for n, mean, sd in (japanese, us)]
    told = statistics.means(*given_)[2]
    error = (told.upper - told.lower) / 2 / stats.t.ppf(0.975, 136.8750)
    assert told.difference / error == pytest.approx(-12.94627, abs=5e-4)


def test_holm_worked_example():
    """Wikipedia, Holm-Bonferroni method, example: of .01, .04, .03, .005 the first and the last are rejected at .05."""
    assert [p <= 0.05 for p in statistics.holm([0.01, 0.04, 0.03, 0.005])] == [True, False, False, True]


def test_open_bandit_men():
    """46 against 69 clicks of 10,000: the p = 0.031 that the data set's note gives."""
    assert round(float(statistics.compare_rates((46, 10000), (69, 10000)).p_value), 3) == 0.031


@pytest.mark.parametrize("sign", [1, -1], ids=["up", "down"])
def test_the_bound_excludes_nought_just_when_the_p_value_is_under_alpha(sign):
    """Decision and interval are one test: the p-value is of the wanted side, each bound of its own."""
    rng = np.random.default_rng(1)
    told = statistics.always_valid(
        rng.normal(0, 0.1, 2000), rng.uniform(1e-5, 1e-2, 2000), rng.uniform(0.01, 0.2, 2000), sign=sign
    )
    against = told.lower if sign == 1 else -told.upper
    assert ((told.p_value < 0.05) == (against > 0)).all()
    assert 0.05 < (told.p_value < 0.05).mean() < 0.95


def test_the_evidence_is_the_mixture_of_likelihood_ratios_over_effects_above_nought():
    difference, variance, mixture_sd = 0.07, 0.0009, 0.05
    effects = np.linspace(0, 0.6, 240_001)
    ratio = np.exp((2 * effects * difference - effects**2) / (2 * variance))
    expected = np.trapezoid(ratio * 2 * stats.norm.pdf(effects, 0, mixture_sd), effects)
    assert statistics.log_evidence(difference, variance, mixture_sd) == pytest.approx(math.log(expected), rel=1e-6)
    assert statistics.always_valid(difference, variance, mixture_sd).p_value == pytest.approx(1 / expected, rel=1e-6)


def test_the_reach_is_the_lift_at_which_the_evidence_suffices():
    variance, mixture_sd = np.geomspace(1e-9, 1, 40), 0.05
    for alpha in (0.001, 0.05, 0.2):
        at = statistics.log_evidence(statistics.reach(variance, mixture_sd, alpha), variance, mixture_sd)
        assert at == pytest.approx(np.full(40, -math.log(alpha)), abs=1e-9)


def test_the_evidence_overflows_nowhere():
    assert np.isfinite(statistics.log_evidence([1.0, -1.0], 1e-12, 0.05)).all()
    assert statistics.always_valid_p_value(-1.0, 1e-12, 0.05) == 1


def test_the_split_is_weighed_by_two_dirichlet_multinomials():
    """With a concentration of 2 around an even plan the first is the beta-binomial of Laplace: 1 / (n + 1) each."""
    wide = statistics.log_ratio_evidence(40, 0, 0.5, [2.0])
    assert wide == pytest.approx(-math.log(41) + 40 * math.log(2), rel=1e-9)
    close = stats.betabinom.logpmf(3, 10, 1000 * 0.3, 1000 * 0.7) - stats.binom.logpmf(3, 10, 0.3)
    assert statistics.log_ratio_evidence(7, 3, 0.3, [1000.0]) == pytest.approx(close, rel=1e-6)
    both = statistics.log_ratio_evidence(7, 3, 0.3, [2.0, 1000.0])
    other = stats.betabinom.logpmf(3, 10, 0.6, 1.4) - stats.binom.logpmf(3, 10, 0.3)
    assert both == pytest.approx(math.log((math.exp(close) + math.exp(other)) / 2), rel=1e-6)


def test_the_variance_of_means_has_two_observations_more():
    """Of rates it is (k + 1) / (n + 2), of means one observation more above and one below the pooled mean."""
    constant, other = sums(2, 0.2, 0.02), sums(200, 40, 10)
    first, second, _ = statistics.means(constant, other)
    pooled = 40.2 / 202
    spread = math.sqrt(10.02 / 202 - pooled**2)
    for given_, told in ((constant, first), (other, second)):
        n = int(given_.count) + 2
        squares = float(given_.squares) + (pooled + spread) ** 2 + (pooled - spread) ** 2
        mean = (float(given_.total) + 2 * pooled) / n
        assert told.variance == pytest.approx((squares / n - mean**2) / float(given_.count), rel=1e-9)
    assert np.isnan(statistics.means(constant, constant)[0].variance)


def test_sources_that_agree_to_a_hair_make_no_arm_surer_than_its_items():
    alike = sums([40] * 12, [8] * 12, [8] * 12)
    told = statistics.clusters(alike, alike, is_rate=True)
    assert told[0].variance == pytest.approx(statistics.rate(96, 480).variance)
    spread = sums([40] * 12, [2, 14] * 6, [2, 14] * 6)
    assert statistics.clusters(spread, alike, is_rate=True)[0].variance > 3 * told[0].variance


def test_an_always_valid_test_without_a_variance_is_refused():
    for variance, mixture_sd in ((0, 1), (1, 0), (-1, 1)):
        with pytest.raises(ValueError, match="above zero"):
            statistics.always_valid(0.1, variance, mixture_sd)


@pytest.mark.parametrize("promotion_rate", [0.03, 0.2, 0.5])
def test_daily_looks_reject_at_most_one_null_in_twenty(promotion_rate):
    """2,000 experiments without an effect, looked at daily for 28 days, 15 reviews a day and arm."""
    rng = np.random.default_rng(20260216)
    k0, k1 = rng.binomial(15, promotion_rate, (2, 2000, 28)).cumsum(axis=2)
    n = 15 * np.arange(1, 29)
    variance = statistics.rate(k0, n).variance + statistics.rate(k1, n).variance
    told = statistics.compare_rates((k0, n), (k1, n))
    always = (statistics.always_valid(told.difference, variance, 0.05).p_value <= 0.05).any(axis=1).mean()
    assert always <= 0.05 < (told.p_value <= 0.05).any(axis=1).mean()
