"""Credit for rules in worlds of known effects: python benchmarks/credit.py [RUNS]; writes its section of docs/honesty.md.

Each world is drawn many times, seeded, and goes through `learning_loop.stage_b.effects`. Rules help, hurt or do nothing,
a third each; everybody's hit rate rises meanwhile.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent))
import honesty

from learning_loop.stage_b.effects import rule_effects

RIGHT = {"helps": "helped", "hurts": "hurt", "nothing": "undecided"}
FALSE_DISCOVERY_RATE = 0.05
POLICY = {
    "cluster_steps": 64,
    "clusters_at_most": 512,
    "spline_knots": 8,
    "placebo_draws": 30,
    "placebo_rules_at_most": 40,
    "min_tickets": 10,
    "effects_seed": 20260101,
    "rule_ridge": 4.0,
    "placebo_quantile": 0.68,
}


@dataclass(frozen=True)
class World:
    """What is drawn: ``noise`` is the sd of a group's slow wander in log odds, ``trends`` that of its own trend in rate."""

    name: str
    effect: float
    groups: int = 12
    steps: int = 3600
    tickets_per_step: int = 3
    rules_per_group: int = 1
    groups_per_rule: int = 1
    noise: float = 0.0
    trends: float = 0.0


WORLDS = (
    World("effects of 30 points", 0.3),
    World("effects of 15 points", 0.15, steps=7200),
    World("dense: three rules in each group", 0.3, rules_per_group=3),
    World("dense, 15 points", 0.15, steps=7200, rules_per_group=3),
    World("three groups a rule", 0.3, groups_per_rule=3, rules_per_group=2),
    World("three groups a rule, 15 points", 0.15, steps=7200, groups_per_rule=3, rules_per_group=2),
    World("groups that wander slowly", 0.3, noise=0.3),
    World("groups that wander slowly, 15 points", 0.15, steps=7200, noise=0.12),
    World("groups with trends of their own", 0.3, trends=0.25),
    World("groups with trends of their own, 15 points", 0.15, steps=7200, trends=0.25),
)


def draw(world: World, seed: int) -> tuple[pa.Table, pa.Table, dict[str, str]]:
    """Return (tickets, spans, kind of each rule) of a run."""
    rng = np.random.default_rng([seed, 17])
    count = world.steps * world.tickets_per_step
    step = np.repeat(np.arange(world.steps), world.tickets_per_step)
    group = rng.integers(0, world.groups, count)
    own = rng.normal(0, world.trends, world.groups)[group] * (step / world.steps - 0.5)
    rate = 0.35 + 0.3 * step / world.steps + rng.normal(0, 0.04, world.groups)[group] + own
    if world.noise:
        rate = rate + 0.25 * _wander(rng, world)[group, step]
    rules = world.groups * world.rules_per_group // world.groups_per_rule
    kinds = rng.permutation(np.resize(list(RIGHT), rules)).tolist()
    spans, told = [], {}
    for number, kind in enumerate(kinds):
        at = int(rng.uniform(0.15, 0.85) * world.steps)
        about = (number + np.arange(world.groups_per_rule) * rules) % world.groups
        if world.groups_per_rule > 1:
            about = rng.choice(world.groups, world.groups_per_rule, replace=False)
        sign = {"helps": 1, "hurts": -1, "nothing": 0}[kind]
        rate = rate + np.where(np.isin(group, about) & (step >= at), sign * world.effect, 0)
        told[f"k{number}"] = kind
        spans += [{"rule_key": f"k{number}", "group_id": f"g{one}", "start_step": at} for one in about]
    is_hit = rng.random(count) < np.clip(rate, 0.03, 0.97)
    tickets = pa.table(
        {
            "run_id": pa.array(["r"] * count),
            "mission": pa.array(["m"] * count),
            "group_id": pa.array([f"g{n}" for n in range(world.groups)]).take(pa.array(group)),
            "global_step": step,
            "label_match": is_hit,
        }
    )
    rows = [{"run_id": "r", "mission": "m", "end_step": None} | span | POLICY for span in spans]
    return tickets, span_table(rows), told


def _wander(rng: np.random.Generator, world: World) -> Any:
    """Return a slow noise per group and step, in log odds: an AR(1) over stretches of 64 steps with half-life of four."""
    stretches = world.steps // 64 + 1
    value, found = rng.normal(0, world.noise, world.groups), np.empty((world.groups, stretches))
    keep = 0.5 ** (1 / 4)
    for at in range(stretches):
        value = keep * value + np.sqrt(1 - keep**2) * rng.normal(0, world.noise, world.groups)
        found[:, at] = value
    return np.repeat(found, 64, axis=1)[:, : world.steps]


def span_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Return spans as the model hands them over."""
    texts = ("run_id", "mission", "rule_key", "group_id")
    fields = [(name, pa.string()) for name in texts] + [("start_step", pa.int64()), ("end_step", pa.int64())]
    fields += [(name, pa.float64() if isinstance(value, float) else pa.int64()) for name, value in POLICY.items()]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def said(row: dict[str, Any]) -> str:
    """Return the verdict on a rule, as the mart gives it."""
    if row["why_not"]:
        return "cannot_tell"
    if row["q_value"] > FALSE_DISCOVERY_RATE:
        return "undecided"
    return "helped" if row["effect"] > 0 else "hurt"


def calls(world: World, seeds: range) -> Counter[tuple[str, str]]:
    """Count (kind, verdict) over runs of a world."""
    found: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        tickets, spans, told = draw(world, seed)
        for row in rule_effects(tickets, spans).to_pylist():
            found[told[row["rule_key"]], said(row)] += 1
    return found


def shares(found: Counter[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """Return precision of the calls, power over rules with an effect, and the share of nulls that are called."""
    called = {pair: count for pair, count in found.items() if pair[1] in ("helped", "hurt")}
    right = sum(count for (kind, verdict), count in called.items() if RIGHT[kind] == verdict)
    real = sum(count for (kind, _), count in found.items() if kind != "nothing")
    nulls = sum(count for (kind, _), count in found.items() if kind == "nothing")
    return {
        "precision": (right, sum(called.values())),
        "power": (right, real),
        "nulls": (sum(count for (kind, _), count in called.items() if kind == "nothing"), nulls),
    }


def main() -> None:
    """Measure every world and write the section."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    claims = []
    for world in WORLDS:
        begin = time.perf_counter()
        found = shares(calls(world, range(runs)))
        print(world.name, {name: f"{a}/{b} = {a / b:.3f}" for name, (a, b) in found.items()},
              f"{time.perf_counter() - begin:.0f} s", flush=True)  # fmt: skip
        where = "`stage_b_rule_effects.verdict`"
        claims += [
            honesty.Claim("calls that are right", world.name, where, 0.9, *found["precision"], is_floor=True),
            honesty.Claim("effects that are found", world.name, where, 0.45, *found["power"], is_floor=True),
            honesty.Claim("rules without effect that are called", world.name, where, 0.08, *found["nulls"]),
        ]
    if "--print" not in sys.argv:
        honesty.write("credit", text(claims, runs), honesty.FILE)


def text(claims: list[honesty.Claim], runs: int) -> str:
    """Return the section."""
    return f"""## Rules of Stage-B: helped and hurt

`python benchmarks/credit.py`, {runs} runs a world: 12 groups, 3 tickets a step, 3,600 steps (7,200 where effects are of 15
points), hit rates that rise from .35 to .65 for everybody; rules that help, hurt or do nothing, a third each.

{honesty.table(claims)}"""


if __name__ == "__main__":
    main()
