"""Estimates, comparisons and always-valid inference for two arms, of one experiment or of thousands in one call.

Every function takes numbers or arrays of them, one element per experiment and look; NaN says "cannot be told".

Sources:
    Wilson (1927), bounds of a rate. Newcombe (1998), Statistics in Medicine 17:873-890, method 10: bounds of a
    difference of rates. Walter (1975), log ratio with a half added: bounds of a relative lift. Welch (1947), means.
    Kaplan and Meier (1958), Greenwood (1926), Brookmeyer and Crowley (1982), Biometrics 38:29-41: the median of waits
    that are not all over, and its bounds. Cochran (1977), Sampling Techniques, 11.9: variance of a ratio over clusters.
    Robbins (1970), Ann. Math. Statist. 41:1397-1409, and Johari, Koomen, Pekelis and Walsh (2022), Always Valid
    Inference, Operations Research 70:1806-1821: mixtures of likelihood ratios, here over effects of one sign; with the
    variance plugged in their bounds are the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and
    Ramdas (2021), arXiv:2103.06476. Agresti and Caffo (2000): one success and one failure more per arm, for that
    variance. Lindon and Malek (2022), arXiv:2011.03567: a sample ratio that is watched. Holm (1979), several metrics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
NEWTON_STEPS = 12
LOG_2 = math.log(2)


@dataclass(frozen=True)
class Sums:
    """Sums over the items of arms, or of sources along the last axis: ``total`` and ``squares`` of their values."""

    count: Floats
    total: Floats
    squares: Floats


@dataclass(frozen=True)
class Estimate:
    """The values of arms with their bounds. ``variance`` is that of the value, never zero where it can be told."""

    count: Floats
    value: Floats
    lower: Floats
    upper: Floats
    variance: Floats


@dataclass(frozen=True)
class Comparison:
    """Treatment less control, in units of the metric; ``relative`` is that as a share of the control's value.

    ``lower`` and ``upper`` are two-sided at alpha and, as ``p_value``, hold at one look that was planned.
    ``upper_once`` is the upper bound of one side at alpha, at one look, stretched where looks go on (see `stretch`).
    """

    difference: Floats
    lower: Floats
    upper: Floats
    upper_once: Floats
    p_value: Floats
    relative: Floats
    relative_lower: Floats
    relative_upper: Floats


@dataclass(frozen=True)
class ConfidenceSequence:
    """What may be looked at daily: a one-sided p-value, and a bound on each side.

    Each bound holds at all looks together with probability 1 - alpha, so both do with 1 - 2 alpha; the p-value is of
    the wanted direction alone. Bound and p-value are one test, read twice: the bound against the wanted direction
    excludes nought exactly when p < alpha.
    """

    p_value: Floats
    lower: Floats
    upper: Floats


def rate(successes: ArrayLike, count: ArrayLike, alpha: float = 0.05) -> Estimate:
    """Return rates with their Wilson bounds; the variance is of (k + 1) / (n + 2), so that it is never zero."""
    k, n = _floats(successes), _floats(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = _wilson(k, n, special.ndtri(1 - alpha / 2))
        smoothed = (k + 1) / (n + 2)
        return Estimate(n, k / n, lower, upper, np.where(n > 0, smoothed * (1 - smoothed) / n, np.nan))


def stretch(count: ArrayLike, least: float, growth: float, alpha: float = 0.05) -> Floats:
    """Return by how much the bound of one look is stretched once ``count`` items are there.

    1 up to ``least`` items; then the squared quantile grows by ``growth`` per natural log of how far they are beyond:
    so do the chances that an unchanged bound is passed by luck on some look.
    """
    beyond = np.log(np.maximum(1.0, _floats(count) / least))
    return _floats(np.sqrt(1 + growth * beyond / special.ndtri(1 - alpha) ** 2))


def compare_rates(
    control: tuple[ArrayLike, ArrayLike],
    treatment: tuple[ArrayLike, ArrayLike],
    alpha: float = 0.05,
    stretched: ArrayLike = 1.0,
) -> Comparison:
    """Compare rates given as (successes, count): pooled z-test, Newcombe's bounds, Walter's bounds of the ratio."""
    k0, n0, k1, n1 = (_floats(one) for one in (*control, *treatment))
    two_sided = special.ndtri(1 - alpha / 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        p0, p1 = k0 / n0, k1 / n1
        lower, upper = _newcombe(k0, n0, k1, n1, two_sided)
        _, upper_once = _newcombe(k0, n0, k1, n1, special.ndtri(1 - alpha) * _floats(stretched))
        pooled = (k0 + k1) / (n0 + n1)
        error = np.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
        # Where nobody or everybody succeeded the arms are equal, and the test would divide zero by zero.
        p_value = np.where(error > 0, 2 * special.ndtr(-np.abs(p1 - p0) / error), 1.0)
        log_error = np.sqrt(1 / (k1 + 0.5) - 1 / (n1 + 0.5) + 1 / (k0 + 0.5) - 1 / (n0 + 0.5))
        halved = (k1 + 0.5) / (n1 + 0.5) / ((k0 + 0.5) / (n0 + 0.5))
        relative = _where(k0 > 0, p1 / p0 - 1)
        low, high = halved * np.exp(-two_sided * log_error) - 1, halved * np.exp(two_sided * log_error) - 1
        told = np.isfinite(p1 - p0)
        return Comparison(
            p1 - p0, lower, upper, upper_once, _where(told, p_value), relative,
            _where(np.isfinite(relative), low), _where(np.isfinite(relative), high),
        )  # fmt: skip


def means(control: Sums, treatment: Sums, alpha: float = 0.05) -> tuple[Estimate, Estimate, Comparison]:
    """Return the means of both arms with Student's bounds, compared by Welch's test.

    Their ``variance``, by which the sequence judges, has two made-up observations more in each arm, at the pooled mean
    plus and minus the pooled standard deviation: three equal values are no proof that the fourth is equal too.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        count, total = control.count + treatment.count, control.total + treatment.total
        pooled = total / count
        spread = np.maximum(0, (control.squares + treatment.squares) / count - pooled**2)
        arms = []
        for sums in (control, treatment):
            n = sums.count + 2
            squares, added = sums.squares + 2 * (pooled**2 + spread), sums.total + 2 * pooled
            smoothed = np.maximum(0, squares / n - (added / n) ** 2) / sums.count
            mean, variance = sums.total / sums.count, _variance(sums) / sums.count
            half = special.stdtrit(np.maximum(sums.count - 1, 1), 1 - alpha / 2) * np.sqrt(variance)
            arms.append(
                (Estimate(sums.count, mean, mean - half, mean + half, _where(smoothed > 0, smoothed)), variance)
            )
        (first, v0), (second, v1) = arms
        error = v0 + v1
        freedom = error**2 / (v0**2 / (control.count - 1) + v1**2 / (treatment.count - 1))
        return first, second, _compared(first, second, _where(error > 0, error), freedom, alpha)


