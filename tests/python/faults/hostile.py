"""Rows of every feed with hostile values in them, and damage to the bytes of their files."""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
from collections import defaultdict
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from learning_loop.landing.folder import files, known_feeds
from learning_loop.sample import stage_b

# Where a fresh id keeps a copied row from being a redelivery; the other feeds have identities of several fields.
IDS = {
    "events": "event_id",
    "ingest_candidates": "id",
    "ingest_editor_labels": "id",
    "ingest_runs": "id",
    "ingest_experiments": "id",
    "ingest_tuning_changes": "id",
    "ingest_experiment_assignments": "candidate_id",
    "quality_flags": "candidate_id",
    "score_overrides": "override_id",
    "source_overrides": "override_id",
    "suggestion_decisions": "decision_id",
    "backlog_decisions": "decision_id",
    "checklist_updates": "update_id",
    "shadow_evaluations": "evaluation_id",
    "ingest_source_registry": "source_key",
    "stage_b_review_labels": "review_id",
}
HAND_WRITTEN = {  # what the sample world does not have as lines
    "shadow_evaluations": [
        (
            "shadow_evaluations/a.jsonl",
            {
                "evaluation_id": "e-1",
                "candidate_key": "k",
                "verdict": verdict,
                "evaluated_at": "2026-02-03T00:00:00Z",
                "metric_deltas": {"precision": 0.1},
            },
        )
        for verdict in ("pass", "fail", "insufficient_data")
    ],
    "stage_b_review_labels": [
        (
            "stage_b_review_labels/a.jsonl",
            {
                "review_id": "r-1",
                "run_id": stage_b.EDGE_RUN,
                "mission": stage_b.REVIEW,
                "ticket_key": f"{stage_b.TICKETS['always-wrong']}::pass",
                "label": label,
                "actor_user_id": "u-1",
                "reviewed_at": "2026-02-03T00:00:00Z",
                "note": "seen",
            },
        )
        for label in ("pass", "fail", "unsure")
    ],
    "suggestion_decisions": [
        (
            "suggestion_decisions/a.jsonl",
            {
                "decision_id": "sd-1",
                "suggestion_id": f"ts_{1:016x}",
                "decision": decision,
                "actor": "ann",
                "decided_at": "2026-02-03T00:00:00Z",
                "experiment_id": "x-1",
                "config_version": "v2",
                "reason": "seen",
            },
        )
        for decision in ("plan", "adopt", "refuse", "revert")
    ],
    "stage_b_runs": [("stage_b/r/run.json", {"started_at": "2026-02-03T00:00:00Z"})],
}
TEXTS = [
    "'; drop table main.landing_files; --", '"; select 1; --', "$$ || current_setting('x') || $$",
    "{{ run_query('x') }}", "{% raw %}", "%s %(x)s {0}", "<script>alert(1)</script>", "&lt;b&gt;",
    "\x00", "\x01", "\x1b[31mred\x1b[0m", "\r\n",
    "\u2028", "\x7f", "\x85", "\ufeff", "👩‍👩‍👧‍👦",
    "🏳️‍🌈", "e\u0301", "\u202eright to left\u202c", "\u2066\u200f", "שלום", "ß", "İ", "ﬁ",
    "\ud800", "\udc00x", "\udfff\ud800", "", " ", "\t", "null", "None", "NaN", "-Infinity", "true", "[]", "{}", "{",
    "[1", '{"a": 1}', '["a"]', "u_", "u_x", "0", "-1", "1e400", "!unreadable_file!x!", "!not_utf8!", "x" * 256,
    "x" * 257,
    "9" * 40, "a@example.org", "+49 30 1234567", "../../etc/passwd", "C:\\x", "\\", '\\"', "\\u0000", "%", "_", "`",
    ";",
]  # fmt: skip
INSTANTS = [
    "0001-01-01T00:00:00Z", "1970-01-01", "1999-12-31T23:59:59.999999Z", "2000-01-01T00:00:00Z", "2000-01-01",
    "9999-12-31T23:59:59.999999Z", "10000-01-01T00:00:00Z", "294247-01-10T04:00:54.775806Z", "infinity", "-infinity",
    "epoch", "now", "today", "2026-02-29", "2024-02-29T24:00:00Z", "2026-02-10T23:59:60Z", "2026-02-10 02:00:00+14:00",
    "2026-02-10T02:00:00-15:59", "2026-02-10T02:00:00+99:99", "2026-02-10T02:00:00.1234567891Z", "20260210",
    "10.2.2026", "2026-W07", "290309-12-22 (BC) 00:00:00", "2026-02-10T02:00:00 Europe/Berlin",
]  # fmt: skip
NUMBERS = [0, -1, 1, 0.1, -0.0, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400, 1e308, 5e-324]
NO_ROWS = [b"", b"no json", b"[]", b"1", b"null", b"{}", b"\xff\xfe", b'"x"', b"{" * 1000, b"\0"]
LITERALS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e-400",
    "01",
    ".5",
    "1.",
    "+1",
    "0x10",
    "tru",
    "'x'",
    "",
    "undefined",
]


