"""Near-duplicates against brute force, groups against plain components, and what a night may not change."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.harness import AS_OF, World
from editorial.oracle import components, near_pairs, title_words
from learning_loop.editorial import duplicates

DUPLICATE_MODELS = (
    "int_editorial__touched_candidates", "int_editorial__edited_texts", "int_editorial__edit_distances",
    "ingest_editor_labels", "int_duplicates__titles", "int_duplicates__title_sets", "int_duplicates__new_titles",
    "int_duplicates__title_keys", "int_duplicates__title_pairs", "duplicate_pairs", "int_duplicates__links",
    "int_duplicates__groups", "idea_candidates",
)  # fmt: skip


def candidate(number: int, title: str, **more: Any) -> dict[str, Any]:
    return {
        "candidate_id": f"c{number:05d}", "source_key": "s", "title": title,
        "source_url": f"https://example.org/{number}",
        "created_at": AS_OF - timedelta(days=200, minutes=-number), "strategy": "css", "idea_key": f"key {number}",
    } | more  # fmt: skip


def titles_of_many_lengths(rng: random.Random, count: int) -> list[str]:
    """Return titles on few words, most of them a neighbour of an earlier one; 1 to 60 words long."""
    vocabulary = [f"{stem}{ending}" for stem in ("rain", "bow", "sun", "ki", "té", "o") for ending in range(30)]
    titles: list[str] = []
    for _ in range(count):
        if titles and rng.random() < 0.6:
            words = rng.choice(titles).split()
            for _ in range(rng.randrange(0, max(2, len(words) // 2))):
                change = rng.random()
                if change < 0.4 and words:
                    words.pop(rng.randrange(len(words)))
                elif change < 0.7:
                    words.insert(rng.randrange(len(words) + 1), rng.choice(vocabulary))
                elif words:
                    words[rng.randrange(len(words))] = rng.choice(vocabulary).upper()
            titles.append(" ".join(words) or "one")
        else:
            length = rng.choice([1, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 26, 39, 40, 41, 60])
            titles.append(" ".join(rng.sample(vocabulary, length)))
    return titles


def near_found(world: World) -> dict[tuple[str, str], float]:
    rows = world.rows("select candidate_a, candidate_b, similarity from main.duplicate_pairs where evidence = 'near'")
    assert len({row[:2] for row in rows}) == len(rows)
    return {(a, b): similarity for a, b, similarity in rows}


def test_near_pairs_equal_brute_force_on_5000_titles(world: World) -> None:
    rows = [candidate(n, title) for n, title in enumerate(titles_of_many_lengths(random.Random(7), 5000))]
    world.store("ingest_candidates", rows)
    world.compute(*DUPLICATE_MODELS)
    expected = near_pairs({row["candidate_id"]: title_words(row["title"]) for row in rows})
    assert len(expected) > 5000
    assert near_found(world) == pytest.approx(expected, abs=1e-9)
    groups = world.rows(
        "select list(candidate_id) from main.idea_candidates group by duplicate_group having count(*) > 1"
    )
    assert {frozenset(group) for (group,) in groups} == components([row["candidate_id"] for row in rows], set(expected))


def test_titles_in_scripts_without_spaces_meet_by_pairs_of_characters(world: World) -> None:
    world.store("ingest_candidates", [
        candidate(1, "東京タワーで夜景を見る"), candidate(2, "東京タワーで夜景をみる"), 
        candidate(3, "京都で紅葉を見る"),
        candidate(4, "ดูดาวบนดอย"), candidate(5, "ดูดาวบนดอย!"),
    ])  # fmt: skip
    world.compute(*DUPLICATE_MODELS)
    assert set(near_found(world)) == {("c00001", "c00002"), ("c00004", "c00005")}


def test_under_three_words_only_equal_sets_are_near(world: World) -> None:
    world.store("ingest_candidates", [
        candidate(1, "Go hiking"), candidate(2, "hiking: go!"), candidate(3, "Go hiking today"), candidate(4, "go go"),
        candidate(5, "???"), candidate(6, "!!!"), candidate(7, "Today go hiking"),
    ])  # fmt: skip
    world.compute(*DUPLICATE_MODELS)
    assert set(near_found(world)) == {("c00001", "c00002"), ("c00003", "c00007")}


def test_editors_word_binds_and_parts(world: World) -> None:
    title = "Build a boat of old newspapers"
    world.store("ingest_candidates", [
        candidate(1, title, idea_key="same"), candidate(2, title, idea_key="same"), candidate(3, title + " today"),
        candidate(4, "Nothing like the others here"),
    ])  # fmt: skip
    label = {"action": "needs_work", "actor_user_id": "u_ada", "created_at": AS_OF - timedelta(days=1)}
    world.store("ingest_editor_labels", [
        label | {"label_id": "l1", "candidate_id": "c00003", "duplicate_of": "c00001", "duplicate_confirmed": False},
        label | {"label_id": "l2", "candidate_id": "c00004", "duplicate_of": "c00002", "duplicate_confirmed": True},
        label | {"label_id": "l3", "candidate_id": "c00003", "duplicate_of": "c00001", "duplicate_confirmed": True},
    ])  # fmt: skip
    world.compute(*DUPLICATE_MODELS)
    assert set(world.rows("select candidate_a, candidate_b, evidence, is_kept_apart from main.duplicate_pairs")) == {
        ("c00001", "c00002", "exact", False), ("c00001", "c00002", "near", False), ("c00001", "c00003", "near", True),
        ("c00002", "c00003", "near", False), ("c00002", "c00004", "confirmed", False),
        ("c00001", "c00003", "confirmed", True),
    }  # fmt: skip
    groups = world.rows(
        "select duplicate_group, list(candidate_id order by 1) from main.idea_candidates group by 1 order by 1"
    )
    assert groups == [("dg_c00001", ["c00001", "c00002", "c00004"]), ("dg_c00003", ["c00003"])]


NODES = st.sampled_from("abcdefgh")
PAIRS = st.sets(st.tuples(NODES, NODES).filter(lambda pair: pair[0] < pair[1]))


@given(edges=PAIRS, apart=PAIRS, data=st.data())
def test_groups_are_components_that_part_what_is_kept_apart(edges: Any, apart: Any, data: Any) -> None:
    edges -= apart
    rows = [(a, b, None) for a, b in sorted(apart)] + [(a, b, 1.0) for a, b in sorted(edges)]
    found = duplicates.groups(
        pa.table(list(zip(*rows, strict=True)) or [[], [], []], names=["candidate_a", "candidate_b", "weakness"])
    )
    heads = dict(zip(found["candidate_id"].to_pylist(), found["group_head"].to_pylist(), strict=True))
    groups = {frozenset(n for n in heads if heads[n] == head) for head in heads.values()}
    whole = components(sorted({n for pair in edges | apart for n in pair}), edges)
    assert not any(a in group and b in group for group in groups for a, b in apart)
    assert all(any(group <= component for component in whole) for group in groups)
    if not apart:
        assert groups == whole
    # No two groups that a link joins could still be one.
    sides = {n: frozenset(g) for g in groups for n in g}
    for a, b in edges:
        side_a, side_b = sides.get(a, frozenset(a)), sides.get(b, frozenset(b))
        union = side_a | side_b
        assert side_a == side_b or any(x in union and y in union for x, y in apart)
