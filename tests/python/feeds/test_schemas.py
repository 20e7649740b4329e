"""The JSON Schema of a feed accepts exactly the rows that the night keeps: compared with the very SQL that judges."""

from __future__ import annotations

import copy
import itertools
import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from learning_loop.feeds.judge import LANDED, Judge, file_of
from learning_loop.feeds.schema import choices, schema
from learning_loop.landing.declaration import Feed
from learning_loop.landing.folder import known_feeds
from learning_loop.landing.inventory import landed_rows

AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
FEEDS = {feed.name: feed for feed in known_feeds()}
READ = {event["event_type"] for event in FEEDS["events"].examples}
ABSENT = object()
ROWS = 120  # generated ones of a feed
ODD = [
    None,
    "",
    ABSENT,
    {"is": "x"},
    ["x"],
    5,
    3.5,
    True,
    "some words",
    "a::pass",
    "::fail",
    "x" * 256,
    "ж" * 257,
    "ж" * 1025,
]
INSTANTS = [
    "2026-02-12T10:00:00Z", "2026-02-12", "20260212T101112Z", "2026-02-12 10:11", " 2026-02-12T10:00:00+05:30 ",
    "2026-02-12t10:00:00.1234567z", "2026-02-12T10:00:00,5 UTC", "2026-02-12T24:00:00Z", "2026-02-12T24:00:01Z",
    "2026-02-12T25:00:00Z", "2026-02-12T23:59:60Z", "2026-02-12T23:59:61Z", "2026-02-30T10:00:00Z", "2024-02-29",
    "2026-02-29", "2100-02-29", "2400-02-29", "2026-13-01", "2026-04-31", "1999-12-31T23:59:59Z", "2000-01-01",
    "9999-12-31T00:00:00Z", "10000-01-01", "yesterday", "2026-02-12T10:00:00 Europe/Berlin", "2026-02-12T10Z", "   ",
    "2026-2-12", "2026-02-12T10:00:00+24:00", "2026-02-12T10:00:00-0830",
]  # fmt: skip
OF_KIND = {
    "instant": INSTANTS,
    "boolean": [True, False, "yes", "TRUE", "on", "f", 0, 1, 2, "0", "maybe"],
    "number": [0, 1, 0.5, 1.0001, -0.1, 10**6, "0.5", "1.0", "1.5", "high", "1_0x"],
    "integer": [0, 3, 3.0, 3.7, -1, 10**11, 10**12, "4", "4.0", "4.5", "four"],
    "object": [{}, {"a": 1}, "no object", 0],
    "list": [[], ["x", None], [1], "no list"],
    "texts": [[], ["x"], "one"],
    "json": [{}, [1], "words"],
    "objects": [
        [], [1], {"op": "upsert"}, "many", [{"op": " UPSERT ", "key": "k"}], [{"op": "moon", "key": "k"}],
        [{"op": "merge"}],
        [{"op": "remove", "key": "ж" * 257}], [{"op": "merge", "key": 7, "merged_from": ["a"]}],
        [{"op": "merge", "key": "k", "merged_from": "a"}], [{"op": "merge", "key": {"is": "k"}}],
        [{"op": None, "key": "k", "merged_from": None}], [{"op": "upsert", "key": ""}],
    ],
}  # fmt: skip
# Of what lies beyond a row, or beyond JSON Schema, the docs speak: no schema judges it.
BEYOND = {"conflicting_redelivery", "captured_after_timestamp", "mission_mismatch"}


def put(row: dict, path: str, value: object) -> None:
    *steps, last = path.split(".")
    for step in steps:
        if not isinstance(row.get(step), dict):
            row[step] = {}
        row = row[step]
    if value is ABSENT:
        row.pop(last, None)
    else:
        row[last] = value


def respelt(word: str) -> st.SearchStrategy[str]:
    """A word in other cases, with letters whose lower case is the same, between spaces of Unicode."""
    other = {"k": "\u212a", "i": "\u0130"}
    letters = [st.sampled_from([sign, sign.upper(), other.get(sign, sign)]) for sign in word]
    blank = st.text(" \u00a0\u3000", max_size=2)
    return st.tuples(blank, *letters, blank).map("".join)


