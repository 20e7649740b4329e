"""Does it know whether a fix worked: python benchmarks/fixes.py [--worlds 8].

Worlds of weekly counts through the SQL that ships (compiled, over small tables): signatures whose rates are spread, weeks
that differ by more than chance, seasons, and promotions at a signature's highest week so far, as happens. Writes the section
`fixes` of docs/honesty.md: fixes found where there was none, and fixes, harms and returns found.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import honesty
import numpy as np
import pyarrow as pa
import shipped
from scipy import stats

from learning_loop.night import context
from learning_loop.project import project_dir

CHAIN = (
    "int_backlog__weekly_signals", "int_backlog__watch_windows",
    "int_backlog__left_out_traffic", "int_backlog__exposures", "int_backlog__usual_cases", "int_backlog__usual_rates",
    "int_backlog__rate_priors", "int_backlog__class_weeks", "int_backlog__class_priors",
    "int_backlog__watched_weeks", "int_backlog__rate_baselines",
    "int_backlog__rate_evidence", "int_backlog__rate_verdicts", "int_backlog__lowered_rates",
    "int_backlog__rate_returns", "int_backlog__weeks_since", "fix_effects",
)  # fmt: skip
MONDAY = date(2023, 1, 2)
RELATION = re.compile(r'"\w+"\."(\w+)"')
SIGNATURES, WEEKS, PROMOTED_IN = 600, 130, range(30, 100)
SPREAD, SEASON = 0.3, 0.3  # of a signature's weeks: overdispersion; of all: standard deviation of log traffic
IN_TIME = 8  # weeks in which a fix shall be known
POLICY = project_dir() / "seeds" / "policy" / "fix_effects_policy.csv"
_STANDING = list(csv.DictReader(POLICY.read_text("utf-8").splitlines()))[-1]
LOWERED, BAR = json.loads(_STANDING["lowered_ratios"]), float(_STANDING["evidence_bar"])


@dataclass(frozen=True)
class World:
    """What happens: the ratio of a promoted rate to before, signatures that come and go, outages of others.

    ``mean``: usual cases a week, over all signatures. ``promoted_from``: only what comes so often is promoted.
    ``spread``: overdispersion of a signature's weeks.
    """

    ratio: float = 1.0
    is_changing: bool = False
    has_outages: bool = False
    mean: float = 2.0
    promoted_from: float = 0.0
    spread: float = SPREAD

    def weeks(self, rng: np.random.Generator) -> tuple[np.ndarray, dict[int, int], np.ndarray]:
        """Return cases (shape: signatures, weeks), signature to the week of its promotion, and rates without a fix."""
        usual = rng.gamma(0.5, 2 * self.mean, SIGNATURES)
        rates = usual[:, None] * np.exp(SEASON * rng.standard_normal(WEEKS))[None, :]
        lives = np.ones((SIGNATURES, WEEKS), bool)
        if self.is_changing:
            born = rng.integers(-60, 120, SIGNATURES)[:, None]
            lives = (np.arange(WEEKS) >= born) & (np.arange(WEEKS) < born + rng.geometric(1 / 60, SIGNATURES)[:, None])
        cases = self._counts(rng, rates * lives)
        promoted: dict[int, int] = {}
        for week in PROMOTED_IN:
            for one in np.argsort(-cases[:, week])[:4]:
                if one in promoted or usual[one] < self.promoted_from:
                    continue
                if cases[one, week] >= max(4, cases[one, :week].max()):
                    promoted[int(one)] = week
        for one, week in promoted.items():
            cases[one, week + 1 :] = self._counts(rng, rates[one, week + 1 :] * self.ratio)
        if self.has_outages:
            for week in range(0, WEEKS, 7):
                one = int(rng.integers(0, SIGNATURES))
                if one not in promoted:
                    cases[one, week : week + 2] += 2 * cases[:, week].sum()
        return cases, promoted, rates

    def _counts(self, rng: np.random.Generator, rates: np.ndarray) -> np.ndarray:
        return rng.negative_binomial(1 / self.spread, 1 / (1 + self.spread * np.maximum(rates, 1e-12)))

    def is_found_by_who_knows(self, cases: np.ndarray, rates: np.ndarray, after: int) -> bool:
        """Whether the same evidence reaches its bar within IN_TIME weeks for who knows the rate and the overdispersion."""
        weeks = slice(after + 1, after + 1 + IN_TIME)
        size = 1 / self.spread

        def likelihood(ratio: float) -> np.ndarray:
            return np.cumsum(stats.nbinom.logpmf(cases[weeks], size, size / (size + ratio * rates[weeks])))

        evidence = np.mean([np.exp(likelihood(ratio) - likelihood(1)) for ratio in LOWERED], axis=0)
        return bool((evidence >= BAR).any())


@dataclass(frozen=True)
class ClassWorld:
    """Classes of claims that say .9: a tenth of them is wrong, a third since the drop, ``ratio`` of that since the fix.

    Without a drop the alarm was chance: it is said to have begun with the worst four weeks in a row of a class, and
    the class is promoted in the last of them. With sessions ten claims come out as one each fourth time.
    """

    claims: int
    ratio: float = 1.0
    has_dropped: bool = True
    has_sessions: bool = False
    classes: int = 400

    @property
    def design_effect(self) -> float:
        """How much more the weeks vary than as many independent claims."""
        return 3.25 if self.has_sessions else 1

    def weeks(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return claims and wrong ones (classes, WEEKS), the week each alarm began in, and that of each promotion."""
        before, drop, fix = 0.1, 40, 46
        rate = np.full((self.classes, WEEKS), before)
        count = np.full((self.classes, WEEKS), self.claims)
        if self.has_dropped:
            rate[:, drop:] = 0.3
            rate[:, fix + 1 :] *= self.ratio
            wrong = self._wrong(rng, rate)
            return count, wrong, np.full(self.classes, drop), np.full(self.classes, fix)
        wrong = self._wrong(rng, rate)
        four = np.apply_along_axis(lambda row: np.convolve(row, np.ones(4), "valid"), 1, wrong[:, :60])
        began = four.argmax(axis=1)
        return count, wrong, began, began + 3

    def _wrong(self, rng: np.random.Generator, rate: np.ndarray) -> np.ndarray:
        if not self.has_sessions:
            return rng.binomial(self.claims, rate)
        alike = rng.binomial(self.claims // 10, 0.25, rate.shape)
        return 10 * rng.binomial(alike, rate) + rng.binomial(self.claims - 10 * alike, rate)


def compiled() -> dict[str, str]:
    """Return the SQL of the models of CHAIN, with the bare names of what they read."""
    return {name: RELATION.sub(lambda found: found[1], text) for name, text in shipped.compiled(CHAIN).items()}


def judged(
    con: duckdb.DuckDBPyConnection, sql: dict[str, str], cases: np.ndarray, promoted: dict[int, int]
) -> list[Any]:
    """Return of each promotion (effect, weeks until it was known, ratio's lower and upper end, whether it returned)."""
    signature, week = np.nonzero(cases)
    counts = cases[signature, week]
    days = [MONDAY + timedelta(weeks=int(one)) for one in range(WEEKS + 1)]
    context.lay_down(con, {"as_of": days[WEEKS].isoformat()}, "timestamptz")
    con.register("given", pa.table({
        "period_granularity": ["week"] * len(week), "period_starts_on": [days[one] for one in week],
        "cluster_signature": signature.astype(str), "total_signals": counts, "unique_users": counts,
    }))  # fmt: skip
    con.execute("create or replace temp table int_issue_clusters__buckets as from given")
    con.register("settled", pa.table({
        "candidate_key": pa.array([str(one) for one in promoted], pa.string()),
        "settled_in": pa.array([days[one] for one in promoted.values()], pa.date32()),
    }))  # fmt: skip
    con.execute(
        "create or replace temp table int_backlog__watches as select candidate_key, 'promoted' as status,"
        " (settled_in + 6)::timestamptz as settled_at, null::timestamptz as left_at, candidate_key as cluster_signature,"
        " null::varchar as claim_class, settled_in from settled"
    )
    _claims(con, np.zeros((0, WEEKS), int), np.zeros((0, WEEKS), int), np.zeros(0, int))
    return _told(con, sql)


def judged_classes(con: duckdb.DuckDBPyConnection, sql: dict[str, str], world: ClassWorld, seed: int) -> list[Any]:
    """Return the same of each class of claims that was promoted."""
    count, wrong, began, promoted = world.weeks(np.random.default_rng(seed))
    judged(con, sql, np.ones((1, WEEKS), int), {})
    days = [MONDAY + timedelta(weeks=int(one)) for one in promoted]
    con.register("settled", pa.table({"claim_class": [str(one) for one in range(len(days))], "settled_in": days}))
    con.execute(
        "create or replace temp table int_backlog__watches as select claim_class as candidate_key, 'promoted' as status,"
        " (settled_in + 6)::timestamptz as settled_at, null::timestamptz as left_at, null::varchar as cluster_signature,"
        " claim_class, settled_in from settled"
    )
    _claims(con, count, wrong, began, world.design_effect)
    return _told(con, sql)


def _claims(
    con: duckdb.DuckDBPyConnection, count: np.ndarray, wrong: np.ndarray, began: np.ndarray, design_effect: float = 1
) -> None:
    """Write claims that say .9, per class and week, each class with an alarm that stands since it began."""
    one, week = np.nonzero(count)
    days = [MONDAY + timedelta(weeks=int(number)) for number in range(WEEKS)]
    con.register("given", pa.table({
        "period_starts_on": pa.array([days[number] for number in week], pa.date32()),
        "claim_class": pa.array(one.astype(str), pa.string()), "parser_version": pa.array(["p1"] * len(one), pa.string()),
        "claim_count": count[one, week], "right_count": (count - wrong)[one, week],
        "confidence_sum": count[one, week] * 0.9,
        "verdict": pa.array(np.where(week >= began[one], "alarm", "within_chance"), pa.string()),
        "began_on": pa.array([days[number] for number in began[one]], pa.date32()),
        "design_effect": np.full(len(one), float(design_effect)),
    }))  # fmt: skip
    con.execute(
        "create or replace temp table int_calibration__horizon_bins as select period_starts_on, claim_class,"
        " parser_version, claim_count, right_count, confidence_sum from given;"
        "create or replace temp table extraction_drift_weeks as select period_starts_on, claim_class, parser_version,"
        " verdict, began_on, design_effect from given"
    )


def _told(con: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> list[Any]:
    con.execute(
        "create or replace temp table int_backlog__decisions as select candidate_key, 'promote' as decision,"
        " settled_at as decided_at, 'T' as issue_ref, 'a' as actor from int_backlog__watches"
    )
    con.execute(
        "create or replace temp table fix_effects_policy as select * replace (effective_from::timestamptz as effective_from,"
        " lowered_ratios::double[] as lowered_ratios, worse_ratios::double[] as worse_ratios)"
        f" from read_csv('{POLICY}')"
    )
    for name in CHAIN:
        con.execute(f"create or replace temp table {name} as {sql[name]}")
    return con.execute(
        "select effects.effect, verdicts.decided_week, rate_ratio_lower, rate_ratio_upper, returned_in is not null"
        " from fix_effects as effects left join int_backlog__rate_verdicts as verdicts using (candidate_key)"
    ).fetchall()


def claims(worlds: int, seed: int = 7) -> list[honesty.Claim]:
    """Return what is claimed of fixes, measured over so many worlds of each kind."""
    sql = compiled()
    found = []
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")

        def of(world: World) -> list[Any]:
            rng = np.random.default_rng(seed)
            return [row for _ in range(worlds) for row in judged(con, sql, *world.weeks(rng)[:2])]

        def add(claim: str, case: str, bound: float, hits: list[bool], is_floor: bool = False) -> None:
            found.append(honesty.Claim(claim, case, "`fix_effects`", bound, sum(hits), len(hits), is_floor))

        kinds = {"steady signatures": World(), "signatures that come and go": World(is_changing=True),
                 "outages of others": World(has_outages=True)}  # fmt: skip
        for case, world in kinds.items():
            rows = of(world)
            add("no fix, called lowered", case, 0.05, [row[0] == "lowered" for row in rows])
            add("no fix, called worse", case, 0.05, [row[0] == "worse" for row in rows])
        for ratio, name in ((0.3, "-70 %"), (0.6, "-40 %")):
            for case, world in kinds.items():
                rows = of(World(ratio, world.is_changing, world.has_outages))
                if ratio == 0.3:
                    in_time = [row[0] == "lowered" and row[1] <= IN_TIME for row in rows]
                    add(
                        f"{name}, found in {IN_TIME} weeks",
                        case,
                        0.9 if case == "steady signatures" else 0.4,
                        in_time,
                        True,
                    )
                found_at_all = [row[0] == "lowered" for row in rows]
                floors = {"steady signatures": 0.95 if ratio == 0.3 else 0.5}
                add(f"{name}, found in 20 weeks", case, floors.get(case, 0.15), found_at_all, True)
                returned = [row[4] for row in rows if row[0] == "lowered"]
                if ratio == 0.3:
                    add(f"{name} that held, called back", case, 0.1, returned)
                covered = [row[2] <= ratio <= row[3] for row in rows]
                add(f"{name}, ratio within its 90 % interval", case, 0.75, covered, True)
        for claims_a_week, has_sessions in ((20, False), (100, False), (100, True)):
            case = f"class of {claims_a_week} claims a week" + (", sessions of ten" if has_sessions else "")

            def of_classes(ratio: float, has_dropped: bool = True) -> list[Any]:
                world = ClassWorld(claims_a_week, ratio, has_dropped, has_sessions)  # noqa: B023 - called within the turn
                return judged_classes(con, sql, world, seed)

            rows = of_classes(1.0)
            add("no fix, called lowered", case, 0.05, [row[0] == "lowered" for row in rows])
            add("no fix, called worse", case, 0.05, [row[0] == "worse" for row in rows])
            rows = of_classes(1.0, has_dropped=False)
            add("its worst four weeks taken for an alarm", case, 0.2, [row[0] == "lowered" for row in rows])
            rows = of_classes(1 / 3)
            in_time = [row[0] == "lowered" and row[1] <= IN_TIME for row in rows]
            add(
                f"as good as before the drop, found in {IN_TIME} weeks",
                case,
                0.6 if claims_a_week < 100 else 0.9,
                in_time,
                True,
            )
            add("that held, called back", case, 0.1, [row[4] for row in rows if row[0] == "lowered"])
        rows = of(World(2.0))
        add("twice the rate, called worse", "steady signatures", 0.95, [row[0] == "worse" for row in rows], True)
    return found


def limits(worlds: int, seed: int = 11) -> tuple[list[honesty.Claim], str]:
    """Return the claim of frequent signatures, and a table of what is found beside what can be found at all."""
    sql = compiled()
    claim: list[honesty.Claim] = []
    lines = [
        "| cases a week before the fix | overdispersion | n | found | by who knows the rate |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        for spread in (0.1, 0.3):
            for least, mean in ((2, 2.0), (5, 5.0), (10, 10.0)):
                world = World(0.3, mean=mean, promoted_from=least, spread=spread)
                rng = np.random.default_rng(seed)
                found, known = [], []
                for _ in range(worlds):
                    cases, promoted, rates = world.weeks(rng)
                    rows = judged(con, sql, cases, promoted)
                    found += [row[0] == "lowered" and row[1] <= IN_TIME for row in rows]
                    known += [world.is_found_by_who_knows(cases[one], rates[one], at) for one, at in promoted.items()]
                lines.append(
                    f"| {least} and more | {spread} | {len(found)} | {np.mean(found):.1%} | {np.mean(known):.1%} |"
                )
                if least >= 5:
                    claim.append(honesty.Claim(
                        f"-70 %, found in {IN_TIME} weeks", f"{least} cases a week and more, overdispersion {spread}",
                        "`fix_effects`", 0.99, sum(found), len(found), True,
                    ))  # fmt: skip
    return claim, "\n".join(lines)


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=8, help="worlds of each kind, of some 30 promotions each")
    worlds = parser.parse_args().worlds
    frequent, limit = limits(worlds)
    told = claims(worlds) + frequent
    text = (
        "## Did the fix work\n\n"
        f"`python benchmarks/fixes.py --worlds {worlds}`: {SIGNATURES} signatures, {WEEKS} weeks, promotions at a signature's"
        " highest week so far; rates gamma of shape 0.5 around 2 cases a week, overdispersion 0.3, traffic that varies by a"
        " third. A small change, and one of a rare signature, takes longer to find or is not found; `undecided` says so."
        f" 99 % of the fixes of -70 % shall be found within {IN_TIME} weeks. That depends on how often a signature came: the"
        " second table puts what is found beside what the same evidence finds for somebody who knows each rate, the traffic"
        " and the overdispersion without estimating them. For signatures that come and go or have outages beside them the bounds"
        " are what a change of the code must not fall under, not that aim."
        " Classes say .9 of each claim, and a tenth is wrong, since a drop three tenths; what was usual of them begins with the"
        " alarm. Where that rang by chance, the way back is taken for a fix: the last line of each is the worst case, a class"
        " that is promoted for the worst four of its sixty weeks, for which no alarm of the product would ring.\n\n"
        + honesty.table(told)
        + "\n\n"
        + limit
    )
    honesty.write("fixes", text)
    print(honesty.table(told))


if __name__ == "__main__":
    main()
