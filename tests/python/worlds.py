"""Small random worlds of feed rows that crowd onto the edges of the rules, for comparing the models with the oracle.

Chosen so that the contract has one reading: the contents of one identity differ in their instants, no confidence lies a
hair beside a bar or a bin edge, no text is empty, and no bad or unread row shares its id with a good one.
"""

import copy
import json
from datetime import UTC, datetime, timedelta
from random import Random

from oracle import instant_of

# A fortnight from each crosses a year; between them New Year falls in ISO week 1 and in week 53.
STARTS = [datetime(year, 12, day, tzinfo=UTC) for year, day in [(2015, 19), (2020, 20), (2024, 19), (2025, 20)]]
INSTANT, SECOND, HOUR, DAY = timedelta(microseconds=1), timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
NOTHING = timedelta(0)
USERS = ["ada", "u_bert", "çelik", "dora@example.org", "Ada", "u_7"]
CLAIM_CLASSES = ["set.reps", "größe", "meal.protein.grams"]
VERSIONS = ["p-1", "p-2", "unknown", None, "missing"]
CONFIDENCES = [0, 1, 0.0, 1.0, *(tenth / 10 for tenth in range(1, 10)), 0.86, 0.8599, 0.8601, 0.6, 0.95, 0.15, 0.333]
BANDS = ["high", "high", "high", "medium", "medium", "medium", "medium", "low", "HIGH", "certain", None, "missing"]
CATEGORIES = ["friction_signal", "quality_signal", "correction_signal", "outcome_signal", "noise", None, "missing"]
MISMATCHES = ["critical", "warning", "info", "none", None, "missing"]
FAULTS = [  # signal types, issue type, invariant, phases, cluster signature (None: by the ls_ rule)
    (["workflow_violation", "repair_proposed", "repair_auto_applied"], "drop", "i-1", ["plan", "save", None], "sig-a"),
    (["quality_issue_detected", "repair_verified_closed"], "slow", None, ["save"], "Störung: Zähler"),
    (["save_claim_mismatch_attempt"], "mismatch", "i-2", ["save", "verify"], "sig-b"),
    (["custom_signal", "save_handshake_verified", "save_handshake_pending"], "odd", "i-3", ["plan", "ändern"], "sig-c"),
    (["clarification_requested"], "unklar", None, [None], None),
    (["überlauf_signal", "workflow_phase_transition_closed"], None, "größe", ["prüfen"], None),
    (["repair_simulated_safe", "repair_simulated_risky"], "safe", "i-5", ["plan"], "sig-d"),
    (["repair_auto_rejected"], "risk", "i-4", ["plan"], None),
]
# Batches of claims that put a day exactly on a bar: (confidence, how many right, how many wrong) per group, per day.
BAR_BATCHES = [
    [[(1, 4, 1)]],  # Brier .20
    [[(0.9, 3, 1), (0.3, 1, 3)]],  # Brier .20, where floating point gives a hair less
    [[(1, 7, 3)]],  # Brier .30
    [[(1, 7, 3), (0, 0, 10)]],  # precision .70, Brier .15
    [[(1, 11, 9), (0, 0, 26)]],  # precision .55, Brier under .20
    [[(1, 20, 0)], [(1, 47, 3)]],  # drift of .06
    [[(0.9, 2, 0), (0.2, 0, 1)], [(0.9, 4, 0), (0.6, 0, 1)]],  # drift of .06, where floating point gives a hair less
    [[(1, 2, 0)], [(1, 3, 0)], [(0.86, 3, 0)], [(0.85, 3, 0)]],  # two samples, three; the high bar, and under it
]


def spell(rng: Random, at):
    """One of the ways to write an instant; one without an offset means UTC."""
    hours = rng.choice([2, -5, 9])
    local = (at + hours * HOUR).replace(tzinfo=None).isoformat()
    plain = at.replace(tzinfo=None).isoformat()
    return rng.choice([plain + "Z", plain + "Z", plain + "+00:00", plain, f"{local}{hours:+03d}:00"])


def with_field(data, name, value):
    """The object with the field, unless the value is the word for a field that is not there."""
    return data if value == "missing" else {**data, name: value}


