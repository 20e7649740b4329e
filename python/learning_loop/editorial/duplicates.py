"""Groups of candidates that are one idea: stars around the oldest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

GROUPS_SCHEMA = pa.schema([("candidate_id", pa.string()), ("group_head", pa.string()), ("group_size", pa.int32())])
LINKS = ("older_id", "younger_id", "older_us", "younger_us", "relation")
Age = tuple[int, str]


class _Units:
    """Candidates that go together whatever else is found, grown pair by pair, and never over a pair kept apart."""

    def __init__(self, ages: dict[str, Age], apart: dict[str, set[str]]) -> None:
        self.of = {candidate: [candidate] for candidate in ages}  # candidate to the members of its unit, one list each
        self.ages = ages
        self.apart = apart

    def clash(self, one: list[str], other: list[str]) -> bool:
        """Return whether an editor keeps a member of one apart from a member of the other."""
        few, many = sorted((one, other), key=len)
        return any(self.of[named] is many for member in few for named in self.apart.get(member, ()))

    def join(self, one: str, other: str) -> bool:
        """Make one unit of two; return whether they are one now."""
        few, many = sorted((self.of[one], self.of[other]), key=len)
        if few is many:
            return True
        if self.clash(few, many):
            return False
        many.extend(few)
        for member in few:
            self.of[member] = many
        return True

    def oldest(self, unit: Iterable[str]) -> str:
        """Return the oldest member of a unit."""
        return min(unit, key=self.ages.__getitem__)


def groups(links: pa.Table) -> pa.Table:
    """Join linked candidates into groups, and never two that are kept apart.

    What editors confirmed and what says the same are one unit, the oldest link first. Then, the oldest unit first, a
    unit joins the group of the oldest head that it is near; else it begins a group, of which its oldest member is the
    head. So a title is in a group because it is near the group's oldest one, never because a member is near a member.
    Where a pair is kept apart, the younger unit stays out. The result depends on the set of links alone.

    Args:
        links: older_id, younger_id, older_us and younger_us (microseconds since 1970), relation (apart, confirmed,
            same or near), in any order.

    Returns:
        A table of GROUPS_SCHEMA ordered by candidate, one row per member of a group of two or more; ``group_head`` is
        the oldest member.
    """
    rows = sorted(
        zip(*(links[name].to_pylist() for name in LINKS), strict=True),
        key=lambda row: ((row[2], row[0]), (row[3], row[1])),
    )
    ages: dict[str, Age] = {}
    apart: defaultdict[str, set[str]] = defaultdict(set)
    near: defaultdict[str, set[str]] = defaultdict(set)
    for older, younger, older_us, younger_us, relation in rows:
        ages[older], ages[younger] = (older_us, older), (younger_us, younger)
        if relation in ("apart", "near"):
            linked = apart if relation == "apart" else near
            linked[older].add(younger)
            linked[younger].add(older)
    units = _Units(ages, apart)
    for kind in ("confirmed", "same"):
        for older, younger, _, _, relation in rows:
            if relation == kind:
                units.join(older, younger)
    heads: set[str] = set()
    together = list({id(unit): unit for unit in units.of.values()}.values())
    for oldest, unit in sorted((ages[units.oldest(unit)], unit) for unit in together):
        around = {head for member in unit for head in near.get(member, ()) if head in heads}
        if not any(units.join(head, oldest[1]) for head in sorted(around, key=ages.__getitem__)):
            heads.add(oldest[1])
    table = sorted(
        (member, units.oldest(group), len(group))
        for group in {id(unit): unit for unit in units.of.values()}.values()
        if len(group) > 1
        for member in group
    )
    return pa.table([list(column) for column in zip(*table, strict=True)] or [[], [], []], schema=GROUPS_SCHEMA)
