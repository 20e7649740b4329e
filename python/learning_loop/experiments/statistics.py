"""Estimates, comparisons and always-valid inference for two arms.

Sources:
    Wilson (1927), bounds of a rate. Newcombe (1998), Statistics in Medicine 17:873-890, method 10: bounds of a
    difference of rates. Walter (1975), log ratio with a half added: bounds of a relative lift. Welch (1947), means.
    Price and Bonett (2002), J. Stat. Comput. Simul. 72:119-124: medians from order statistics. Cochran (1977), Sampling
    Techniques, 11.9: variance of a ratio over clusters. Johari, Koomen, Pekelis and Walsh (2022), Always Valid
    Inference, Operations Research 70:1806-1821: the mixture sequential probability ratio test; with the variance
    plugged in its bounds are the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
    (2021), arXiv:2103.06476. Agresti and Caffo (2000): one success and one failure more per arm, for that variance.
    Holm (1979), several metrics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sums:
    """Sums over the items of one arm, or of one source of it: ``total`` and ``squares`` of the items' values."""

    count: int
    total: float
    squares: float


@dataclass(frozen=True)
class Estimate:
    """An arm's value with its bounds. ``variance`` is that of the value; None where it cannot be told."""

    count: int
    value: float | None
    lower: float | None = None
    upper: float | None = None
    variance: float | None = None


@dataclass(frozen=True)
class Comparison:
    """Treatment less control, in units of the metric; ``relative`` is that as a share of the control's value."""

    difference: float | None = None
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    relative: float | None = None
    relative_lower: float | None = None
    relative_upper: float | None = None


@dataclass(frozen=True)
class ConfidenceSequence:
    """An always-valid p-value and the bounds of a confidence sequence: true at every look, however many looks."""

    p_value: float
    lower: float
    upper: float


def rate(successes: int, count: int, alpha: float = 0.05) -> Estimate:
    """Return a rate with its Wilson bounds; its variance is smoothed, so that it is never zero."""
    from statsmodels.stats.proportion import proportion_confint

    if count == 0:
        return Estimate(0, None)
    lower, upper = proportion_confint(successes, count, alpha=alpha, method="wilson")
    smoothed = (successes + 1) / (count + 2)
    return Estimate(count, successes / count, float(lower), float(upper), smoothed * (1 - smoothed) / count)


def compare_rates(control: tuple[int, int], treatment: tuple[int, int], alpha: float = 0.05) -> Comparison:
    """Compare two rates given as (successes, count): pooled z-test, Newcombe's bounds, Walter's bounds of the ratio."""
    from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

    (k0, n0), (k1, n1) = control, treatment
    if n0 == 0 or n1 == 0:
        return Comparison()
    lower, upper = confint_proportions_2indep(k1, n1, k0, n0, compare="diff", method="newcomb", alpha=alpha)
    pooled = (k0 + k1) / (n0 + n1)
    # Where nobody or everybody succeeded the arms are equal, and the test would divide zero by zero.
    p_value = float(proportions_ztest([k1, k0], [n1, n0])[1]) if 0 < pooled < 1 else 1.0
    difference = k1 / n1 - k0 / n0
    if k0 == 0:
        return Comparison(difference, float(lower), float(upper), p_value)
    low, high = confint_proportions_2indep(k1, n1, k0, n0, compare="ratio", method="log-adjusted", alpha=alpha)
    relative = (k1 / n1) / (k0 / n0) - 1
    return Comparison(difference, float(lower), float(upper), p_value, relative, float(low) - 1, float(high) - 1)


def mean(sums: Sums, alpha: float = 0.05) -> Estimate:
    """Return a mean with Student's bounds."""
    from scipy import stats

    if sums.count == 0:
        return Estimate(0, None)
    value = sums.total / sums.count
    if sums.count == 1:
        return Estimate(1, value)
    variance = _variance(sums) / sums.count
    half = float(stats.t.ppf(1 - alpha / 2, sums.count - 1)) * math.sqrt(variance)
    return Estimate(sums.count, value, value - half, value + half, variance)


def compare_means(control: Sums, treatment: Sums, alpha: float = 0.05) -> Comparison:
    """Compare two means by Welch's test."""
    from scipy import stats

    first, second = mean(control, alpha), mean(treatment, alpha)
    if first.value is None or second.value is None:
        return Comparison()
    difference = second.value - first.value
    relative = difference / first.value if first.value else None
    if first.variance is None or second.variance is None or first.variance + second.variance == 0:
        return Comparison(difference, relative=relative)
    told = stats.ttest_ind_from_stats(
        second.value, math.sqrt(_variance(treatment)), second.count,
        first.value, math.sqrt(_variance(control)), first.count, equal_var=False,
    )  # fmt: skip
    variance = first.variance + second.variance
    freedom = variance**2 / (first.variance**2 / (first.count - 1) + second.variance**2 / (second.count - 1))
    half = float(stats.t.ppf(1 - alpha / 2, freedom)) * math.sqrt(variance)
    return _with_relative(
        first, second, Comparison(difference, difference - half, difference + half, float(told.pvalue)), alpha
    )


