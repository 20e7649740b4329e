"""Issue clusters and calibration once more, by the contract alone: an oracle for the models, not a port of them.

It takes `events` rows as delivered: any order; redelivered, conflicting and bad ones too. Users are raw ids here.
"""

import hashlib
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from math import fsum

MIN_SUPPORT, MIN_UNIQUE_USERS, MAX_EVENTS_PER_USER, EXAMPLES = 3, 2, 3, 3
FREQUENCY_REFERENCE_COUNT, REPRODUCIBILITY_REFERENCE_USERS, OTHER_SEVERITY, OTHER_IMPACT = 12, 4, 0.60, 0.60
WEIGHTS = dict(  # (severity, impact)
    save_claim_mismatch_attempt=(1.00, 1.00), workflow_violation=(0.95, 0.95), quality_issue_detected=(0.90, 0.86),
    repair_auto_rejected=(0.88, 0.90), repair_simulated_risky=(0.80, 0.82), save_handshake_pending=(0.78, 0.78),
    clarification_requested=(0.72, 0.72), repair_proposed=(0.65, 0.60), repair_simulated_safe=(0.55, 0.52),
    repair_auto_applied=(0.50, 0.48), repair_verified_closed=(0.45, 0.44), save_handshake_verified=(0.35, 0.36),
    workflow_phase_transition_closed=(0.30, 0.30))  # fmt: skip
CATEGORY_IMPACT = dict(friction_signal=0.82, quality_signal=0.68, correction_signal=0.60, outcome_signal=0.42)
MISMATCH_FACTOR = dict(critical=1, warning=0.5, info=0.1, none=0)  # missing: 1
BAND_FACTOR = dict(high=1, medium=0.92)  # any other counts as low, and low is dropped (include_low_confidence: false)
HIGH_CONFIDENCE, MIN_SAMPLES, BINS, DRIFT_ALERT, CORRECTION_HORIZON = 0.86, 3, 10, 0.06, timedelta(days=7)
BARS = dict(degraded=(0.30, 0.55), monitor=(0.20, 0.70))  # from this Brier score up, or under this precision
NEEDED_TEXTS = {  # of each type that these models read; rows of other types are ignored
    "learning.signal.logged": ["signal_type", "user_ref.pseudonymized_user_id"], "set.corrected": ["target_event_id"],
    "evidence.claim.logged": ["claim_type"], "event.retracted": ["retracted_event_id"]}  # fmt: skip


def instant_of(value):
    """An ISO instant in UTC (also where it names no offset); None when unreadable or before 2000."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment.year >= 2000 else None


def dig(value, path):
    """What stands at the dotted path, or None; an empty text counts as missing."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return None if value == "" else value


def good_rows(events, as_of):
    """{event_type: [(event_id, instant, data)]}, a row per event_id: of several contents that of the least instant."""
    kept = {}
    for row in events:
        key, kind, stamp, data = (dig(row, name) for name in ("event_id", "event_type", "timestamp", "data"))
        at, captured = instant_of(stamp), instant_of(dig(data, "captured_at") or stamp)
        confidence = dig(data, "confidence")
        if at is None or at > as_of or kind not in NEEDED_TEXTS:
            continue
        is_good = {
            "learning.signal.logged": captured is not None and captured <= at + timedelta(days=1),
            "evidence.claim.logged": type(confidence) in (int, float) and 0 <= confidence <= 1,
            "set.corrected": isinstance(dig(data, "changed_fields"), dict),
        }.get(kind, True) and all(isinstance(text, str) for text in [key, *(dig(data, p) for p in NEEDED_TEXTS[kind])])
        if is_good and (key not in kept or at < kept[key][1]):
            kept[key] = (kind, at, data)
    return {kind: [(key, at, data) for key, (k, at, data) in kept.items() if k == kind] for kind in NEEDED_TEXTS}


def mean(values):
    return fsum(values) / len(values) if values else None


def commonest(values):
    return sorted(set(values), key=lambda value: (-values.count(value), value))