def deep(depth: int, kind: str) -> str:
    opening, closing = {"list": ("[", "]"), "object": ('{"a":', "}")}[kind]
    return opening * depth + "1" + closing * depth


def values() -> st.SearchStrategy:
    """Any hostile value; a one-element tuple holds a literal that goes into the file as it is."""
    return st.one_of(
        st.sampled_from(TEXTS),
        st.sampled_from(INSTANTS),
        st.sampled_from(NUMBERS),
        st.sampled_from(LITERALS).map(lambda literal: (literal,)),
        st.sampled_from([63, 64, 65, 1000]).flatmap(
            lambda depth: st.sampled_from(["list", "object"]).map(lambda kind: (deep(depth, kind),))
        ),
        st.text(max_size=40),
        st.text(alphabet=st.characters(categories=("Cs", "Cc", "Cf", "Co", "So")), max_size=20),
        st.integers(),
        st.floats(),
        st.none(),
        st.booleans(),
        st.lists(st.one_of(st.text(max_size=5), st.integers()), max_size=3),
        st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.none()), max_size=3),
        st.sampled_from([2**20 - 1, 2**20, 2**20 + 1]).map(Long),
    )


class Long(int):
    """A text of so many bytes: written out only where it is used, and seldom."""


def templates(world: Path) -> dict[str, list[tuple[str, dict]]]:
    """(Path below the feed, row) of some rows of every feed of a sample world; `world` is its folder."""
    found = defaultdict(list, HAND_WRITTEN)
    for feed, relative, _ in files(world, known_feeds()):
        if len(found[feed.name]) < 400 and relative.endswith(".jsonl"):
            for line in (world / relative).read_bytes().splitlines()[:50]:
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                if isinstance(row, dict):
                    found[feed.name].append((relative, row))
    return found