class World:
    """A list of rows in the making, and the choices that all of its rows share."""

    def __init__(self, rng: Random, tag, start):
        self.rng, self.tag, self.rows = rng, tag, []
        days = rng.randint(14, 42)
        monday = start + (7 - start.weekday()) * DAY
        new_year = datetime(start.year + 1, 1, 1, tzinfo=UTC)
        edges = [new_year, monday, monday + 7 * DAY, start + rng.randrange(days) * DAY]
        anywhere = [start + rng.randrange(days * 86_400) * SECOND for _ in range(rng.randint(1, 3))]
        self.anchors = [*rng.sample(edges, k=rng.randint(1, 3)), *anywhere]
        self.is_crowded = rng.random() < 0.3  # all users and signals in one bucket, past the reference counts
        self.users = rng.sample(USERS, k=6 if self.is_crowded else rng.randint(2, 5))
        self.faults = rng.sample(FAULTS, k=1 if self.is_crowded else rng.randint(1, 3))
        self.streams = [(rng.choice(CLAIM_CLASSES), rng.choice(VERSIONS)) for _ in range(rng.randint(1, 3))]
        self.ids = iter(rng.sample(range(1, 10_000), k=1_000))  # not in the order of time, and s10 sorts before s9

    def moment(self):
        near = self.rng.choice([*[NOTHING] * 4, -INSTANT, SECOND, -SECOND, 12 * HOUR])
        is_there = self.is_crowded and self.rng.random() < 0.75
        return (self.anchors[0] if is_there else self.rng.choice(self.anchors)) + near

    def add(self, event_type, at, data):
        event_id = f"{self.tag}{event_type[0]}{next(self.ids)}"
        self.rows.append(
            {"event_id": event_id, "event_type": event_type, "timestamp": spell(self.rng, at), "data": data}
        )
        return self.rows[-1]

    def signal(self):
        rng = self.rng
        signal_types, issue_type, invariant_id, phases, cluster_signature = rng.choice(self.faults)
        nothing = rng.choice([None, "missing"])
        signature = {"agent_version": "a-1", "modality": "text"}
        signature = with_field(signature, "issue_type", self.tag + issue_type if issue_type else nothing)
        signature = with_field(signature, "invariant_id", self.tag + invariant_id if invariant_id else nothing)
        signature = with_field(signature, "workflow_phase", rng.choice(phases) or nothing)
        signature = with_field(signature, "confidence_band", rng.choice(BANDS))
        user = self.users[0] if rng.random() < 0.3 else rng.choice(self.users)
        data = {
            "schema_version": 1,
            "signal_type": rng.choice(signal_types),
            "user_ref": {"pseudonymized_user_id": user},
            "signature": signature,
            "attributes": with_field({}, "mismatch_severity", rng.choice(MISMATCHES)),
        }
        data = with_field(data, "category", rng.choice(CATEGORIES))
        data = with_field(data, "cluster_signature", self.tag + cluster_signature if cluster_signature else nothing)
        captured = self.moment()
        if rng.random() < 0.15:
            return self.add("learning.signal.logged", captured, with_field(data, "captured_at", nothing))
        # Sent at once or later than it was captured, at the most a day earlier.
        sent = captured + rng.choice([*[NOTHING] * 4, -DAY, DAY, -SECOND, 5 * HOUR, 3 * DAY])
        return self.add("learning.signal.logged", sent, {**data, "captured_at": spell(rng, captured)})

    def claim(self, at=None, stream=None, confidence=None, lineage="any"):
        rng = self.rng
        claim_class, version = stream or rng.choice(self.streams)
        if lineage == "any":
            signals = [row["event_id"] for row in self.rows if row["event_type"] == "learning.signal.logged"]
            target = rng.choice(signals) if signals and rng.random() < 0.2 else f"{self.tag}t{next(self.ids) % 40}"
            lineage = {"event_id": target}
        provenance = rng.choice([{}, None, "missing"]) if version == "missing" else {"parser_version": version}
        confidence = rng.choice(CONFIDENCES) if confidence is None else confidence
        data = with_field({"claim_type": self.tag + claim_class, "confidence": confidence}, "provenance", provenance)
        return self.add("evidence.claim.logged", at or self.moment(), with_field(data, "lineage", lineage))

    def retract(self, event_id, at):
        return self.add("event.retracted", at, {"retracted_event_id": event_id})

    def correct(self, target, at, fields):
        return self.add("set.corrected", at, {"target_event_id": target, "changed_fields": fields})

    def blow(self, claim):
        """Something that makes a claim wrong, or only seems to."""
        rng, data, at = self.rng, claim["data"], instant_of(claim["timestamp"])
        target, field = data["lineage"]["event_id"], data["claim_type"].split(".")[-1]
        late = at + rng.choice([NOTHING, NOTHING, -INSTANT, -DAY, SECOND, 2 * DAY, 9 * DAY])
        what = rng.choice(["target retracted", "claim retracted", *["target corrected"] * 5])
        if what == "target retracted":
            retraction = self.retract(target, late)
            if rng.random() < 0.4:  # which changes nothing
                self.retract(retraction["event_id"], late + SECOND)
        elif what == "claim retracted":
            self.retract(claim["event_id"], late)
        else:
            others = [{field: None}, {field: 1, "x": 2}, {"x": 2}, {field.upper(): 1}, {}]
            correction = self.correct(target, late, rng.choice([{field: 1}, {field: 1}, *others]))
            if rng.random() < 0.3:  # whenever that happens, even before the correction
                self.retract(correction["event_id"], late + rng.choice([NOTHING, -SECOND, DAY, 10 * DAY]))

    def bar_batch(self):
        stream = (self.rng.choice(["bar.reps", "bar"]), "p-9")
        noon = self.rng.choice(self.anchors).replace(hour=12)
        for number, groups in enumerate(self.rng.choice(BAR_BATCHES)):
            for confidence, right, wrong in groups:
                for k in range(right + wrong):
                    target = f"{self.tag}bar{next(self.ids)}"
                    self.claim(noon + number * DAY, stream, confidence, {"event_id": target})
                    if k < wrong:
                        self.retract(target, noon + number * DAY)

    def conflict(self):
        """Another row, of any type that is read, under the id of a row that is there, and of another instant."""
        row, other = self.rng.choice(self.rows), self.rng.choice([self.signal, self.claim])()
        taken = {instant_of(one["timestamp"]) for one in self.rows if one["event_id"] == row["event_id"]}
        if instant_of(other["timestamp"]) in taken:
            self.rows.remove(other)
        else:
            other["event_id"] = row["event_id"]

    def bad_rows(self):
        """A few rows that must count for nothing, each bad in one way."""
        rng, signal, claim = self.rng, self.signal(), self.claim()
        too_late = (instant_of(signal["timestamp"]) + DAY + INSTANT).isoformat()
        ways = [
            (signal, "timestamp", "1999-12-31T23:59:59Z"), (signal, "timestamp", "soon"), (claim, "timestamp", None),
            (signal, "captured_at", "1999-12-31T23:59:59Z"), (signal, "captured_at", "soon"),
            (signal, "captured_at", too_late), (signal, "user_ref", {}), (signal, "user_ref", None),
            (signal, "data", None), (claim, "data", "claim"), (claim, "claim_type", None), (claim, "confidence", None),
            (claim, "confidence", 1.0001), (claim, "confidence", -0.1), (claim, "confidence", "0.9"),
        ]  # fmt: skip
        for good, name, value in rng.sample(ways, k=rng.randint(1, 4)):
            bad = self.add(good["event_type"], self.moment(), copy.deepcopy(good["data"]))
            bad["timestamp"] = good["timestamp"]
            (bad if name in bad else bad["data"])[name] = value
        self.correct(claim["data"]["lineage"]["event_id"], self.moment(), None)
        self.correct(None, self.moment(), {"reps": 1})
        self.retract(None, self.moment())

    def redeliver(self):
        row = self.rng.choice(self.rows)
        self.rows.append({name: row[name] for name in self.rng.sample(sorted(row), k=len(row))})


