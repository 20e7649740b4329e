"""What a hash can join is not to be compared row by row: that grows as a square, and no small test sees it."""

from __future__ import annotations

import re

from learning_loop.project import project_dir

MODELS = sorted((project_dir() / "models").rglob("*.sql"))
OUTER = re.compile(r"^ *(?:asof )?(?:left|full|right) join (?P<what>.*)$")
NEXT = re.compile(
    r"^ *(?:(?:\w+ )*join|where|group by|order by|qualify|window|having|union|select|limit|\))\b|^ *\)", re.IGNORECASE
)


def outer_joins(sql: str) -> list[tuple[str, list[str]]]:
    """Return what each outer join of a text joins, by the name it has there, and the conditions of its `on`."""
    found, lines = [], sql.splitlines()
    for number, line in enumerate(lines):
        if not (begun := OUTER.match(line)):
            continue
        text = begun["what"]
        for more in lines[number + 1 :]:
            if NEXT.match(more):
                break
            text += "\n" + more
        what, _, on = re.sub(r"--.*", "", text).partition(" on ") if " on " in text else text.partition("on\n")
        name = re.search(r"\bas (\w+)", what) or re.match(r"(\w+)", what)
        found.append((name[1] if name else "", conditions(on)))
    return found


def conditions(on: str) -> list[str]:
    """Return the parts that `and` holds together outside of brackets and of `between`."""
    depth, parts = 0, [""]
    for token in re.split(r"(\(|\)|\bcase\b|\bend\b|\band\b)", on):
        depth += (token in ("(", "case")) - (token in (")", "end"))
        if token == "and" and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [" ".join(part.split()) for part in parts if part.strip()]


def about_the_left_alone(sql: str) -> list[str]:
    """Return the conditions of outer joins that do not speak of what is joined."""
    return [
        part
        for name, parts in outer_joins(sql)
        for part in parts
        if part != "true" and not re.search(rf"\b{name}\.|'{name}'", part)
    ]


def test_a_condition_about_the_left_side_alone_is_found() -> None:
    sql = """
    from clusters
    left join trends
        on
            clusters.granularity = 'week'
            and clusters.starts_on = trends.starts_on
    left join {{ ref('bars') }} as b on clusters.x = b.x and {{ in_force('b', 'clusters.at') }}
    left join latest on true
    where clusters.score > 0
    """
    assert about_the_left_alone(sql) == ["clusters.granularity = 'week'"]


def test_each_condition_of_an_outer_join_speaks_of_what_is_joined() -> None:
    """One that does not makes DuckDB compare each row of one side with each of the other (BLOCKWISE_NL_JOIN)."""
    found = {path.stem: about_the_left_alone(path.read_text("utf-8")) for path in MODELS}
    assert len(found) > 200
    assert {model: parts for model, parts in found.items() if parts} == {}
