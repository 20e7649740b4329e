"""The editorial tables by the contract's words, in plain Python: no SQL, nothing of the project."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein

Row = dict[str, Any]
WINDOWS = (7, 30, 90)
Z = 1.959963984540054


def wilson(successes: int, trials: int) -> tuple[float, float] | None:
    """Return the bounds at 95 %, by solving |p - k/n| = z sqrt(p (1-p) / n)."""
    if trials == 0:
        return None
    share, square = successes / trials, Z * Z
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    half = Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return max(0.0, centre - half), min(1.0, centre + half)


def people_labels(labels: list[Row], machines: set[str], as_of: datetime) -> list[Row]:
    """Return the labels that count: up to as_of, by people."""
    return [label for label in labels if label["created_at"] <= as_of and label["actor_user_id"] not in machines]


def latest(labels: list[Row]) -> dict[str, Row]:
    """Return each candidate's latest label, by (created_at, id)."""
    found: dict[str, Row] = {}
    for label in sorted(labels, key=lambda row: (row["created_at"], row["label_id"])):
        found[label["candidate_id"]] = label
    return found


def grains(source: str, strategy: str) -> list[tuple[str, str, str]]:
    """Return the groups in which a candidate of a source and strategy counts."""
    return [("source", source, "*"), ("strategy", "*", strategy), ("source_strategy", source, strategy)]


def levenshtein(a: str, b: str) -> int:
    """Return the least number of single-character edits."""
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        now = [i]
        for j, y in enumerate(b, 1):
            now.append(min(before[j] + 1, now[j - 1] + 1, before[j - 1] + (x != y)))
        before = now
    return before[-1]


def edit_distance(candidate: Row, label: Row) -> float | None:
    """Return how far the final text lies from the original, 0 to 1; None where no final text was given."""
    if label.get("final_title") is None and label.get("final_description") is None:
        return None
    original = f"{candidate['title']}\n{candidate.get('description') or ''}"
    description = label.get("final_description")
    description = description if description is not None else candidate.get("description") or ""
    title = label.get("final_title")
    final = f"{title if title is not None else candidate['title']}\n{description}"
    longest = max(len(original), len(final))
    return levenshtein(original, final) / longest if longest else 0.0


def performance(
    candidates: list[Row], labels: list[Row], machines: set[str], as_of: datetime
) -> dict[tuple[str, str, str, int], Row]:
    """Return the figures per (grain, source, strategy, window) of the groups that have a review or a candidate."""
    known = {row["candidate_id"]: row for row in candidates if row["created_at"] <= as_of}
    counting = people_labels(labels, machines, as_of)
    newest = latest(counting)
    groups: dict[tuple[str, str, str, int], Row] = defaultdict(lambda: {"labels": 0, "latest": [], "waits": []})
    for window in WINDOWS:
        start = as_of - timedelta(days=window)
        for label in counting:
            if label["created_at"] > start:
                for grain in _grains_of(known, label["candidate_id"]):
                    groups[*grain, window]["labels"] += 1
        for candidate_id, label in newest.items():
            if label["created_at"] > start:
                for grain in _grains_of(known, candidate_id):
                    groups[*grain, window]["latest"].append((known.get(candidate_id), label))
        for candidate_id, candidate in known.items():
            if candidate["created_at"] > start:
                wait = _wait(candidate, counting, as_of)
                for grain in _grains_of(known, candidate_id):
                    groups[*grain, window]["waits"].append(wait)
    return {key: _figures(group) for key, group in groups.items()}


def _grains_of(known: dict[str, Row], candidate_id: str) -> list[tuple[str, str, str]]:
    candidate = known.get(candidate_id)
    return grains(candidate["source_key"], candidate["strategy"]) if candidate else grains("unknown", "unknown")


def _wait(candidate: Row, labels: list[Row], as_of: datetime) -> tuple[float, bool]:
    decisions = [
        row["created_at"] for row in labels
        if row["candidate_id"] == candidate["candidate_id"] and row["action"] != "needs_work"
    ]  # fmt: skip
    end = min(decisions) if decisions else as_of
    return max(0.0, (end - candidate["created_at"]).total_seconds() / 3600), bool(decisions)


def kaplan_meier(waits: list[tuple[float, bool]], share: float) -> float | None:
    """Return the first time at which at most ``share`` of the waits is still open; None when that is not reached."""
    still_open = 1.0
    for time in sorted({hours for hours, _ in waits}):
        at_risk = sum(hours >= time for hours, _ in waits)
        ended = sum(hours == time and is_decided for hours, is_decided in waits)
        still_open *= 1 - ended / at_risk
        if round(still_open, 9) <= share:
            return time
    return None


