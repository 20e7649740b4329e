"""docs/honesty.md: what the product says of chance, beside what was measured. Each benchmark owns a marked section."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[1] / "docs" / "honesty.md"
HEAD = """# What is said about chance, and how often it is true

Every claim of the product about chance stands here beside its rate in simulations that run through the product's own
functions, seeded, so that anybody gets the same figures. A section is written by the benchmark that its first line names.
"""


@dataclass(frozen=True)
class Claim:
    """One line of a section: what is claimed, of what, where it is said, the bound, and what was measured.

    ``is_floor``: the bound is the least, not the most.
    """

    claim: str
    case: str
    where: str
    bound: float
    count: int
    of: int
    is_floor: bool = False

    @property
    def rate(self) -> float:
        """The measured rate."""
        return self.count / self.of

    @property
    def holds(self) -> bool:
        """The measured rate is on the right side of the bound."""
        return self.rate >= self.bound if self.is_floor else self.rate <= self.bound


def table(claims: Sequence[Claim]) -> str:
    """Return the claims as a table."""
    lines = [
        "| claim | case | where | bound | measured | n | holds |",
        "| --- | --- | --- | ---: | ---: | ---: | --- |",
    ]
    for one in claims:
        bound = f"{'>=' if one.is_floor else '<='} {_percent(one.bound)}"
        holds = "yes" if one.holds else "**no**"
        lines.append(
            f"| {one.claim} | {one.case} | {one.where} | {bound} | {_percent(one.rate)} | {one.of:,} | {holds} |"
        )
    return "\n".join(lines)


def write(section: str, text: str, file: Path = FILE) -> None:
    """Put a section's text between its marks, after the others if it is new; the others stay as they are."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    body = f"{begin}\n\n{text.strip()}\n\n{end}"
    before = file.read_text("utf-8") if file.exists() else HEAD
    found = re.search(re.escape(begin) + ".*?" + re.escape(end), before, re.DOTALL)
    after = before.replace(found[0], body) if found else f"{before.rstrip()}\n\n{body}\n"
    file.write_text(after, "utf-8")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