def clusters(
    control: Sums, treatment: Sums, is_rate: bool, alpha: float = 0.05
) -> tuple[Estimate, Estimate, Comparison]:
    """Return the values of arms whose sources were given to them whole, compared by the spread between sources.

    Args:
        control: the sums of each source along the last axis (padded with zeros): the source is what chance gave.
        treatment: likewise.
        is_rate: the metric is a rate, not a mean.
        alpha: of the bounds.
    """
    one, two = (Sums(arm.count.sum(-1), arm.total.sum(-1), arm.squares.sum(-1)) for arm in (control, treatment))
    of_items = [rate(arm.total, arm.count, alpha) for arm in (one, two)] if is_rate else means(one, two, alpha)[:2]
    arms, sources = [], []
    with np.errstate(divide="ignore", invalid="ignore"):
        for parts, whole, item in zip((control, treatment), (one, two), of_items, strict=True):
            size = (parts.count > 0).sum(-1)
            value = whole.total / whole.count
            residuals = ((parts.total - value[..., None] * parts.count) ** 2).sum(-1)
            variance = size / (size - 1) * residuals / whole.count**2
            half = special.stdtrit(np.maximum(size - 1, 1), 1 - alpha / 2) * np.sqrt(variance)
            # Sources that agree to a hair agree by chance: no arm is surer than independent items would be.
            cautious = _where(np.isfinite(variance), np.maximum(variance, item.variance))
            arms.append((Estimate(whole.count, value, value - half, value + half, cautious), variance))
            sources.append(size)
        (first, v0), (second, v1) = arms
        freedom = sources[0] + sources[1] - 2.0
        error = v0 + v1
        return first, second, _compared(first, second, _where(error > 0, error), freedom, alpha)