def random_world(rng: Random, tag="", start=None):
    """20-150 `events` rows of two to six weeks across New Year, in random order.

    Worlds of different tags share no event id, cluster signature or claim class, so that many can be poured into one
    night and the oracle's answer for all of them is the sum of its answers.
    """
    world = World(rng, tag, start or rng.choice(STARTS))
    for _ in range(rng.randint(12, 45)):
        world.signal()
    lineages = [*["any"] * 8, {}, None, {"event_id": None}, "missing"]
    for _ in range(rng.randint(5, 16)):
        lineage = rng.choice(lineages)
        claim = world.claim(lineage=lineage)
        for _ in range(rng.choice([0, 0, 1, 1, 2]) if lineage == "any" else 0):
            world.blow(claim)
    if len(world.rows) < 48 and rng.random() < 0.8:
        world.bar_batch()
    for _ in range(rng.randint(0, 4)):
        world.conflict()
    for _ in range(rng.randint(0, 2)):
        world.add("meal.logged", world.moment(), {"note": "read by no model"})
    if rng.random() < 0.4:
        world.bad_rows()
    for _ in range(rng.randint(2, 6)):
        world.redeliver()
    rng.shuffle(world.rows)
    return json.loads(json.dumps(world.rows))  # what a feed can carry, and no two rows share an object


def random_as_of(rng: Random, events):
    """An instant for the run: a row's own, one just before it, a midnight, a week later, or after them all."""
    instants = sorted({instant for row in events if (instant := instant_of(row.get("timestamp")))})
    at = rng.choice(instants[len(instants) // 3 :])
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return rng.choice([at, at - INSTANT, midnight, at + 7 * DAY, instants[-1] + 30 * DAY])


def signal_at(at: datetime, number: int, **data: object) -> dict:
    """A signal of one of three users; all of them make one cluster."""
    return {
        "event_id": f"e-{at:%d%H}-{number}",
        "event_type": "learning.signal.logged",
        "timestamp": at.isoformat(),
        "data": {
            "signal_type": "workflow_violation",
            "user_ref": {"pseudonymized_user_id": f"user-{number % 3}"},
            "signature": {"issue_type": "x", "confidence_band": "high"},
            **data,
        },
    }