def _figures(group: Row) -> Row:
    rows = group["latest"]
    promoted = [(c, row) for c, row in rows if row["action"].startswith("promoted")]
    rejected = [row for _, row in rows if row["action"] == "rejected"]
    duplicate_known = [row for _, row in rows if row.get("duplicate_confirmed") is not None]
    severe = [row for _, row in rows if row.get("rewrite_severity")]
    distances = [d for c, row in promoted if c for d in [edit_distance(c, row)] if d is not None]
    reasons = Counter(row["reject_reason_code"] for row in rejected)
    duplicates = sum(row["duplicate_confirmed"] for row in duplicate_known)
    heavy = sum(row["rewrite_severity"] == "heavy" for row in severe)
    return {
        "label_count": group["labels"],
        "reviewed_count": len(rows),
        "promoted_count": len(promoted),
        "rejected_count": len(rejected),
        "needs_work_count": len(rows) - len(promoted) - len(rejected),
        "promotion_rate": _rate(len(promoted), len(rows)),
        "rejection_rate": _rate(len(rejected), len(rows)),
        "duplicate_confirmed_rate": _rate(duplicates, len(duplicate_known)),
        "heavy_rewrite_share": _rate(heavy, len(severe)),
        "mean_edit_distance": sum(distances) / len(distances) if distances else None,
        "median_hours_to_decision": kaplan_meier(group["waits"], 0.5),
        "p90_hours_to_decision": kaplan_meier(group["waits"], 0.1),
        "open_count": sum(not is_decided for _, is_decided in group["waits"]),
        "top_reject_reason": min(reasons, key=lambda code: (-reasons[code], code)) if reasons else None,
    }


def _rate(successes: int, trials: int) -> tuple[float, float, float] | None:
    bounds = wilson(successes, trials)
    return (successes / trials, *bounds) if bounds else None


def idea_key(source_key: str, source_url: str, title: str, description: str | None) -> str:
    """Return the hash of the four texts, each in NFC, trimmed, spaces collapsed, lower-cased, stripped."""
    return hashlib.sha256(
        "|".join(_idea_text(text) for text in (source_key, source_url, title, description)).encode()
    ).hexdigest()


def _idea_text(text: str | None) -> str:
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text or "").strip()).lower()
    return "".join(
        c for c in plain if c == " " or unicodedata.category(c)[0] in "LM" or unicodedata.category(c) == "Nd"
    )


def title_words(title: str) -> frozenset[str]:
    """Return the words of a title in a script that writes spaces, none of which is a number or a denial."""
    text = unicodedata.normalize("NFC", title).lower()
    kept = "".join(c if unicodedata.category(c)[0] in "LM" or unicodedata.category(c) == "Nd" else " " for c in text)
    return frozenset(kept.split())


def title_similarity(a: frozenset[str], b: frozenset[str]) -> tuple[float, bool]:
    """Return how alike two titles are, each word by its letters up to five; and whether each has a word of its own."""

    def weight(words: Any) -> int:
        return sum(min(5, len(word)) for word in words)

    only_a, only_b = a - b, b - a
    parts_a = {x for x in only_a for z in only_a if x + z in only_b or z + x in only_b}
    parts_b = {y for y in only_b for z in only_b if y + z in only_a or z + y in only_a}
    rest_a = {x for x in only_a - parts_a if x not in {y + z for y in parts_b for z in parts_b}}
    rest_b = {y for y in only_b - parts_b if y not in {x + z for x in parts_a for z in parts_a}}
    one_word = max(
        (
            (min(5, max(len(x), len(y))), x, y)
            for x in rest_a
            for y in rest_b
            if (len(x) >= 4 <= len(y) and DamerauLevenshtein.distance(x, y) <= (2 if len(x) >= 8 <= len(y) else 1))
            or (len(x) >= 6 <= len(y) and x[:6] == y[:6])
        ),
        default=None,
    )
    both = weight(a & b) + weight(parts_a) + weight(parts_b)
    if one_word:
        both, rest_a, rest_b = both + one_word[0], rest_a - {one_word[1]}, rest_b - {one_word[2]}
    own_a, own_b = weight(rest_a), weight(rest_b)
    return both / (both + own_a + own_b), min(own_a, own_b) > 3


def _meet(a: frozenset[str], b: frozenset[str]) -> bool:
    """Return whether three words are among the six heaviest of both; of few words two or one of few."""
    first, second = (sorted(words, key=lambda word: (-len(word), word))[:6] for words in (a, b))
    if len(set(first) & set(second)) >= 3:
        return True
    if len(first) in (3, 4) and len(second) in (3, 4):
        return len(set(first[:3]) & set(second[:3])) >= 2
    return False


def near_pairs(titles: dict[str, frozenset[str]]) -> dict[tuple[str, str], float]:
    """Return all pairs of near titles, by looking at every pair, none of whose words make a template."""
    found = {}
    listed = sorted((key, words) for key, words in titles.items() if len(words) >= 3)
    for index, (a, words_a) in enumerate(listed):
        for b, words_b in listed[index + 1 :]:
            if words_a != words_b and _meet(words_a, words_b):
                similarity, is_swapped = title_similarity(words_a, words_b)
                if similarity >= (0.85 if is_swapped else 0.6) - 1e-9:
                    found[a, b] = similarity
    return found


def cohens_kappa(pairs: list[tuple[str, str]]) -> float | None:
    """Return the agreement of two editors beyond chance; None where chance agrees on all."""
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[category] * second[category] for category in first) / n**2
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def krippendorffs_alpha(units: list[list[str]]) -> float | None:
    """Return nominal alpha by the coincidence matrix; None where nothing could disagree."""
    coincidences: Counter[tuple[str, str]] = Counter()
    for values in units:
        for i, a in enumerate(values):
            for j, b in enumerate(values):
                if i != j:
                    coincidences[a, b] += 1 / (len(values) - 1)  # type: ignore[assignment]
    totals: Counter[str] = Counter()
    for (a, _), count in coincidences.items():
        totals[a] += count
    n = sum(totals.values())
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b)
    observed = sum(count for (a, b), count in coincidences.items() if a != b)
    return None if expected == 0 else 1 - (n - 1) * observed / expected