class Fuzz:
    """Draws rows: templates of a feed with some of their values replaced from `pool`."""

    def __init__(self, rng: Random, by_feed: dict[str, list[tuple[str, dict]]], pool: list, tag: str):
        self.rng, self.by_feed, self.pool, self.tag, self.number = rng, by_feed, pool, tag, 0

    def row(self, feed: str) -> tuple[str, dict]:
        path, template = self.rng.choice(self.by_feed[feed])
        row = copy.deepcopy(template)
        if feed in IDS and self.rng.random() < 0.9:
            self.number += 1
            row[IDS[feed]] = f"{self.tag}-{self.number}"
        for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2, 5])):
            self.mutate(row)
        return path, row

    def mutate(self, row: dict) -> None:
        place: dict | list = row
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                return
            key = self.rng.choice(keys)
            if isinstance(place[key], (dict, list)) and self.rng.random() < 0.7:
                place = place[key]
                continue
            break
        how = self.rng.random()
        if how < 0.1:
            del place[key]
        elif how < 0.15 and isinstance(place, dict):
            place[str(self.rng.choice(TEXTS))] = place.pop(key)
        else:
            place[key] = copy.deepcopy(self.rng.choice(self.pool))

    def line(self, feed: str) -> bytes:
        """One row as a line of JSON; now and then a line that is none."""
        if self.rng.random() < 0.01:
            return self.rng.choice(
                [b"", b"no json", b"[]", b"1", b"null", b"{}", b"\xff\xfe", b'"x"', b"{" * 1000, b"\0"]
            )
        _, row = self.row(feed)
        literals: list[str] = []
        text = json.dumps(self.written(row, literals), ensure_ascii=self.rng.random() < 0.5)
        for number, literal in enumerate(literals):
            text = text.replace(f'"@@{number}@@"', literal, 1)
        if self.rng.random() < 0.01:
            text = text[:-1] + "," + text[1:]  # every field twice
        return text.encode(errors="surrogatepass").replace(b"\n", b" ")

    def written(self, value, literals: list[str]):
        if isinstance(value, dict):
            return {key: self.written(part, literals) for key, part in value.items()}
        if isinstance(value, list):
            return [self.written(part, literals) for part in value]
        if isinstance(value, tuple):
            literals.append(value[0])
            return f"@@{len(literals) - 1}@@"
        if isinstance(value, Long):  # a whole mebibyte in one row of a thousand, else as long as an id may be
            return "y" * (value if self.rng.random() < 0.002 else 256 + value - 2**20)
        return value

    def file_name(self, feed: str, number: int, ending: str) -> str:
        path, _ = self.rng.choice(self.by_feed[feed])
        folder, name = path.rsplit("/", 1)
        if feed == "stage_b_runs":
            return f"stage_b/{self.tag}-{number}/{'review/' if self.rng.random() < 0.5 else ''}run.json"
        stem = name.split(".")[0] if feed.startswith("stage_b") else "rows"
        return f"{folder}/{stem}-{self.tag}-{number}{ending}"

    def write(self, landing: Path, feed: str, number: int, rows: int) -> tuple[str, int | None]:
        """Write one file of a feed and return its path below `landing`, and its rows if they can be told."""
        if feed == "stage_b_runs":
            rows = 1
        ending = self.rng.choice([".jsonl"] * 4 + [".jsonl.gz", ".csv", ".parquet"]) if rows > 1 else ""
        name = self.file_name(feed, number, ending)
        path = landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        count: int | None = None
        if ending in (".csv", ".parquet"):
            content = self.table(feed, ending, min(rows, 2000))
        else:
            lines = [self.line(feed) for _ in range(rows)]
            count = sum(bool(line.strip(b" \t\r")) for line in lines) if ending else None
            content = b"".join(line + b"\n" for line in lines)
            if ending == ".jsonl.gz":
                content = gzip.compress(content, 1)
        if self.rng.random() < 0.3:
            content, count = self.damage(content), None
        path.write_bytes(content)
        return name, count

    def table(self, feed: str, ending: str, rows: int) -> bytes:
        drawn = [self.written(self.row(feed)[1], []) for _ in range(rows)]
        columns = list(dict.fromkeys(str(key) for row in drawn for key in row))
        flat = [
            [value if isinstance(value := row.get(column), str) else None if value is None else json.dumps(value)
             for column in columns]
            for row in drawn
        ]  # fmt: skip
        if ending == ".csv":
            out = io.StringIO()
            writer = csv.writer(out, lineterminator=self.rng.choice(["\n", "\r\n"]))
            writer.writerows([columns, *flat])
            return out.getvalue().encode(errors="surrogatepass")
        clean = [[cell.encode(errors="replace").decode() if cell else cell for cell in row] for row in flat]
        names = [column.encode(errors="replace").decode() for column in columns]
        arrays = [pa.array([row[number] for row in clean], pa.string()) for number in range(len(names))]
        sink = io.BytesIO()
        pq.write_table(
            pa.Table.from_arrays(arrays, names=names), sink, compression=self.rng.choice(["snappy", "zstd", "none"])
        )
        return sink.getvalue()

    def damage(self, content: bytes) -> bytes:
        for _ in range(self.rng.choice([1, 1, 2, 10])):
            if not content:
                break
            start = self.rng.randrange(len(content))
            end = min(len(content), start + self.rng.choice([1, 1, 8, 200, 5000]))
            how = self.rng.choice(["flip", "cut", "insert", "double", "zero", "end"])
            middle = {
                "flip": bytes(byte ^ (1 << self.rng.randrange(8)) for byte in content[start:end]),
                "cut": b"",
                "insert": self.rng.randbytes(end - start) + content[start:end],
                "double": content[start:end] * 2,
                "zero": bytes(end - start),
                "end": b"",
            }[how]
            content = content[:start] + middle + (b"" if how == "end" and self.rng.random() < 0.3 else content[end:])
        return content


def write_what_once_cost_a_night(landing: Path) -> dict[str, list[str]]:
    """Write the files that fuzzing found to cost the whole night; return each one's reasons of quarantine."""
    lines = {
        "stage_b/found/review/selections.jsonl": {
            "ticket_key": "g::pass", "epoch": 1, "global_step": 1, "result": "'; drop table main.landing_files; --"
        },
        "stage_b/found/review/reflection.jsonl": {
            "global_step": 1,
            "reflection": {"reflection_id": "r", "applied": True, "proposal": {"action": "x", "operations": ""}},
        },
    }  # fmt: skip
    last_instant = "9999-12-31T23:59:59.999999Z"
    lines["events/found.jsonl"] = {
        "event_id": "found", "event_type": "learning.signal.logged", "timestamp": last_instant,
        "data": {
            "signal_type": "x", "user_ref": {"pseudonymized_user_id": "u"}, "captured_at": "2026-02-10T00:00:00Z"
        },
    }  # fmt: skip
    content = {name: json.dumps(row).encode() + b"\n" for name, row in lines.items()}
    block_of_no_kind = b"\x07"
    zipped = gzip.compress(b"{}\n" * 100)
    content["events/found.jsonl.gz"] = zipped[:10] + block_of_no_kind + zipped[11:]
    sink = io.BytesIO()
    pq.write_table(pa.table({"event_id": ["e" * 50] * 100}), sink, use_dictionary=False, compression="snappy")
    table = sink.getvalue()
    content["events/found.parquet"] = table[:20] + b"\xff" * 60 + table[80:]
    for name, data in content.items():
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_bytes(data)
    return {
        "stage_b/found/review/selections.jsonl": ["wrong_type"],
        "stage_b/found/review/reflection.jsonl": [],
        "events/found.jsonl": [],
        "events/found.jsonl.gz": ["unreadable_file"],
        "events/found.parquet": ["unreadable_file"],
    }
