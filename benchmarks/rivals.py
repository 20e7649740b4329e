"""The same clusters and Brier scores by hand-written SQL, by Polars and by plain Python, to weigh the night against.

Each rival reads the landing files itself and knows nothing of history, quarantine, policy rows or tests: it is the
least work that gives these numbers. Each returns (weekly clusters, sum of their scores, claims judged, Brier score).
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

SEEDS = Path(__file__).parents[1] / "seeds" / "policy"
MEMORY = 8_000_000_000  # bytes that the SQL rival may hold; lines above it go to a database file
MIN_SUPPORT, MIN_USERS, CAP, FREQUENCY, USERS = 3, 2, 3, 12, 4
Answer = tuple[int, float, int, float]


def seed(name: str) -> list[dict[str, str]]:
    """Return the rows of a policy seed."""
    with (SEEDS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def files(landing: Path, *endings: str) -> list[str]:
    """Return the event files with these endings."""
    return [str(path) for path in sorted((landing / "events").rglob("*")) if path.name.endswith(endings)]


# Hand-written SQL -------------------------------------------------------------------------------------------------

DATA = """{"signal_type":"VARCHAR",
"category":"VARCHAR","captured_at":"VARCHAR","claim_type":"VARCHAR","confidence":"VARCHAR","cluster_signature":"VARCHAR",
"user_ref":{"pseudonymized_user_id":"VARCHAR"},"signature":{"issue_type":"VARCHAR","invariant_id":"VARCHAR",
"workflow_phase":"VARCHAR","confidence_band":"VARCHAR"},"attributes":{"mismatch_severity":"VARCHAR"},
"provenance":{"parser_version":"VARCHAR"},"lineage":{"event_id":"VARCHAR"},"target_event_id":"VARCHAR",
"changed_fields":"JSON","retracted_event_id":"VARCHAR"}"""

SQL_LOAD = """
create table events as
with typed as (
    select event_id, event_type, try_cast("timestamp" as timestamptz) as told_at, data
    from read_json($lines, columns = {event_id: 'varchar', event_type: 'varchar', "timestamp": 'varchar', data: '§'},
        format = 'newline_delimited', ignore_errors = true, maximum_object_size = 4000000)
    union all
    select event_id, event_type, "timestamp"::timestamptz, from_json(data::varchar, $data)
    from read_parquet($parquets, hive_partitioning = false)
)
select * from typed
where event_id is not null and told_at <= $as_of
"""

# The sort for the earliest of each id moves ids and instants alone: at 100 million, whole rows would fill a disk.
SQL_DEDUPLICATE = """
delete from events where rowid in (
    select rowid from events qualify row_number() over (partition by event_id order by told_at) > 1
)
"""

SQL_CLUSTERS = """
with signals as (
    select
        event_id,
        coalesce(try_cast(data.captured_at as timestamptz), told_at) as captured,
        data.user_ref.pseudonymized_user_id as user_id,
        coalesce(nullif(data.cluster_signature, ''), 'ls_' || left(sha1(concat_ws('|',
            coalesce(data.signal_type, ''), coalesce(data.signature.issue_type, ''),
            coalesce(data.signature.invariant_id, ''), coalesce(data.signature.workflow_phase, ''))), 20)) as signature,
        coalesce(own.severity, fallback.severity)::double
            * case when own.is_scaled_by_mismatch::boolean then coalesce(mismatches.multiplier::double,
                if(data.attributes.mismatch_severity = 'none', 0, 1)) else 1 end
            * bands.severity_multiplier::double as severity,
        coalesce(own.impact, by_category.impact, fallback.impact)::double
            * case when own.is_scaled_by_mismatch::boolean then coalesce(mismatches.multiplier::double,
                if(data.attributes.mismatch_severity = 'none', 0, 1)) else 1 end as impact
    from events
    inner join read_csv($bands, all_varchar = true) as bands
        on data.signature.confidence_band = bands.confidence_band and bands.confidence_band != 'low'
    left join read_csv($weights, all_varchar = true) as own on data.signal_type = own.signal_type
    left join read_csv($weights, all_varchar = true) as by_category
        on by_category.signal_type = '*' and by_category.category != '*' and data.category = by_category.category
    left join read_csv($weights, all_varchar = true) as fallback
        on fallback.signal_type = '*' and fallback.category = '*'
    left join read_csv($mismatches, all_varchar = true) as mismatches
        on data.attributes.mismatch_severity = mismatches.mismatch_severity
    where event_type = 'learning.signal.logged' and data.user_ref.pseudonymized_user_id is not null
        and data.signal_type is not null and captured <= told_at + interval 1 day
        and (data.captured_at is null or try_cast(data.captured_at as timestamptz) is not null)
),
capped as (
    select * from (
        select *, unnest(['day', 'week']) as granularity, date_trunc(granularity, captured) as period from signals
    )
    qualify row_number() over (partition by granularity, period, signature, user_id order by captured, event_id) <= 3
),
clusters as (
    select
        granularity, period, signature,
        least(1, count(*) / 12) * avg(severity) * avg(impact)
            * (least(1, count(distinct user_id) / 4) + least(1, count(*) / count(distinct user_id) / 2)) / 2 as score
    from capped
    group by all
    having count(*) >= 3 and count(distinct user_id) >= 2
)
select count(*), sum(round(score, 6)) from clusters where granularity = 'week'
"""

SQL_CALIBRATION = """
with retractions as (
    select data.retracted_event_id as id, max(told_at) as last_at
    from events where event_type = 'event.retracted' group by all
),
corrections as (
    select id, field, max(told_at) as last_at
    from (
        select data.target_event_id as id, unnest(json_keys(data.changed_fields)) as field, told_at
        from events where event_type = 'set.corrected' and event_id not in (select id from retractions)
    )
    group by all
),
claims as (
    select
        data.confidence::double as confidence,
        not coalesce(retractions.last_at >= told_at or corrections.last_at >= told_at, false) as is_right
    from events
    left join retractions on data.lineage.event_id = retractions.id
    left join corrections
        on data.lineage.event_id = corrections.id and split_part(data.claim_type, '.', -1) = corrections.field
    where event_type = 'evidence.claim.logged' and data.lineage.event_id is not null
        and try_cast(data.confidence as double) between 0 and 1 and event_id not in (select id from retractions)
)
select count(*), avg((confidence - is_right::integer) ** 2) from claims
"""


def _struct(fields: dict[str, Any]) -> str:
    """Return an object's fields as a type of DuckDB."""
    inner = (f"{name} {_struct(kind) if isinstance(kind, dict) else kind}" for name, kind in fields.items())
    return f"struct({', '.join(inner)})"