def changes(feed: Feed) -> st.SearchStrategy[list[tuple[str, object]]]:
    """Some fields of a row, or objects that hold them, and other values for them."""
    fields = []
    for field in feed.fields:
        values = st.sampled_from([*ODD, *OF_KIND.get(field.kind, [])])
        if field.kind == "choice":
            words = st.sampled_from(choices(field)).flatmap(respelt)
            values = (
                values
                | words
                | words
                | st.sampled_from([" ", "\u00a0", "moon", "\tmoon", ":", " : pass", "format_error: a remark"])
            )
        elif field.kind in ("id", "text", "word"):
            values = values | st.text(
                st.characters(categories=["L", "N", "Zs", "P"], exclude_characters="[{"), max_size=6
            )
        is_ruled = f"'{field.path.split('.')[-1]}'" in str(feed.rules)  # these more often
        fields += [values.map(lambda value, path=field.path: (path, value))] * (5 if is_ruled else 1)
    holders = {
        path.rsplit(".", depth)[0]
        for path in [one.path for one in feed.fields]
        for depth in range(1, path.count(".") + 1)
    }
    odd = (
        st.tuples(st.sampled_from(sorted(holders)), st.sampled_from([None, "", ABSENT, 5, True, ["x"], {}, "words"]))
        if holders
        else None
    )
    return st.lists(st.one_of(*fields, *([] if odd is None else [odd])), max_size=3)


def rows_of(feed: Feed) -> list[dict]:
    """Examples as they are, and changed in up to three places; and what rules speak of, in all ways."""
    found = [dict(example) for example in feed.examples]

    @seed(19)
    @settings(max_examples=ROWS, database=None, phases=[Phase.generate], deadline=None)
    @given(st.sampled_from(feed.examples), changes(feed))
    def collect(example, changed):
        row = copy.deepcopy(example)
        for path, value in changed:
            put(row, path, value)
        found.append(row)

    collect()
    ruled = [field.path for field in feed.fields if f"'{field.path}'" in str(feed.rules)]
    for values in itertools.product([ABSENT, "", " ", "a::pass", "::fail", "pass"], repeat=min(len(ruled), 3)):
        row = copy.deepcopy(feed.examples[0])
        for path, value in zip(ruled, values, strict=False):
            put(row, path, value)
        found.append(row)
    return found


@pytest.fixture(scope="module")
def judge(recorded):
    return Judge(recorded, AS_OF)


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_a_schema_accepts_exactly_what_the_night_keeps(judge, feed):
    rows, file = rows_of(feed), file_of(feed).replace("/x/x/", "/x/labels/")
    landed = [
        {"feed": feed.name, "source_file": file, "row_number": line, "raw_row": json.dumps(row)}
        for line, row in enumerate(rows, 1)
    ]
    judged = judge.defects(feed, pa.Table.from_pylist(landed, schema=LANDED))
    validator = Draft202012Validator(schema(feed))
    apart = []
    for line, row in enumerate(rows, 1):
        defect = judged[file, line]
        if (defect is None) != validator.is_valid(row) and (defect is None or defect.reason_code not in BEYOND):
            apart.append((defect, row))
    assert not apart, f"{len(apart)} of {len(rows)} rows, such as {min(apart, key=lambda one: len(str(one[1])))}"
    assert all(judged[file, line] is None for line in range(1, len(feed.examples) + 1)), "an example is no good row"
    assert sum(defect is None for defect in judged.values()) > 5 or len(feed.fields) < 3


@pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS)
def test_a_schema_is_one_and_gives_examples_that_it_accepts(feed):
    made = schema(feed)
    Draft202012Validator.check_schema(made)
    assert made["examples"] and all(Draft202012Validator(made).is_valid(example) for example in made["examples"])


def test_the_rows_of_the_sample_world_are_accepted_as_far_as_the_night_kept_them(sample_world):
    house, _ = sample_world
    bad = {
        (feed, file, line): reason
        for feed, file, line, reason in house.query(
            "select feed, source_file, row_number, reason_code from quarantined_rows"
        )
    }
    validators = {name: Draft202012Validator(schema(feed)) for name, feed in FEEDS.items()}
    places: dict[tuple[str, str], int] = {}
    seen: dict[tuple[str, bool], int] = {}
    for feed, file, text in landed_rows(house.landing, FEEDS.values()):
        line = places[feed, file] = places.get((feed, file), 0) + 1
        reason = bad.get((feed, file, line))
        is_bad = reason is not None
        if file.endswith((".csv", ".parquet")) or reason in BEYOND or seen.get((feed, is_bad), 0) >= 150:
            continue
        try:
            row = json.loads(text, parse_constant=int)  # NaN is no JSON, whatever Python says
        except ValueError:
            continue
        if isinstance(row.get("event_type"), str) and row["event_type"] not in READ:  # passed over, not kept
            continue
        if reason in ("too_deep", "nul_character", "text_too_long"):
            continue
        seen[feed, is_bad] = seen.get((feed, is_bad), 0) + 1
        assert validators[feed].is_valid(row) == (reason is None), (reason, row)
    assert len(seen) > 20
