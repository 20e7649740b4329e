"""One candidate after the other: what it is, and what a person says to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from learning_loop.backlog import decide, why
from learning_loop.backlog.foresight import Backlog
from learning_loop.errors import WrongUse
from learning_loop.landing import decisions
from learning_loop.terminal import count_of, fitted, instant_text, json_value, parse_instant, say, wrapped

KEYS = "a approve · d dismiss · s skip · o open it · q quit"
OPEN = """
from temp.learning_backlog_candidates
where status = 'candidate'
order by priority_score desc, source_type, candidate_key
"""


def run(backlog: Backlog, landing: Path, by: str, ask: Callable[[str], str]) -> list[decide.Foreseen]:
    """Go through the candidates that nobody has decided on, and return what was recorded.

    Args:
        backlog: the open backlog.
        landing: where decisions are written.
        by: who decides.
        ask: puts a question to the person and returns the answer; an EOFError is a q.
    """
    rows = backlog.rows(OPEN)
    done: list[decide.Foreseen] = []
    for number, row in enumerate(rows, 1):
        say("", f"{number} of {len(rows)}  {row['short_key']}  {row['priority']} {row['priority_score']:.3f}")
        say(*_card(row))
        if (answer := _answer(backlog, row, ask)) == "q":
            break
        if answer in ("a", "d"):
            try:
                done.append(_decide(backlog, landing, by, row["candidate_key"], answer, ask))
                say(f"  Recorded: {done[-1].status_before} -> {done[-1].status_after} on the next night.")
            except WrongUse as error:
                say(*wrapped(str(error), 2))
    left = len(rows) - len(done)
    say(
        "", f"Decided: {len(done)}. Still open: {count_of(left, 'candidate')}." if rows else "Nothing waits for a word."
    )
    return done


def _card(row: dict[str, Any]) -> Iterator[str]:
    trend = json_value(row["trend"])
    yield from wrapped(row["title"], 2)
    yield from wrapped(row["root_cause_hypothesis"] or "", 2)
    if trend:
        yield from wrapped(f"{count_of(row['times_seen'], 'week')} in the backlog; {trend['in_words']}", 2)


def _answer(backlog: Backlog, row: dict[str, Any], ask: Callable[[str], str]) -> str:
    while True:
        try:
            answer = ask(KEYS).strip().lower()[:1]
        except EOFError:
            return "q"
        if answer == "o":
            say("", *fitted(why.lines(why.describe(backlog, row["candidate_key"]))), "")
        elif answer in ("a", "d", "s", "q"):
            return answer
        else:
            say("  One letter of: a, d, s, o, q.")


def _decide(
    backlog: Backlog, landing: Path, by: str, key: str, answer: str, ask: Callable[[str], str]
) -> decide.Foreseen:
    reason = ask("reason, or nothing")
    at = decide.default_instant(backlog, key, datetime.now(UTC))
    given = {"reason": reason}
    if answer == "d" and (until := ask("keep it away until (2w, 2026-03-01), or nothing").strip()):
        given["snooze_until"] = instant_text(parse_instant(until, "That", at, ahead=True))
    row = decide.decision_row(key, {"a": "approve", "d": "dismiss"}[answer], by, at, **given)
    foreseen = decide.judge_decision(backlog, row)
    path = decisions.record(landing, "backlog_decisions", row, row["decision_id"])
    backlog.landed.append(("backlog_decisions", f"backlog_decisions/{path.name}", json.dumps(row, ensure_ascii=False)))
    return foreseen