def by_sql(landing: Path, as_of: datetime, threads: int) -> Answer:
    """Hand-written SQL on one DuckDB: in memory, or in a file when the events would not fit."""
    lines = files(landing, ".jsonl", ".jsonl.gz")
    is_large = sum(Path(path).stat().st_size for path in lines) > MEMORY
    with (
        tempfile.TemporaryDirectory(dir=landing.parent) as folder,
        duckdb.connect(
            f"{folder}/rival.duckdb" if is_large else ":memory:",
            config={"threads": threads, "memory_limit": f"{MEMORY}B", "temp_directory": f"{folder}/spill"},
        ) as con,
    ):
        con.execute("set timezone = 'UTC'; set enable_progress_bar = false")
        con.execute(
            SQL_LOAD.replace("§", _struct(json.loads(DATA))),
            {
                "data": DATA,
                "lines": lines,
                "parquets": files(landing, ".parquet"),
                "as_of": as_of,
            },
        )
        con.execute(SQL_DEDUPLICATE)
        names = {"bands": "confidence_bands", "weights": "signal_weights", "mismatches": "mismatch_severities"}
        places = {key: str(SEEDS / f"{name}.csv") for key, name in names.items()}
        count, score = con.execute(SQL_CLUSTERS, places).fetchall()[0]
        claims, brier = con.execute(SQL_CALIBRATION).fetchall()[0]
        return count, score, claims, brier


