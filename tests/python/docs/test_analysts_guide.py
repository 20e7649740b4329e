"""The analysts' guide shows what its queries answer on the sample world.

After a change that is meant, LEARNING_LOOP_REWRITE_DOCS=1 writes the answers anew.
"""

from __future__ import annotations

import os
import re
from datetime import datetime

import pytest

from house import House
from learning_loop.project import project_dir

GUIDE = project_dir() / "docs" / "analysts.md"
QUESTION = re.compile(r"(?P<head>## \d+ .*?```sql\n(?P<sql>.*?)```\n)(?P<answer>\n\|.*?\n(?=\n|\Z))?", re.DOTALL)


def shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value).replace("|", "\\|")


def answer(house: House, sql: str) -> str:
    names = [row[0] for row in house.query(f"describe {sql}")]
    rows = house.query(sql)
    assert rows, f"answers nothing: {sql}"
    lines = [names, ["---"] * len(names), *([shown(value) for value in row] for row in rows)]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def test_every_answer_of_the_guide_is_what_its_query_answers(sample_world):
    text = GUIDE.read_text("utf-8")
    found = QUESTION.sub(lambda match: match["head"] + answer(sample_world[0], match["sql"].strip()), text)
    if os.environ.get("LEARNING_LOOP_REWRITE_DOCS"):
        GUIDE.write_text(found, "utf-8")
    assert len(QUESTION.findall(text)) == 10
    assert found == text


def test_no_answer_of_the_guide_hangs_on_which_of_two_equal_rows_comes_first(sample_world):
    for match in QUESTION.finditer(GUIDE.read_text("utf-8")):
        query, _, order = match["sql"].strip().rpartition("order by ")
        keys = re.sub(r" (desc|asc)?( ?nulls (first|last))?(?=,|$)", "", order.partition("\nlimit")[0])
        ties = sample_world[0].query(f"select {keys} from ({query}) group by all having count(*) > 1")
        assert not ties, f"{ties} by order of {order}"


@pytest.mark.parametrize("page", ["README.md", "DECISIONS.md", "docs/analysts.md", "docs/operations.md"])
def test_every_file_that_a_page_names_is_there(page):
    text = (project_dir() / page).read_text("utf-8")
    named = re.findall(r"`((?:seeds|models|docs|python|tests|macros|benchmarks|profiles)/[\w./-]+)`", text)
    missing = [name for name in named if not (project_dir() / name).exists()]
    assert not missing
