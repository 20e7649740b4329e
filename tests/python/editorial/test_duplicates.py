"""Near titles against brute force and against what was planted, groups by their law, and what a bot may not cost."""

from __future__ import annotations

import importlib.util
import itertools
import random
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.harness import AS_OF, World
from editorial.oracle import near_pairs, title_words
from house import House, manifest
from learning_loop.editorial import duplicates

_FILE = Path(__file__).parents[3] / "benchmarks" / "duplicates.py"
sys.path.insert(0, str(_FILE.parent))  # it reads its neighbour
_SPEC = importlib.util.spec_from_file_location("planted_titles", _FILE)
planted_titles: Any = importlib.util.module_from_spec(_SPEC)  # type: ignore[arg-type]
sys.modules["planted_titles"] = planted_titles
_SPEC.loader.exec_module(planted_titles)  # type: ignore[union-attr]

DUPLICATE_MODELS = (
    "int_editorial__touched_candidates", "int_editorial__edited_texts", "int_editorial__edit_distances",
    "ingest_editor_labels", *planted_titles.CHAIN, "int_duplicates__groups", "idea_candidates",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk() -> Any:
    made = planted_titles.Desk(planted_titles.compiled(manifest()))
    yield made
    made.connection.close()


def candidate(number: int, title: str, **more: Any) -> dict[str, Any]:
    return {
        "candidate_id": f"c{number:05d}", "source_key": "s", "title": title,
        "source_url": f"https://example.org/{number}",
        "created_at": AS_OF - timedelta(days=200, minutes=-number), "strategy": "css", "idea_key": f"key {number}",
    } | more  # fmt: skip


def titles_of_many_lengths(rng: random.Random, count: int) -> list[str]:
    """Return titles on few words, most of them a neighbour of an earlier one; 1 to 20 words long."""
    stems = ("rain", "bow", "sunny", "ki", "té", "o", "winter", "elephant")
    vocabulary = [f"{stem}{a}{b}" for stem in stems for a in "bcdfghkl" for b in "aeu"]
    titles: list[str] = []
    for _ in range(count):
        if titles and rng.random() < 0.7:
            words = rng.choice(titles).split()
            for _ in range(rng.randrange(0, max(2, len(words) // 2))):
                change = rng.random()
                if change < 0.4 and words:
                    words.pop(rng.randrange(len(words)))
                elif change < 0.7:
                    words.insert(rng.randrange(len(words) + 1), rng.choice(vocabulary))
                elif len(words) > 1:
                    at = rng.randrange(len(words) - 1)
                    words[at : at + 2] = ["".join(words[at : at + 2])]
            titles.append(" ".join(words) or "one")
        else:
            titles.append(" ".join(rng.sample(vocabulary, rng.choice([1, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 20]))))
    return titles


def near_found(world: World) -> dict[tuple[str, str], float]:
    rows = world.rows("select candidate_a, candidate_b, similarity from main.duplicate_pairs where evidence = 'near'")
    assert len({row[:2] for row in rows}) == len(rows)
    return {(a, b): similarity for a, b, similarity in rows}


def test_near_pairs_equal_brute_force(desk: Any) -> None:
    titles = titles_of_many_lengths(random.Random(7), 900)
    titles = list({title_words(title): title for title in titles if title != "one"}.values())  # each but once
    desk.connection.execute("update policy.near_duplicates set max_titles_per_key = 100000")
    desk.compute(titles)
    desk.connection.execute("update policy.near_duplicates set max_titles_per_key = 50")
    rows = desk.connection.execute("select candidate_a, candidate_b, similarity from duplicate_pairs").fetchall()
    expected = near_pairs({f"c{n:06d}": title_words(title) for n, title in enumerate(titles)})
    assert len(expected) > 300
    assert {(a, b): similarity for a, b, similarity in rows} == pytest.approx(expected, abs=1e-6)


def test_of_planted_titles_nineteen_of_twenty_are_found_and_as_many_found_are_right(desk: Any) -> None:
    claims = planted_titles.scored(desk, random.Random(4), 600)
    assert [(claim.claim, claim.case, claim.rate) for claim in claims if not claim.holds] == []


def test_what_a_bot_repeats_costs_in_proportion(desk: Any) -> None:
    counts = []
    for titles in (600, 1200):
        desk.compute(planted_titles.bot_titles(titles))
        (looked_at,) = desk.connection.execute(
            "select count(*) from intermediate.int_duplicates__title_keys"
        ).fetchone()
        counts.append((len(desk.pairs()), looked_at))
    (few, few_keys), (many, many_keys) = counts
    assert many < 2.5 * few < 5000
    assert many_keys < 2.5 * few_keys


def test_order_of_arrival_changes_nothing(desk: Any) -> None:
    rng = random.Random(11)
    titles = planted_titles.planted(rng, 120).titles + planted_titles.bot_titles(600)
    desk.compute(titles)
    expected = desk.pairs(), desk.groups()
    desk.compute(titles, rng.sample(range(len(titles)), len(titles)))
    assert (desk.pairs(), desk.groups()) == expected


@pytest.mark.parametrize(("one", "other", "is_near"), [
    ("Ten best beaches near Lisbon", "10 best beaches near Lisbon", True),
    ("Ten best beaches near Lisbon", "11 best beaches near Lisbon", False),
    ("Best beaches near Lisbon", "Best beaches near Lisbon 2024", False),
    ("First aid course for hikers", "1st aid course for hikers", True),
    ("First aid course for hikers", "Second aid course for hikers", False),
    ("The 2nd aid course for hikers", "Second aid course for hikers", True),
    ("Museum of World War II aircraft", "Museum of World War 2 aircraft", True),
    ("Museum of World War II aircraft", "Museum of World War I aircraft", False),
    ("What version 1.10 changes for everybody", "What version 1.1.0 changes for everybody", False),
    ("Stage 5 of 5 along the river", "Stage 5 along the river of", False),
    ("A prize of 10,000 crowns for poets", "A prize of 10000 crowns for poets", True),
    ("Swim in the cold river", "Never swim in the cold river", False),
    ("Why it isn't safe to swim there", "Why it is safe to swim there", False),
    ("Museum of decision support systems", "Museum of decisionsupport systems", True),
    ("Paint the village church tower", "Paint the vilage church tower", True),
    ("Paint the town hall red", "Paint the torn hall red", True),
    ("The cat sat on mats", "The car sat on mats", True),
    ("Best pizza places in Rome", "Best pizza places in Oslo", False),
    ("Best pizza places of Rome", "Best pizza places in Rome", True),
    ("Go hiking", "hiking: go!", True),
    ("Go hiking", "Go hiking today", False),
    ("Hiking tours", "Hiking tour", False),
    ("Research &amp; practice of baking bread", "Research practice of baking bread", True),
    ("東京タワーで夜景を見る", "東京タワーで夜景を見るよ", True),
    ("東京タワーで夜景を見る", "京都で紅葉を見る", False),
    ("ดูดาวบนดอย", "ดูดาวบนดอย!", True),
    ("???", "!!!", False),
])  # fmt: skip
def test_titles_are_one_idea_or_two(desk: Any, one: str, other: str, is_near: bool) -> None:
    desk.compute([one, other])
    assert bool(desk.pairs()) == is_near


def test_titles_of_a_template_are_compared_by_their_other_words(desk: Any) -> None:
    form = "Wonderful evening programme presented by {} orchestra".format
    others = ["small travelling circus", "small travelling circus again", "stone bridge builders", "one"]
    # Sixty more fill the form in; each with a word of its own, so that all that is left of them is that.
    fillers = [form("".join(letters) * 3) for letters in itertools.product("abcdefgh", "jklmnopq")][:60]
    desk.compute([form(other) for other in others] + fillers)
    assert desk.pairs() == {(0, 1)}
    # Without the fillers the form is no template: what the titles share counts.
    desk.compute([form(other) for other in others[:2]])
    assert desk.pairs() == {(0, 1)}


def test_equal_titles_are_a_pair_each_with_the_oldest_which_alone_stands_beside_others(world: World) -> None:
    title = "Build a boat of old newspapers"
    rows = [candidate(n, title) for n in (4, 2, 3)] + [candidate(5, f"{title} today"), candidate(6, f"{title} today")]
    world.store("ingest_candidates", rows)
    world.compute(*DUPLICATE_MODELS)
    assert set(near_found(world)) == {
        ("c00002", "c00003"), ("c00002", "c00004"), ("c00002", "c00005"), ("c00005", "c00006"),
    }  # fmt: skip
    assert world.rows("select distinct duplicate_group, duplicate_group_size from main.idea_candidates") == [
        ("dg_c00002", 5)
    ]


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
        ("c00002", "c00004", "confirmed", False), ("c00001", "c00003", "confirmed", True),
    }  # fmt: skip
    groups = world.rows(
        "select duplicate_group, list(candidate_id order by 1) from main.idea_candidates group by 1 order by 1"
    )
    assert groups == [("dg_c00001", ["c00001", "c00002", "c00004"]), ("dg_c00003", ["c00003"])]


def groups_of(links: dict[tuple[str, str], str]) -> set[frozenset[str]]:
    """Return the groups of links between candidates that are as old as their letter is early."""
    rows = [(a, b, ord(a), ord(b), relation) for (a, b), relation in links.items()]
    found = duplicates.groups(pa.table(list(zip(*rows, strict=True)) or [[]] * 5, names=list(duplicates.LINKS)))
    heads = dict(zip(found["candidate_id"].to_pylist(), found["group_head"].to_pylist(), strict=True))
    groups = {frozenset(n for n in heads if heads[n] == head) for head in heads.values()}
    assert all(heads[member] == min(group) for group in groups for member in group)
    return groups


def test_a_chain_of_near_titles_is_no_group() -> None:
    links = {(a, b): "near" for a, b in itertools.pairwise("abcdef")}
    assert groups_of(links) == {frozenset("ab"), frozenset("cd"), frozenset("ef")}


def test_what_is_near_two_heads_joins_the_older() -> None:
    assert groups_of({("a", "d"): "near", ("b", "d"): "near", ("b", "c"): "near"}) == {frozenset("ad"), frozenset("bc")}


def test_what_is_kept_apart_from_a_member_stays_out_and_finds_another_head() -> None:
    links = {("a", "b"): "near", ("a", "d"): "near", ("b", "d"): "apart", ("c", "d"): "near"}
    assert groups_of(links) == {frozenset("ab"), frozenset("cd")}


def test_confirmed_links_join_also_what_is_near_nothing() -> None:
    assert groups_of({("a", "b"): "near", ("b", "c"): "confirmed"}) == {frozenset("abc")}


PAIRS = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")).filter(lambda pair: pair[0] < pair[1])


@given(links=st.dictionaries(PAIRS, st.sampled_from(("apart", "confirmed", "same", "near"))))
def test_groups_are_stars_of_what_goes_together_and_part_what_is_kept_apart(links: Any) -> None:
    groups = groups_of(links)
    kinds: dict[str, set[tuple[str, str]]] = {
        kind: {pair for pair, relation in links.items() if relation == kind}
        for kind in ("apart", "confirmed", "same", "near")
    }
    assert not any({a, b} <= group for group in groups for a, b in kinds["apart"])
    bound = kinds["confirmed"] | kinds["same"]
    for group in groups:
        # From the oldest: what is bound to it, what is near it, and what is bound to that. No second near.
        reached = {min(group)}
        near = {other for pair in kinds["near"] for other in pair if min(group) in pair}
        for start in (set(), near & group):
            reached |= start
            while more := {n for pair in bound if set(pair) <= group and reached & set(pair) for n in pair} - reached:
                reached |= more
        assert reached == group
    if not kinds["apart"]:
        of = {n: group for group in groups for n in group}
        assert all(of[a] is of[b] for a, b in bound)
        # Who is alone, or a head, is near no older head.
        heads = {min(of.get(n, n)) for pair in links for n in pair}
        assert not any(a in heads and b in heads for a, b in kinds["near"])


NIGHTS_NEED = ["+idea_candidates", "int_duplicates__readings+", "+path:models/marts/operations"]


@pytest.mark.faults
def test_nights_find_the_pairs_of_one_night_whatever_came_when(tmp_path: Path) -> None:
    """A template fills up, and older doubles come late."""
    rng = random.Random(5)
    titles = planted_titles.planted(rng, 40).titles + planted_titles.bot_titles(300)
    rows = [
        {
            "id": f"c{n:05d}", "source_key": "s", "title": title, "source_url": f"https://example.org/{n}",
            "created_at": (AS_OF - timedelta(days=50, minutes=-n)).isoformat(), "meta_json": {"strategy": "css"},
        }
        for n, title in enumerate(titles)
    ]  # fmt: skip
    rng.shuffle(rows)
    whole, split = House(tmp_path / "whole", select=NIGHTS_NEED), House(tmp_path / "split", select=NIGHTS_NEED)
    parts = [rows[:200], rows[200:]]
    for number, part in enumerate(parts):
        whole.land(f"{number}.jsonl", part, "ingest_candidates")
        split.land(f"{number}.jsonl", part, "ingest_candidates")
        split.night(AS_OF + timedelta(days=number))
    whole.night(AS_OF + timedelta(days=1))
    tables = ("duplicate_pairs", "idea_candidates")
    found, expected = split.marts(), whole.marts()
    for table in tables:
        assert found[table] == expected[table], table
    assert len(expected["duplicate_pairs"]) > 60