# Polars -----------------------------------------------------------------------------------------------------------

SCHEMA = {
    "event_id": pl.String, "event_type": pl.String, "timestamp": pl.String,
    "data": pl.Struct({
        "signal_type": pl.String, "category": pl.String, "captured_at": pl.String, "claim_type": pl.String,
        "confidence": pl.Float64, "cluster_signature": pl.String,
        "user_ref": pl.Struct({"pseudonymized_user_id": pl.String}),
        "signature": pl.Struct({
            "issue_type": pl.String, "invariant_id": pl.String, "workflow_phase": pl.String, "confidence_band": pl.String,
        }),
        "attributes": pl.Struct({"mismatch_severity": pl.String}), "lineage": pl.Struct({"event_id": pl.String}),
        "target_event_id": pl.String, "changed_fields": pl.Struct({}), "retracted_event_id": pl.String,
    }),
}  # fmt: skip


def by_polars(landing: Path, as_of: datetime, threads: int) -> Answer:
    """Polars, which has no reader for single bad lines: each file's lines are checked by Python's json first."""
    rows = [
        (event["event_id"], event["event_type"], event["at"], *_flat(event["data"]))
        for event in _events(landing, as_of)
        if event["event_type"]
        in ("learning.signal.logged", "evidence.claim.logged", "set.corrected", "event.retracted")
    ]
    names = ["event_id", "event_type", "at", *FLAT]
    frame = pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)
    frame = frame.sort("at").unique("event_id", keep="first", maintain_order=True)
    weights, categories, fallback = _weights()
    bands, mismatches = _multipliers("confidence_bands", "severity_multiplier"), _mismatches()
    signals = frame.filter(
        (pl.col("event_type") == "learning.signal.logged")
        & pl.col("band").is_in([band for band in bands if band != "low"])
        & pl.col("user").is_not_null()
    ).with_columns(
        own=pl.col("signal_type").replace_strict({k: v[0] for k, v in weights.items()}, default=None),
        own_impact=pl.col("signal_type").replace_strict({k: v[1] for k, v in weights.items()}, default=None),
        category_impact=pl.col("category").replace_strict(categories, default=None),
        factor=pl.when(pl.col("signal_type").is_in([k for k, v in weights.items() if v[2]]))
        .then(pl.col("mismatch").replace_strict(mismatches, default=1.0))
        .otherwise(1.0),
        multiplier=pl.col("band").replace_strict(bands, default=None),
        week=pl.coalesce("captured", "at").dt.truncate("1w"),
    )
    capped = (
        signals.with_columns(
            severity=pl.coalesce("own", pl.lit(fallback[0])) * pl.col("factor") * pl.col("multiplier"),
            impact=pl.coalesce("own_impact", "category_impact", pl.lit(fallback[1])) * pl.col("factor"),
        )
        .sort(pl.coalesce("captured", "at"), "event_id")
        .filter(pl.int_range(pl.len()).over("week", "signature", "user") < CAP)
    )
    clusters = (
        capped.group_by("week", "signature")
        .agg(
            n=pl.len(), users=pl.col("user").n_unique(), severity=pl.col("severity").mean(), impact=pl.col("impact").mean()
        )
        .filter((pl.col("n") >= MIN_SUPPORT) & (pl.col("users") >= MIN_USERS))
        .with_columns(
            score=(pl.col("n") / FREQUENCY).clip(upper_bound=1) * pl.col("severity") * pl.col("impact")
            * ((pl.col("users") / USERS).clip(upper_bound=1)
               + (pl.col("n") / pl.col("users") / 2).clip(upper_bound=1)) / 2
        )
    )  # fmt: skip
    retractions = frame.filter(pl.col("event_type") == "event.retracted")
    retracted = retractions.group_by("retracted").agg(retracted_at=pl.col("at").max())
    alive = frame.filter(~pl.col("event_id").is_in(retracted["retracted"].implode()))
    corrections = alive.filter(pl.col("event_type") == "set.corrected").explode("fields")
    corrected = corrections.group_by("target", "fields").agg(corrected_at=pl.col("at").max())
    claims = alive.filter(
        (pl.col("event_type") == "evidence.claim.logged")
        & pl.col("lineage").is_not_null()
        & pl.col("confidence").is_between(0, 1)
    ).with_columns(field=pl.col("claim_type").str.split(".").list.last())
    judged = (
        claims.join(retracted, left_on="lineage", right_on="retracted", how="left")
        .join(corrected, left_on=["lineage", "field"], right_on=["target", "fields"], how="left")
        .with_columns(
            is_right=~(
                (pl.col("retracted_at") >= pl.col("at")).fill_null(False)
                | (pl.col("corrected_at") >= pl.col("at")).fill_null(False)
            )
        )
    )
    brier = judged.select(((pl.col("confidence") - pl.col("is_right").cast(pl.Float64)) ** 2).mean()).item()
    return clusters.height, float(clusters["score"].round(6).sum()), judged.height, float(brier)


