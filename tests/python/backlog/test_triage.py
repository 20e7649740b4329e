"""`backlog triage`: one candidate after the other, and what is said to each is recorded at once."""

from __future__ import annotations

import json
import re

from typer.testing import CliRunner

from house import House
from learning_loop.cli import app


def triage(house: House, *answers: str):
    words = ["backlog", "triage", "--by", "ann", "--warehouse", house.warehouse, "--landing", house.landing]
    done = CliRunner().invoke(app, list(map(str, words)), input="".join(f"{answer}\n" for answer in answers))
    assert done.exit_code == 0, done.output
    return done.output, re.findall(r"^\d+ of (\d+)  ([ck]-\w+)", done.output, re.MULTILINE)


def recorded(house: House) -> list[dict]:
    files = sorted((house.landing / "backlog_decisions").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_each_answer_is_recorded_at_once_and_the_next_round_begins_with_what_is_left(copy: House):
    before = recorded(copy)
    told, asked = triage(copy, "x", "o", "a", "third week", "s", "d", "not ours", "2w", "q")
    rows = [row for row in recorded(copy) if row not in before]
    assert [(row["decision"], row["actor"], row.get("reason")) for row in rows] == [
        ("approve", "ann", "third week"), ("dismiss", "ann", "not ours"),
    ]  # fmt: skip
    assert rows[1]["snooze_until"] > rows[1]["decided_at"] and "snooze_until" not in rows[0]
    assert "One letter of: a, d, s, o, q." in told and told.count("Recorded: candidate -> ") == 2
    in_all = int(asked[0][0])
    assert f"Decided: 2. Still open: {in_all - 2} candidate" in told
    _, left = triage(copy)  # the end of what can be read is a q
    assert left == [(str(in_all - 2), asked[1][1])]  # the one that was skipped comes first now
    assert len(recorded(copy)) == len(before) + 2