def median(decided: Sequence[float], still_open: Sequence[float] = (), alpha: float = 0.05) -> Estimate:
    """Return the median wait by Kaplan and Meier, with the bounds of Brookmeyer and Crowley.

    Args:
        decided: the waits that are over.
        still_open: how long those that are not have lasted: they are at least so long.
        alpha: of the bounds.

    Returns:
        The bounds survive ties, for they are waits that occur; where ties make them one point, the variance is NaN:
        nothing is so sure. So it is where more than half are open, or the upper bound is not reached.
    """
    nothing = _floats(np.nan)
    over, waiting = np.sort(_floats(decided)), np.sort(_floats(still_open))
    count = _floats(float(over.size))
    if not over.size:
        return Estimate(count, nothing, nothing, nothing, nothing)
    times, ended = np.unique(over, return_counts=True)
    at_risk = (over.size - np.searchsorted(over, times)) + (waiting.size - np.searchsorted(waiting, times))
    survival = np.cumprod(1 - ended / at_risk)
    left = at_risk - ended
    greenwood = np.cumsum(np.where(left > 0, ended / (at_risk * np.where(left > 0, left, 1)), 0))
    z = float(special.ndtri(1 - alpha / 2))
    half = z * survival * np.sqrt(greenwood)
    value, lower, upper = (
        _first(times, np.round(bound, 9) <= 0.5) for bound in (survival, survival - half, survival + half)
    )
    spread = (upper - lower) / (2 * z)
    variance = spread**2 if spread > 0 else np.nan
    return Estimate(count, _floats(value), _floats(lower), _floats(upper), _floats(variance))


def compare_medians(control: Estimate, treatment: Estimate, is_clustered: bool, alpha: float = 0.05) -> Comparison:
    """Compare medians by their variances; where sources were given, the items are not independent: no interval."""
    variance = control.variance + treatment.variance
    return _compared(control, treatment, variance * np.nan if is_clustered else variance, np.inf, alpha)


def log_evidence(lift: ArrayLike, variance: ArrayLike, mixture_sd: ArrayLike) -> Floats:
    """Return ln E, the evidence that a lift is above nought: the mixture of likelihood ratios over effects above it.

    Under no lift, or one below nought, E exceeds 1 / alpha at any look with probability alpha at most.

    Args:
        lift: the difference in the wanted direction.
        variance: of that difference, at this look.
        mixture_sd: the standard deviation of the half-normal mixture: the size of effect that the test is tuned to.
    """
    d, v, tau = _floats(lift), _floats(variance), _floats(mixture_sd)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = tau**2 / (v + tau**2)
        z = d / np.sqrt(v)
        return _floats(0.5 * np.log1p(-weight) + weight * z**2 / 2 + LOG_2 + special.log_ndtr(z * np.sqrt(weight)))


def reach(variance: ArrayLike, mixture_sd: ArrayLike, alpha: float = 0.05) -> Floats:
    """Return the lift at which E just reaches 1 / alpha: the half-width of the confidence sequence.

    ln E grows with the lift and is convex in it, so Newton's steps from above come down to the root and never pass it.
    """
    v, tau = _floats(variance), _floats(mixture_sd)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = tau**2 / (v + tau**2)
        root = np.sqrt(weight)
        z = np.sqrt((2 * math.log(1 / alpha) - np.log1p(-weight)) / weight)
        for _ in range(NEWTON_STEPS):
            log_phi = special.log_ndtr(z * root)
            above = 0.5 * np.log1p(-weight) + weight * z**2 / 2 + LOG_2 + log_phi + math.log(alpha)
            density = np.exp(-weight * z**2 / 2 - log_phi) / math.sqrt(2 * math.pi)
            z = z - above / (weight * z + root * density)
        return z * np.sqrt(v)


def always_valid_p_value(lift: ArrayLike, variance: ArrayLike, mixture_sd: ArrayLike) -> Floats:
    """Return min(1, 1 / E): the one-sided p-value of a lift in the wanted direction that may be looked at daily."""
    return np.exp(-np.maximum(0, log_evidence(lift, variance, mixture_sd)))


def always_valid(
    difference: ArrayLike, variance: ArrayLike, mixture_sd: ArrayLike, alpha: float = 0.05, sign: float = 1
) -> ConfidenceSequence:
    """Return the one-sided mixture test's p-value, min(1, 1 / E), and its confidence sequence.

    Args:
        difference: treatment less control.
        variance: of that difference, at this look.
        mixture_sd: the size of effect that the test is tuned to.
        alpha: each bound holds at all looks together with probability 1 - alpha.
        sign: 1 where up is wanted, -1 where down is: the direction of the p-value.

    Raises:
        ValueError: a variance or mixture_sd is not above zero.
    """
    if np.any(_floats(variance) <= 0) or np.any(_floats(mixture_sd) <= 0):
        raise ValueError("an always-valid test needs a variance and a mixture above zero")
    half = reach(variance, mixture_sd, alpha)
    lift = _floats(difference)
    return ConfidenceSequence(always_valid_p_value(sign * lift, variance, mixture_sd), lift - half, lift + half)


def sample_ratio_p_value(control: int, treatment: int, treatment_share: float) -> float | None:
    """Return the chi-square p-value of two counts against a planned split; None without any. It holds at one look."""
    total = control + treatment
    if total == 0:
        return None
    expected = total * (1 - treatment_share), total * treatment_share
    squares = (control - expected[0]) ** 2 / expected[0] + (treatment - expected[1]) ** 2 / expected[1]
    return float(special.chdtrc(1, squares))