# Plain Python -----------------------------------------------------------------------------------------------------

FLAT = [
    "signal_type", "category", "captured", "user", "band", "mismatch", "signature", "claim_type", "confidence",
    "lineage", "target", "fields", "retracted",
]  # fmt: skip


def _instant(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _events(landing: Path, as_of: datetime) -> Iterator[dict[str, Any]]:
    for name in files(landing, ".jsonl", ".jsonl.gz", ".parquet"):
        if name.endswith(".parquet"):
            with duckdb.connect() as con:
                con.execute("set timezone = 'UTC'")
                found = con.execute(
                    "select event_id, event_type, \"timestamp\"::timestamptz, data::varchar"
                    " from read_parquet($1, hive_partitioning = false)", [name]
                ).fetchall()  # fmt: skip
            for event_id, kind, at, data in found:
                if at <= as_of:
                    yield {"event_id": event_id, "event_type": kind, "at": at.astimezone(UTC), "data": json.loads(data)}
            continue
        with (gzip.open if name.endswith(".gz") else open)(name, "rb") as lines:
            try:
                for line in lines:
                    try:
                        event = json.loads(line)
                    except ValueError:
                        continue
                    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
                        continue
                    event["at"] = _instant(event.get("timestamp"))
                    if event["at"] is not None and event["at"] <= as_of and _is_good(event):
                        yield event
            except EOFError:
                continue


def _is_good(event: dict[str, Any]) -> bool:
    if not isinstance(event.get("event_id"), str) or not isinstance(event.get("event_type"), str):
        return False
    told = event["data"].get("captured_at")
    captured = _instant(told) if told else event["at"]
    is_signal = event["event_type"] == "learning.signal.logged"
    return not is_signal or (captured is not None and captured <= event["at"] + timedelta(days=1))


def _flat(data: dict[str, Any]) -> tuple[Any, ...]:
    signature = data.get("signature") or {}
    parts = [data.get("signal_type"), *(signature.get(k) for k in ("issue_type", "invariant_id", "workflow_phase"))]
    named = (
        data.get("cluster_signature")
        or "ls_" + hashlib.sha1("|".join(p or "" for p in parts).encode()).hexdigest()[:20]
    )
    confidence = data.get("confidence")
    fields = data.get("changed_fields")
    return (
        data.get("signal_type"), data.get("category"), _instant(data.get("captured_at")),
        (data.get("user_ref") or {}).get("pseudonymized_user_id"), signature.get("confidence_band"),
        (data.get("attributes") or {}).get("mismatch_severity"), named, data.get("claim_type"),
        float(confidence) if type(confidence) in (int, float) else None, (data.get("lineage") or {}).get("event_id"),
        data.get("target_event_id"), list(fields) if isinstance(fields, dict) else None, data.get("retracted_event_id"),
    )  # fmt: skip


def _weights() -> tuple[dict[str, tuple[float, float, bool]], dict[str, float], tuple[float, float]]:
    rows = seed("signal_weights")
    own = {
        row["signal_type"]: (float(row["severity"]), float(row["impact"]), row["is_scaled_by_mismatch"] == "true")
        for row in rows if row["signal_type"] != "*"
    }  # fmt: skip
    categories = {row["category"]: float(row["impact"]) for row in rows if row["signal_type"] == "*" != row["category"]}
    fallback = next(row for row in rows if row["signal_type"] == row["category"] == "*")
    return own, categories, (float(fallback["severity"]), float(fallback["impact"]))


def _multipliers(name: str, column: str) -> dict[str, float]:
    return {next(iter(row.values())): float(row[column]) for row in seed(name)}


def _mismatches() -> dict[str, float]:
    return _multipliers("mismatch_severities", "multiplier") | {"none": 0.0}


def by_python(landing: Path, as_of: datetime, threads: int) -> Answer:
    """Plain Python: dictionaries and loops."""
    kept: dict[str, dict[str, Any]] = {}
    for event in _events(landing, as_of):
        known = kept.get(event["event_id"])
        if known is None or event["at"] < known["at"]:
            kept[event["event_id"]] = event
    weights, categories, fallback = _weights()
    bands, mismatches = _multipliers("confidence_bands", "severity_multiplier"), _mismatches()
    buckets: dict[tuple[str, str], list[tuple[Any, ...]]] = defaultdict(list)
    retracted: dict[str, datetime] = {}
    for event in kept.values():
        if event["event_type"] == "event.retracted":
            about = event["data"]["retracted_event_id"]
            retracted[about] = max(event["at"], retracted.get(about, event["at"]))
    corrected: dict[tuple[str, str], datetime] = {}
    claims = []
    for event_id, event in kept.items():
        kind = event["event_type"]
        if kind == "set.corrected" and event_id not in retracted:
            for field in event["data"].get("changed_fields") or {}:
                key = (event["data"].get("target_event_id"), field)
                corrected[key] = max(event["at"], corrected.get(key, event["at"]))
        if kind == "evidence.claim.logged" and event_id not in retracted:
            claims.append((event["at"], event["data"]))
        if kind != "learning.signal.logged":
            continue
        row = dict(zip(FLAT, _flat(event["data"]), strict=True))
        if row["band"] not in bands or row["band"] == "low" or row["user"] is None:
            continue
        severity, impact, is_scaled = weights.get(
            row["signal_type"], (fallback[0], categories.get(row["category"], fallback[1]), False)
        )
        factor = mismatches.get(row["mismatch"], 1.0) if is_scaled else 1.0
        captured = row["captured"] or event["at"]
        week = (captured - timedelta(days=captured.weekday())).date()
        buckets[str(week), row["signature"]].append(
            (captured, event_id, row["user"], severity * factor * bands[row["band"]], impact * factor)
        )
    count, total = 0, 0.0
    for members in buckets.values():
        taken: dict[str, int] = defaultdict(int)
        inside = []
        for member in sorted(members):
            taken[member[2]] += 1
            if taken[member[2]] <= CAP:
                inside.append(member)
        n, users = len(inside), len({member[2] for member in inside})
        if n < MIN_SUPPORT or users < MIN_USERS:
            continue
        severity, impact = (sum(member[k] for member in inside) / n for k in (3, 4))
        count += 1
        total += round(
            min(1, n / FREQUENCY) * severity * impact * (min(1, users / USERS) + min(1, n / users / 2)) / 2, 6
        )
    judged, squared = 0, 0.0
    never = datetime.min.replace(tzinfo=UTC)
    for at, data in claims:
        lineage, confidence = (data.get("lineage") or {}).get("event_id"), data.get("confidence")
        if lineage is None or type(confidence) not in (int, float) or not 0 <= confidence <= 1:
            continue
        field = data["claim_type"].split(".")[-1]
        is_right = retracted.get(lineage, never) < at and corrected.get((lineage, field), never) < at
        judged += 1
        squared += (confidence - is_right) ** 2
    return count, total, judged, squared / judged


RIVALS = {"hand-written SQL": by_sql, "Polars": by_polars, "plain Python": by_python}
