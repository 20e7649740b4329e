"""What a night costs: python benchmarks/night.py [--events 1000000] [--history 30 --history 90] [--out FILE].

First what was promised beside what is. Then whole nights of the sample world beside rivals that compute the same clusters
and Brier scores from the same files and nothing else (rivals.py), in one run, as ratios; the cost of one more day after a
short and a long history; what editors' candidates cost, rules and models; the most memory and temporary disk that a night
took. Answers that differ end the run: a fast wrong number is no benchmark.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import multiprocessing
import os
import platform
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.console import Console

from learning_loop.sample.world import write_world

sys.path.insert(0, str(Path(__file__).parent))
import commands as command_line
import rivals
import watched
import written

EVENTS_A_DAY = 500  # of the sample world at scale 1
MOST_EVENTS = {"Polars": 10_000_000, "plain Python": 1_000_000}  # above, they would hold 25 GB and more
SEED = 7
SAID = "## What it says\n"
LARGE = [1_000_000, 5_000_000]
console = Console(highlight=False)


@dataclass
class Cost:
    """Of one process: wall-clock seconds, peak resident memory in MB, peak of temporary disk in MB, CPU seconds.

    Where they were asked for: how many statements DuckDB was sent, and the CPU seconds of sending them again.
    """

    seconds: float
    memory: float
    disk: float = 0.0
    cpu: float = 0.0
    statements: int = 0
    replayed: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)
    models: dict[str, float] = field(default_factory=dict)
    by_relation: dict[str, float] = field(default_factory=dict)
    concepts: dict[str, str] = field(default_factory=dict)

    def replayed_of(self, *concepts: str) -> float:
        """Return the CPU seconds of the replay that what these concepts' models write took."""
        return sum(
            seconds
            for relation, seconds in self.by_relation.items()
            if self.concepts.get(relation.partition("__judged")[0].partition("__ranked")[0], "") in concepts
        )


# What was promised: CPU seconds, but where it says times.
GOALS = {
    "night without rows, warm": 10, "night without rows, first": 20, "1,000,000 events, whole first night": 22,
    "5,000,000 events, whole first night": 55, "1,000,000 events, times the bare replay": 1.8,
    "5,000,000 events, times the bare replay": 1.3, "load, a million lines": 3,
    "clusters and calibration, times hand-written SQL": 2, "100,000 candidates: rules": 2.5,
    "2,000,000 candidates and 3,000,000 labels": 150, "Stage-B, 5,000,000 selections": 60,
    "backlog list, 10,000 keys of two years": 1.5, "report": 1.5,
}  # fmt: skip
promised: dict[str, tuple[float, Cost]] = {}


def keep(work: str, measured: float, cost: Cost) -> None:
    """Keep a figure for the table of what was promised: the last one measured counts."""
    promised[work] = (measured, cost)
    console.print(f"{work}: {measured:.1f}" + (f" (goal {GOALS[work]})" if work in GOALS else ""))


def against_goals() -> list[str]:
    """Return the lines of the table of what was promised, of what this run measured."""
    return [
        "## What was promised", "",
        "CPU seconds of all threads, or times where it says so. Statements are those that DuckDB was sent, without the comments of"
        " tables and columns: a table that is written anew is described anew.", "",
        "| work | measured | goal | memory, MB | statements |", "| --- | --- | --- | --- | --- |",
        *(
            f"| {work} | {measured:.1f} | {GOALS.get(work, '')} | {cost.memory:,.0f} |"
            f" {format(cost.statements, ',') if cost.statements else ''} |"
            for work, (measured, cost) in promised.items()
        ),
        "",
    ]  # fmt: skip


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns in a process of its own: the peak memory of a command counts this process's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def world(root: Path, events: int, days: int) -> tuple[Path, datetime]:
    """Write a sample world without its damaged files, which the rivals cannot read."""
    truth = apart(write_world, root, SEED, days, max(1, round(events / days / EVENTS_A_DAY)))
    for path in (root / "events").rglob("*"):
        if path.is_file() and not path.name.startswith(("part-0.jsonl", "part-0.parquet", "backlog")):
            path.unlink()
    return root, datetime.fromisoformat(truth["as_of"])