def log_ratio_evidence(
    control: ArrayLike, treatment: ArrayLike, treatment_share: ArrayLike, concentrations: Sequence[float]
) -> Floats:
    """Return ln B, the evidence against a planned split that may be looked at daily.

    The mean over ``concentrations`` of the Dirichlet-multinomial Bayes factors around the plan: a small concentration
    finds an arm that stays empty at once, a large one a leak. Under the plan, B exceeds 1000 on any day with
    probability 1/1000 at most.
    """
    n0, n1, share = _floats(control), _floats(treatment), _floats(treatment_share)
    n = n0 + n1
    plan = special.xlogy(n0, 1 - share) + special.xlogy(n1, share)
    factors = [
        special.gammaln(c) - special.gammaln(c + n)
        + special.gammaln(c * (1 - share) + n0) - special.gammaln(c * (1 - share))
        + special.gammaln(c * share + n1) - special.gammaln(c * share) - plan
        for c in concentrations
    ]  # fmt: skip
    return np.asarray(np.logaddexp.reduce(factors, axis=0) - math.log(len(factors)))


def log_gap_evidence(
    control: tuple[ArrayLike, ArrayLike], treatment: tuple[ArrayLike, ArrayLike], mixture_sd: ArrayLike
) -> Floats:
    """Return ln E, the evidence that two rates, given as (successes, count), differ either way; 0 without counts."""
    first, second = rate(*control), rate(*treatment)
    variance = first.variance + second.variance
    is_told = np.isfinite(variance)
    gap = np.where(is_told, np.nan_to_num(second.value) - np.nan_to_num(first.value), 0)
    variance = np.where(is_told, variance, 1)
    both = np.logaddexp(log_evidence(gap, variance, mixture_sd), log_evidence(-gap, variance, mixture_sd)) - LOG_2
    return np.where(is_told, both, 0.0)


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


def _floats(given: ArrayLike) -> Floats:
    return np.asarray(given, dtype=np.float64)


def _where(condition: Any, value: ArrayLike) -> Floats:
    return np.where(condition, value, np.nan)


def _first(times: Floats, is_met: NDArray[np.bool_]) -> float:
    return float(times[np.argmax(is_met)]) if is_met.any() else math.inf


def _wilson(k: Floats, n: Floats, z: Any) -> tuple[Floats, Floats]:
    centre = (k + z**2 / 2) / (n + z**2)
    half = z * np.sqrt(k * (n - k) / n + z**2 / 4) / (n + z**2)
    return _where(n > 0, np.where(k == 0, 0.0, centre - half)), _where(n > 0, np.where(k == n, 1.0, centre + half))


def _newcombe(k0: Floats, n0: Floats, k1: Floats, n1: Floats, z: Any) -> tuple[Floats, Floats]:
    (l0, u0), (l1, u1) = _wilson(k0, n0, z), _wilson(k1, n1, z)
    p0, p1 = k0 / n0, k1 / n1
    return p1 - p0 - np.hypot(p1 - l1, u0 - p0), p1 - p0 + np.hypot(u1 - p1, p0 - l0)


def _variance(sums: Sums) -> Floats:
    return np.maximum(0.0, sums.squares - sums.total**2 / sums.count) / (sums.count - 1)


def _compared(control: Estimate, treatment: Estimate, variance: Floats, freedom: ArrayLike, alpha: float) -> Comparison:
    """Compare values by the variance of their difference; ``freedom`` of Student's t, infinite for the normal.

    The relative lift has bounds by the delta method on the log of the ratio of values above zero.
    """
    freedom = np.minimum(_floats(freedom), 1e9)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        difference = treatment.value - control.value
        error = np.sqrt(variance)
        half = special.stdtrit(freedom, 1 - alpha / 2) * error
        once = special.stdtrit(freedom, 1 - alpha) * error
        p_value = 2 * special.stdtr(freedom, -np.abs(difference) / error)
        ratio = treatment.value / control.value
        relative = _where((control.value != 0) & np.isfinite(ratio), ratio - 1)
        has_bounds = (control.value > 0) & (treatment.value > 0)
        log_error = np.sqrt(control.variance / control.value**2 + treatment.variance / treatment.value**2)
        stretch = np.exp(special.ndtri(1 - alpha / 2) * _where(has_bounds & np.isfinite(error), log_error))
        return Comparison(
            difference, difference - half, difference + half, difference + once, p_value,
            relative, ratio / stretch - 1, ratio * stretch - 1,
        )  # fmt: skip