def clusters(events, as_of):
    """{(granularity, period_key, cluster_signature): the cluster's columns}, instants as datetimes in UTC."""
    buckets, found, rows = defaultdict(list), {}, good_rows(events, as_of)
    retracted = {data["retracted_event_id"] for _, _, data in rows["event.retracted"]}
    for key, at, data in rows["learning.signal.logged"]:
        if key in retracted:
            continue
        band = BAND_FACTOR.get(str(dig(data, "signature.confidence_band")).strip().lower())
        captured, user = instant_of(data.get("captured_at")) or at, dig(data, "user_ref.pseudonymized_user_id")
        paths = ["signal_type", "signature.issue_type", "signature.invariant_id", "signature.workflow_phase"]
        signal, _, _, phase = parts = [dig(data, path) for path in paths]
        digest = hashlib.sha1("|".join(part or "" for part in parts).encode()).hexdigest()
        other = (OTHER_SEVERITY, CATEGORY_IMPACT.get(data.get("category"), OTHER_IMPACT))
        severity, impact = WEIGHTS.get(signal, other)
        mismatch = dig(data, "attributes.mismatch_severity") if signal == "save_claim_mismatch_attempt" else None
        factor = MISMATCH_FACTOR.get(mismatch, 1)
        for period in [("day", f"{captured:%Y-%m-%d}"), ("week", f"{captured:%G-W%V}")] if band else []:
            bucket = (*period, dig(data, "cluster_signature") or f"ls_{digest[:20]}")
            buckets[bucket].append((captured, key, user, signal, phase, severity * factor * band, impact * factor))
    for bucket, members in buckets.items():
        members.sort()  # by captured_at, then event_id
        kept = [e for e in members if sum(one[2] == e[2] and one[:2] < e[:2] for one in members) < MAX_EVENTS_PER_USER]
        times, ids, authors, signals, phases, severities, impacts = zip(*kept, strict=True)
        n, users, severity, impact = len(kept), len(set(authors)), mean(severities), mean(impacts)
        frequency = min(1, n / FREQUENCY_REFERENCE_COUNT)
        reproducibility = (min(1, users / REPRODUCIBILITY_REFERENCE_USERS) + min(1, n / users / 2)) / 2
        if n >= MIN_SUPPORT and users >= MIN_UNIQUE_USERS:
            found[bucket] = dict(
                score=round(frequency * severity * impact * reproducibility, 6), event_count=n, unique_users=users,
                frequency=frequency, severity=severity, impact=impact, reproducibility=reproducibility,
                signal_type_top=commonest(signals)[0], first_seen_at=times[0], last_seen_at=times[-1],
                phases=commonest([phase for phase in phases if phase]), examples=list(ids[:EXAMPLES]))  # fmt: skip
    return found


def calibration(events, as_of):
    """{(granularity, period_key, claim_class, parser_version): the stream's measures in that period}."""
    rows, against, samples, measured, last = good_rows(events, as_of), defaultdict(list), defaultdict(list), {}, {}
    for _, at, data in rows["event.retracted"]:
        against[data["retracted_event_id"], None].append(at)
    retracted = {target for target, _ in against}  # for good: a retraction of a retraction has no effect
    for key, at, data in rows["set.corrected"]:
        for field in data["changed_fields"] if key not in retracted else []:
            against[data["target_event_id"], field].append(at)
    for key, at, data in rows["evidence.claim.logged"]:
        claim_class, target = data["claim_type"], dig(data, "lineage.event_id")
        if isinstance(target, str) and key not in retracted:
            blows = against[target, None] + against[target, claim_class.split(".")[-1]]
            claim = (data["confidence"], all(blow < at for blow in blows), at <= as_of - CORRECTION_HORIZON)
            for period in [("day", f"{at:%Y-%m-%d}"), ("week", f"{at:%G-W%V}")]:
                samples[*period, claim_class, dig(data, "provenance.parser_version") or "unknown"].append(claim)
    for (granularity, period_key, *stream), claims in sorted(samples.items()):  # period keys sort by time
        row = measured[granularity, period_key, *stream] = measure(claims)
        before, last[granularity, *stream] = last.get((granularity, *stream)), row["brier_score"]
        delta = row["drift_delta_brier"] = None if before is None else row["brier_score"] - before
        verdict = "drift_alert" if delta is not None and round(delta, 9) >= DRIFT_ALERT else "stable"
        row["drift_status"] = "insufficient_history" if delta is None else verdict
    return measured


def measure(claims):
    """The measures of one stream in one period, from its claims as (confidence, is_right, is_matured)."""
    n, rate, brier = len(claims), mean([r for _, r, _ in claims]), mean([(c - r) ** 2 for c, r, _ in claims])
    precision = mean([r for c, r, _ in claims if round(c, 9) >= HIGH_CONFIDENCE])
    recall = mean([round(c, 9) >= HIGH_CONFIDENCE for c, r, _ in claims if r])
    past = [name for name, (most, least) in BARS.items() if round(brier, 9) >= most or round(precision or 0, 9) < least]
    status = "monitor" if n < MIN_SAMPLES or precision is None else [*past, "healthy"][0]
    members = [[(c, r) for c, r, _ in claims if min(BINS - 1, int(round(c * BINS, 9))) == b] for b in range(BINS)]
    bins = [(len(inside), mean([c for c, _ in inside]), mean([r for _, r in inside])) for inside in members]
    reliability = fsum(k * (f - o) ** 2 for k, f, o in bins if k) / n
    resolution, uncertainty = fsum(k * (o - rate) ** 2 for k, _, o in bins if k) / n, rate * (1 - rate)
    return dict(
        status=status, sample_count=n, correct_count=sum(r for _, r, _ in claims),
        incorrect_count=sum(not r for _, r, _ in claims), avg_confidence=mean([c for c, _, _ in claims]),
        brier_score=brier, precision_high_conf=precision, recall_high_conf=recall, reliability=reliability,
        resolution=resolution, uncertainty=uncertainty, bins=bins,
        within_bin_residual=brier - (reliability - resolution + uncertainty),
        expected_calibration_error=fsum(k * abs(o - f) for k, f, o in bins if k) / n,
        matured_share=mean([m for _, _, m in claims]))  # fmt: skip