def median(values: Sequence[float], alpha: float = 0.05) -> Estimate:
    """Return the median of sorted values, with bounds and variance from order statistics (Price and Bonett 2002)."""
    from scipy import stats

    count = len(values)
    if count == 0:
        return Estimate(0, None)
    middle = (values[(count - 1) // 2] + values[count // 2]) / 2
    rank = max(1, round((count + 1) / 2 - math.sqrt(count)))
    outside = 2 * float(stats.binom.cdf(rank - 1, count, 0.5))
    if outside >= 1 or count - rank < rank:
        return Estimate(count, middle)
    spread = (values[count - rank] - values[rank - 1]) / (2 * float(stats.norm.ppf(1 - outside / 2)))
    half = float(stats.norm.ppf(1 - alpha / 2)) * spread
    return Estimate(count, middle, middle - half, middle + half, spread**2)


def ratio_over_sources(sources: Sequence[Sums], alpha: float = 0.05) -> Estimate:
    """Return the value of an arm whose sources were given to it whole: the spread is that between sources.

    Args:
        sources: the sums of each source; the source, not the item, is the unit that chance gave.
    """
    from scipy import stats

    count = sum(source.count for source in sources)
    if count == 0:
        return Estimate(0, None)
    value = math.fsum(source.total for source in sources) / count
    if len(sources) < 2:
        return Estimate(count, value)
    residuals = math.fsum((source.total - value * source.count) ** 2 for source in sources)
    variance = len(sources) / (len(sources) - 1) * residuals / count**2
    half = float(stats.t.ppf(1 - alpha / 2, len(sources) - 1)) * math.sqrt(variance)
    return Estimate(count, value, value - half, value + half, variance)


def compare_estimates(control: Estimate, treatment: Estimate, freedom: float | None, alpha: float = 0.05) -> Comparison:
    """Compare two estimates by their variances; ``freedom`` of Student's t, None for the normal."""
    from scipy import stats

    if control.value is None or treatment.value is None:
        return Comparison()
    difference = treatment.value - control.value
    relative = difference / control.value if control.value else None
    if (not control.variance and not treatment.variance) or control.variance is None or treatment.variance is None:
        return Comparison(difference, relative=relative)
    error = math.sqrt(control.variance + treatment.variance)
    law = stats.norm if freedom is None else stats.t(freedom)
    half = float(law.ppf(1 - alpha / 2)) * error
    p_value = 2 * float(law.sf(abs(difference) / error))
    return _with_relative(
        control, treatment, Comparison(difference, difference - half, difference + half, p_value), alpha
    )


def always_valid(difference: float, variance: float, mixture_sd: float, alpha: float = 0.05) -> ConfidenceSequence:
    """Return the mixture SPRT's p-value and confidence sequence for a difference of two arms.

    Args:
        difference: treatment less control.
        variance: of that difference, at this look.
        mixture_sd: the standard deviation of the normal mixture over effects: the size of effect it is tuned to.
        alpha: the bounds hold at all looks together with probability 1 - alpha.

    Raises:
        ValueError: variance or mixture_sd is not above zero.
    """
    if not variance > 0 or not mixture_sd > 0:
        raise ValueError("an always-valid test needs a variance and a mixture above zero")
    mixed = variance + mixture_sd**2
    log_ratio = 0.5 * math.log(variance / mixed) + mixture_sd**2 * difference**2 / (2 * variance * mixed)
    half = math.sqrt(variance * mixed / mixture_sd**2 * (2 * math.log(1 / alpha) + math.log(mixed / variance)))
    return ConfidenceSequence(min(1.0, math.exp(-log_ratio)), difference - half, difference + half)


def sample_ratio_p_value(control: int, treatment: int, treatment_share: float) -> float | None:
    """Return the chi-square p-value of two counts against a planned split; None without any."""
    from scipy import stats

    total = control + treatment
    if total == 0:
        return None
    return float(stats.chisquare([control, treatment], [total * (1 - treatment_share), total * treatment_share]).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for their number by Holm's method, in their order.

    Holm (1979): the i-th smallest of n is multiplied by n - i + 1 and is never under a smaller one's. Not statsmodels'
    `multipletests`, which collects garbage on every call: in a process that holds the parsed project, .3 s each.
    """
    adjusted = [0.0] * len(p_values)
    least = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = adjusted[at] = min(1.0, max(least, (len(p_values) - rank) * p_values[at]))
    return adjusted


def _variance(sums: Sums) -> float:
    return max(0.0, (sums.squares - sums.total**2 / sums.count) / (sums.count - 1))


def _with_relative(control: Estimate, treatment: Estimate, told: Comparison, alpha: float) -> Comparison:
    """Add the relative lift, with bounds by the delta method on the log of the ratio of values above zero."""
    from scipy import stats

    if not control.value or treatment.value is None:
        return told
    ratio = treatment.value / control.value
    low = high = None
    if control.value > 0 and treatment.value > 0 and control.variance is not None and treatment.variance is not None:
        error = math.sqrt(control.variance / control.value**2 + treatment.variance / treatment.value**2)
        reach = math.exp(float(stats.norm.ppf(1 - alpha / 2)) * error)
        low, high = ratio / reach - 1, ratio * reach - 1
    return Comparison(told.difference, told.lower, told.upper, told.p_value, ratio - 1, low, high)
