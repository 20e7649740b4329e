"""Small worlds of all feeds that share no key, so that many of them can be poured into one night."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

from learning_loop.landing.folder import files, known_feeds
from worlds import STARTS, random_world

Row = dict[str, Any]
# Fields that hold a key, or a name that rows are counted under; the tag goes before their values.
KEYS = {
    "id", "event_id", "candidate_id", "source_key", "run_id", "experiment_id", "override_id", "decision_id",
    "update_id", "evaluation_id", "duplicate_of", "target_event_id", "retracted_event_id", "cluster_signature",
    "claim_type", "actor_user_id", "ticket_key", "group_id", "reflection_id", "title",
}  # fmt: skip
LISTS_OF_KEYS = {"source_keys", "evidence_group_ids"}
EDITORIAL = ("ingest_editor_labels", "quality_flags", "score_overrides")


def tagged(value: Any, tag: str, field: str = "") -> Any:
    """The row with every key of it made the tag's own."""
    if isinstance(value, dict):
        return {name: tagged(part, tag, name) for name, part in value.items()}
    if isinstance(value, list):
        return [tag + part if field in LISTS_OF_KEYS and isinstance(part, str) else tagged(part, tag) for part in value]
    if isinstance(value, str) and field in KEYS:
        return f"{value} {tag.strip('-')}" if field == "title" else tag + value
    if isinstance(value, str) and field == "candidate_key" and ":" in value:
        kind, _, rest = value.partition(":")
        return f"{kind}:{tag}{rest}"
    return value


class Stock:
    """The rows of a sample world by feed, to draw small worlds from."""

    def __init__(self, world: Path):
        self.rows: dict[str, list[Row]] = defaultdict(list)
        self.lines: dict[str, list[tuple[str, Row]]] = defaultdict(list)  # of Stage-B: (file's stem, row) by folder
        self.backlog: list[tuple[str, Row]] = []
        for feed, relative, _ in files(world, known_feeds()):
            if not relative.endswith(".jsonl"):
                continue
            for line in (world / relative).read_bytes().splitlines():
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                if not isinstance(row, dict):
                    continue
                if feed.name.startswith("stage_b"):
                    folder, name = relative.rsplit("/", 1)
                    self.lines[folder].append((name.split(".")[0], row))
                elif relative.endswith("/backlog.jsonl"):
                    self.backlog.append((feed.name, row))
                elif feed.name != "events":
                    self.rows[feed.name].append(row)

    def subworld(self, rng: Random, tag: str, has_backlog: bool) -> list[tuple[str, str, Row]]:
        """Rows as (folder, stem of the file's name, row): events, a source's editing, an experiment, a Stage-B run."""
        drawn = [("events", row) for row in random_world(rng, tag, STARTS[-1])]
        source = rng.choice(self.rows["ingest_candidates"])["source_key"]
        of_source = [row for row in self.rows["ingest_candidates"] if row["source_key"] == source]
        candidates = rng.sample(of_source, min(len(of_source), rng.randint(3, 15)))
        experiment = rng.choice(self.rows["ingest_experiments"])["id"]
        assigned = [r for r in self.rows["ingest_experiment_assignments"] if r["experiment_id"] == experiment]
        assignments = rng.sample(assigned, min(len(assigned), rng.randint(2, 10)))
        of_experiment = {row["candidate_id"] for row in assignments}
        candidates += [row for row in self.rows["ingest_candidates"] if row["id"] in of_experiment]
        ids = {row["id"] for row in candidates}
        picked: list[tuple[str, Row]] = [("ingest_candidates", row) for row in candidates]
        for feed in EDITORIAL:
            picked += [(feed, row) for row in self.rows[feed] if row.get("candidate_id") in ids]
        picked += [("ingest_experiment_assignments", row) for row in assignments]
        picked += [("ingest_experiments", row) for row in self.rows["ingest_experiments"] if row["id"] == experiment]
        sources = {row["source_key"] for row in candidates}
        for feed in ("ingest_source_registry", "ingest_runs", "ingest_tuning_changes", "source_overrides"):
            rows = [row for row in self.rows[feed] if row.get("source_key") in sources]
            rows += rng.sample(self.rows[feed], min(len(self.rows[feed]), 2))
            picked += [(feed, row) for row in rows]
        drawn += [(feed, tagged(row, tag)) for feed, row in picked]
        if has_backlog:
            drawn += [(feed, tagged(row, tag)) for feed, row in self.backlog]
        folder = rng.choice(sorted(self.lines))
        _, run, mission = folder.split("/")
        lines = self.lines[folder]
        if rng.random() < 0.7:
            lines = rng.sample(lines, min(len(lines), 12))
        stage_b = [(f"stage_b/{tag}{run}/{mission}", stem, tagged(row, tag)) for stem, row in lines]
        return [(feed, "rows", row) for feed, row in drawn] + stage_b