def night(landing: Path, warehouse: Path, as_of: datetime, and_then: str = "") -> Cost:
    """Run a night in a process of its own; `and_then` "--count" or "--replay" is asked of watched.py, and takes time."""
    kept = Path(tempfile.mkdtemp(dir=landing.parent))
    command = [
        sys.executable, str(Path(__file__).with_name("watched.py")), str(kept), *([and_then] if and_then else []),
        "nightly", "--landing", str(landing), "--warehouse", str(warehouse), "--as-of", as_of.isoformat(), "--ahead",
    ]  # fmt: skip
    private = warehouse.with_name(f".{warehouse.name}.night")
    peak, is_over = [0.0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.2):
            spilled = 0
            for folder, _, names in os.walk(private):  # what vanishes meanwhile counts no more
                for name in names:
                    with contextlib.suppress(FileNotFoundError):
                        spilled += ".tmp" in folder + name and (Path(folder) / name).stat().st_size
            peak[0] = max(peak[0], spilled / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    is_over.set()
    watcher.join()
    if status != 0:
        raise SystemExit(f"The night failed: {process.stderr.read().decode() if process.stderr else ''}")
    cost = Cost(seconds, usage.ru_maxrss / 1024, peak[0], usage.ru_utime + usage.ru_stime)
    cost.steps, cost.models, cost.concepts = _steps(kept / "run_results.json")
    if and_then == "--count":
        cost.statements = watched.count(kept)
    elif and_then == "--replay":
        told = json.loads((kept / "replay.json").read_text())
        cost.statements, cost.replayed, cost.by_relation = told["statements"], told["cpu"], told["by_relation"]
    return cost


def _steps(results: Path) -> tuple[dict[str, float], dict[str, float], dict[str, str]]:
    """Return the seconds of a night by part (each concept's models, and all tests), and by model, and each one's part."""
    manifest = json.loads((results.parent / "manifest.json").read_text())
    found: dict[str, float] = defaultdict(float)
    models: dict[str, float] = {}
    concepts: dict[str, str] = {}
    for result in json.loads(results.read_text())["results"]:
        node = manifest["nodes"].get(result["unique_id"])
        if not node:  # an exposure
            continue
        is_model = node["resource_type"] == "model"
        part = "/".join(node["fqn"][1:3]) if is_model and node["fqn"][1] != "staging" else node["resource_type"] + "s"
        if is_model and node["fqn"][1] == "staging":
            part = "load"
        found[part.split("/")[-1]] += result["execution_time"]
        if is_model:
            models[node["name"]], concepts[node["name"]] = result["execution_time"], part.split("/")[-1]
    return dict(found), models, concepts


def dearest(cost: Cost) -> list[str]:
    """Return the lines of a table: what wrote the most of the bare replay's CPU."""
    by_cost = sorted(cost.by_relation.items(), key=lambda item: -item[1])[:12]
    return [
        "", "| of the bare replay | CPU, seconds |", "| --- | --- |",
        *(f"| {f'`{name}`' if name else 'settings and the like'} | {seconds:.2f} |" for name, seconds in by_cost),
        "",
    ]  # fmt: skip


def _measured(name: str, landing: Path, as_of: datetime, threads: int, tell: Any) -> None:
    started = time.monotonic()
    answer = rivals.RIVALS[name](landing, as_of, threads)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    tell.put((answer, time.monotonic() - started, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime))


def rival(name: str, landing: Path, as_of: datetime, threads: int) -> tuple[rivals.Answer, Cost]:
    """Run a rival in a process of its own."""
    context = multiprocessing.get_context("spawn")
    tell = context.Queue()
    process = context.Process(target=_measured, args=(name, landing, as_of, threads, tell))
    process.start()
    answer, seconds, memory, cpu = tell.get()
    process.join()
    return answer, Cost(seconds, memory, cpu=cpu)


def published(warehouse: Path) -> rivals.Answer:
    """Return what the night says of the numbers that the rivals compute."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.execute(
            """
            select c.n, c.score, m.n, m.brier from
            (select count(*) as n, sum(score) as score from learning_issue_clusters where period_granularity = 'week') as c,
            (select sum(sample_count)::bigint as n, sum(brier_score * sample_count) / sum(sample_count) as brier
             from extraction_calibration_metrics where period_granularity = 'week') as m
            """
        ).fetchall()[0]


def same(a: rivals.Answer, b: rivals.Answer) -> bool:
    """Whether two answers agree but for the order in which doubles were added."""
    return (
        a[0] == b[0]
        and a[2] == b[2]
        and math.isclose(a[1], b[1], rel_tol=1e-6)
        and math.isclose(a[3], b[3], rel_tol=1e-9)
    )


def against_rivals(root: Path, events: int, threads: int, skip: set[str]) -> list[str]:
    """Return the lines of a table: the night, its own SQL without dbt, and its rivals on one world."""
    landing, as_of = world(root / "landing", events, 60)
    count = sum(path.stat().st_size for path in (landing / "events").rglob("*") if path.is_file())
    console.print(f"{events:,} events, {count / 1e6:,.0f} MB")
    whole = night(landing, root / "w" / "learning_loop.duckdb", as_of)
    told = published(root / "w" / "learning_loop.duckdb")
    shutil.rmtree(root / "w")  # the others need the room
    bare = night(landing, root / "b" / "learning_loop.duckdb", as_of, and_then="--replay")
    shutil.rmtree(root / "b")
    (root / "none").mkdir()
    empty = night(root / "none", root / "e" / "learning_loop.duckdb", as_of)
    work = max(whole.cpu - empty.cpu, 0.1)
    whole.statements = bare.statements
    keep(f"{events:,} events, whole first night", whole.cpu, whole)
    keep(f"{events:,} events, times the bare replay", whole.cpu / bare.replayed, whole)
    keep(
        "load, a million lines",
        sum(v for k, v in bare.by_relation.items() if k.startswith("stg_events")) / events * 1e6,
        bare,
    )

    def line(what: str, cpu: float, cost: Cost | None = None) -> str:
        told = f"{cost.seconds:.1f} | {cost.memory:,.0f} | {cost.disk:,.0f}" if cost else " | | "
        return f"| {what} | {cpu:.1f} | {told} | {whole.cpu / cpu:.2f} | {work / cpu:.2f} |"

    lines = [
        f"## {events:,} events over 60 days ({count / 1e6:,.0f} MB), all other feeds beside them", "",
        "| what | CPU, seconds | seconds | memory, MB | temporary disk, MB | the night is so many times this | its work is |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        line("the whole night: load, all marts, all tests, publish", whole.cpu, whole),
        line("a night without rows: dbt's own start, every model and test once", empty.cpu, empty),
        line("the night's work: the first less the second", work),
        line(f"the bare replay: {bare.statements:,} statements of that night through one connection", bare.replayed),
    ]  # fmt: skip
    for name in rivals.RIVALS:
        if name in skip or events > MOST_EVENTS.get(name, events):
            continue
        answer, cost = rival(name, landing, as_of, threads)
        if not same(answer, told):
            raise SystemExit(f"{name} says {answer}, the night {told}")
        lines.append(line(f"{name}: clusters and calibration only", cost.cpu, cost))
        if name == "hand-written SQL":
            same_work = bare.replayed_of("load", "issue_clusters", "calibration")
            keep("clusters and calibration, times hand-written SQL", same_work / cost.cpu, cost)
        console.print(lines[-1])
    steps = sorted(whole.steps.items(), key=lambda step: -step[1])
    lines += ["", "| part of the night | seconds, all threads | of it without rows |", "| --- | --- | --- |"]
    lines += [
        f"| {part} | {seconds:.1f} | {empty.steps.get(part, 0):.1f} |" for part, seconds in steps if seconds > 0.5
    ]
    return [*lines, *dearest(bare)]


SCORED = ("int_quality__text_scores", "int_scoring__candidates", "candidate_model_scores")


def editors(root: Path, counts: list[int]) -> list[str]:
    """Return the lines of a table: nights of candidates and of what editors decided, and nothing else."""
    (root / "none").mkdir()
    lines = [
        "## Candidates and editors' labels, one and a half a candidate", "",
        "| candidates | CPU, seconds | for each 100,000 | seconds | memory, MB | temporary disk, MB | "
        + " | ".join(f"`{name}`, seconds" for name in SCORED) + " |",
        "| " + " | ".join(["---"] * (6 + len(SCORED))) + " |",
    ]  # fmt: skip
    empty = night(root / "none", root / "e" / "learning_loop.duckdb", written.AS_OF)
    for count in counts:
        landing = root / f"landing-{count}"
        apart(written.write_editors, landing, count)
        cost = night(landing, root / f"w-{count}" / "learning_loop.duckdb", written.AS_OF)
        shutil.rmtree(root / f"w-{count}")
        bare = night(landing, root / f"b-{count}" / "learning_loop.duckdb", written.AS_OF, and_then="--replay")
        shutil.rmtree(root / f"b-{count}")
        shutil.rmtree(landing)
        cost.statements = bare.statements
        keep(f"{count:,} candidates: rules", bare.by_relation.get("int_quality__text_scores", 0), bare)
        keep(f"{count:,} candidates and {count + count // 2:,} labels", cost.cpu, cost)
        told = " | ".join(f"{cost.models[name]:.1f}" for name in SCORED)
        lines.append(
            f"| {count:,} | {cost.cpu:.1f} | {(cost.cpu - empty.cpu) / count * 100_000:.2f} | {cost.seconds:.1f}"
            f" | {cost.memory:,.0f} | {cost.disk:,.0f} | {told} |"
        )
    return [*lines, *dearest(bare)] if counts else []


def judges(root: Path, selections: int) -> list[str]:
    """Return the lines of a table: a night of judging runs and nothing else."""
    apart(written.write_judges, root / "landing", selections)
    cost = night(root / "landing", root / "w" / "learning_loop.duckdb", written.AS_OF)
    shutil.rmtree(root / "w")
    bare = night(root / "landing", root / "b" / "learning_loop.duckdb", written.AS_OF, and_then="--replay")
    cost.statements = bare.statements
    keep(f"Stage-B, {selections:,} selections", cost.cpu, cost)
    return [
        f"## {selections:,} selections of judging runs, forty reflections a million", "",
        "| CPU, seconds | seconds | memory, MB | temporary disk, MB |", "| --- | --- | --- | --- |",
        f"| {cost.cpu:.1f} | {cost.seconds:.1f} | {cost.memory:,.0f} | {cost.disk:,.0f} |",
        *dearest(bare),
    ]  # fmt: skip


def command(*words: str, times: int = 3) -> Cost:
    """Return what a command of the command line costs, the least of some times."""
    cpu, seconds, memory = command_line.cost(*words, times=times)
    return Cost(seconds, memory, cpu=cpu)


def commands(root: Path, published: Path, keys: int) -> None:
    """Measure the page, and the list of a large backlog after somebody decided, so that it is folded anew."""
    page = command("report", "--warehouse", str(published), "--out", str(root / "report.html"))
    keep("report", page.cpu, page)
    apart(written.write_backlog, published, root / "backlog.duckdb", keys)
    with duckdb.connect(str(root / "backlog.duckdb"), read_only=True) as connection:
        found = "select short_key from learning_backlog_candidates where status = 'candidate' order by candidate_key"
        (key,) = connection.execute(found).fetchall()[0]
    places = ["--warehouse", str(root / "backlog.duckdb"), "--landing", str(root / "people")]
    (root / "people").mkdir()
    command("backlog", "dismiss", key, "--by", "ann", "--reason", "as wanted", *places, times=1)
    listed = command("backlog", "list", *places)
    keep(f"backlog list, {keys:,} keys of two years", listed.cpu, listed)


def without_rows(root: Path) -> list[str]:
    """Return the lines of a table: what a night costs whatever its rows, the least of three."""
    landing, as_of = world(root / "landing", 30_000, 60)
    warehouse = root / "w" / "learning_loop.duckdb"
    first = night(landing, warehouse, as_of)
    again = min((night(landing, warehouse, as_of + timedelta(hours=n)) for n in (1, 2, 3)), key=lambda cost: cost.cpu)
    counted = night(landing, warehouse, as_of + timedelta(hours=4), and_then="--count")
    (root / "none").mkdir()
    empty = min(
        (night(root / "none", root / n / "learning_loop.duckdb", as_of) for n in "abc"), key=lambda cost: cost.cpu
    )
    again.statements = counted.statements
    keep("night without rows, warm", again.cpu, again)
    keep("night without rows, first", empty.cpu, empty)
    commands(root, warehouse, 10_000)
    return [
        "## A night's cost that does not depend on its rows", "",
        "| night of the sample world's 30,000 events | CPU, seconds | seconds | memory, MB | statements |",
        "| --- | --- | --- | --- | --- |",
        f"| the first, with all rows | {first.cpu:.1f} | {first.seconds:.1f} | {first.memory:,.0f} | |",
        f"| the first of an empty folder | {empty.cpu:.1f} | {empty.seconds:.1f} | {empty.memory:,.0f} | |",
        f"| a later one without new rows | {again.cpu:.1f} | {again.seconds:.1f} | {again.memory:,.0f}"
        f" | {counted.statements:,} |",
        "",
    ]  # fmt: skip


def one_more_day(root: Path, days: int, events_a_day: int) -> Cost:
    """Return what the last day of a world costs, all others being stored: the less of two nights."""
    landing, as_of = world(root / f"landing-{days}", events_a_day * days, days)
    last = (as_of - timedelta(days=1)).strftime("date=%Y-%m-%d")
    held = root / f"held-{days}"
    for path in [path for path in landing.rglob(last) if path.is_dir()]:
        (held / path.relative_to(landing)).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, held / path.relative_to(landing))
    warehouse = root / f"w-{days}" / "learning_loop.duckdb"
    night(landing, warehouse, as_of - timedelta(days=1))
    shutil.copytree(held, landing, dirs_exist_ok=True)
    shutil.copytree(warehouse.parent, root / f"again-{days}")
    files = [warehouse, root / f"again-{days}" / warehouse.name]
    return min((night(landing, file, as_of) for file in files), key=lambda cost: cost.cpu)


def one_more_days(costs: dict[int, Cost], events_a_day: int) -> list[str]:
    """Return the lines of a table: what the same day costs after histories."""
    least = costs[min(costs)].cpu
    return [
        f"## One more day of {events_a_day:,} events after a history", "",
        "| days of history | CPU, seconds | seconds | memory, MB | times the CPU of the shortest |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {days} | {cost.cpu:.1f} | {cost.seconds:.1f} | {cost.memory:,.0f} | {cost.cpu / least:.2f} |"
            for days, cost in costs.items()
        ),
        "",
    ]  # fmt: skip


def main(
    events: Annotated[list[int], typer.Option(help="Events of a world; may be given several times.")] = LARGE,
    history: Annotated[list[int], typer.Option(help="Days of history before one more day.")] = [30, 90, 365],  # noqa: B006
    events_a_day: Annotated[int, typer.Option(help="Of the worlds with a history.")] = 5_000,
    candidates: Annotated[list[int], typer.Option(help="Of worlds of editors.")] = [100_000, 2_000_000],  # noqa: B006
    selections: Annotated[int, typer.Option(help="Of a world of judging runs.")] = 5_000_000,
    skip: Annotated[list[str], typer.Option(help="Rivals to leave out, e.g. 'plain Python'.")] = [],  # noqa: B006
    out: Annotated[Path | None, typer.Option(help="Write the tables to this file, as Markdown.")] = None,
) -> None:
    """Measure nights, and print or write the tables."""
    threads = os.cpu_count() or 1
    told = [word for word in sys.argv[1:] if word not in ("--out", str(out))]
    head = [
        "# What a night costs", "",
        f"Measured on {threads} cores of {platform.machine()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}, by",
        f"`{shlex.join(['python', 'benchmarks/night.py', *told])}`. Absolute times drift from machine to machine; the ratios hold.", "",
    ]  # fmt: skip
    lines: list[str] = []
    # What people wrote below the tables stays.
    _, heading, said = (out.read_text("utf-8") if out and out.exists() else "").partition(SAID)

    def keep_text(more: list[str]) -> None:
        """Add a part, and write what there is: a large world takes an hour, and what is measured is kept."""
        lines.extend(more)
        if out:
            out.write_text("\n".join([*head, *against_goals(), *lines, heading]) + said, "utf-8")

    with tempfile.TemporaryDirectory() as folder:
        roots = (Path(folder) / str(number) for number in itertools.count())

        def root() -> Path:
            (made := next(roots)).mkdir()
            return made

        keep_text(without_rows(root()))
        for count in events:
            keep_text(against_rivals(place := root(), count, threads, set(skip)))
            shutil.rmtree(place)
        if history:
            costs = {days: one_more_day(root(), days, events_a_day) for days in history}
            keep_text(one_more_days(costs, events_a_day))
        if candidates:
            keep_text(editors(root(), candidates))
        if selections:
            keep_text(judges(root(), selections))
    console.print("\n".join([*head, *against_goals(), *lines]), markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
