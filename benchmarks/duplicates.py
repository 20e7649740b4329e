"""Are two titles one idea: python benchmarks/duplicates.py [--scale .1] [--dblp-acm FOLDER].

Planted titles through the SQL that ships (compiled, over small tables) and the groups that ship: what people and
machines do to a title that leaves the idea the same (a typo, another order, other writing) and what makes it another
(a number, a year, a place, a denial). And 34,000 titles that one bot filled into templates: what they cost. Writes the
section `duplicates` of docs/honesty.md. The bibliography of DBLP and ACM is asked too where its three files are given.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import honesty
import pyarrow as pa
import shipped

from learning_loop.editorial import duplicates
from learning_loop.night import context
from learning_loop.project import project_dir

# In their order, each with its schema.
CHAIN = {
    "int_duplicates__readings": "scratch", "int_duplicates__policy": "scratch",
    "int_duplicates__titles": "intermediate", "int_duplicates__title_sets": "intermediate",
    "int_duplicates__new_titles": "scratch", "int_duplicates__title_keys": "intermediate",
    "int_duplicates__templates": "intermediate", "int_duplicates__current_templates": "scratch",
    "int_duplicates__compared_titles": "scratch",
    "int_duplicates__title_pairs": "intermediate", "int_duplicates__template_titles": "scratch",
    "int_duplicates__template_pairs": "scratch", "int_duplicates__near_titles": "intermediate",
    "duplicate_pairs": "main", "int_duplicates__links": "scratch",
}  # fmt: skip
SEEDS = ("editorial", "near_duplicates", "title_word_readings")
AS_OF = datetime(2026, 2, 16, 2, tzinfo=UTC)
BOT_TITLES, BOT_SECONDS, BOT_BYTES = 34_000, 60, 1e9

VERBS = "visit,explore,build,paint,cook,taste,learn,photograph,write,collect,restore,plant,carve,discover,climb,watch"
KINDS = (
    "hidden,ancient,famous,wooden,colourful,abandoned,floating,handmade,seasonal,historic,quiet,forgotten,striped,tiny,"
    "giant,spicy,frozen,glowing,secret,rustic"
)
THINGS = (
    "museum,garden,lantern,bakery,bridge,market,kitchen,theatre,library,castle,harbour,orchard,chapel,workshop,canal,"
    "fountain,gallery,lighthouse,meadow,observatory,vineyard,tunnel,windmill,cinema,tavern,puppet,telescope,notebook,"
    "bicycle,kayak,blanket,recipe,postcard,mosaic,sculpture,melody,riddle,compass,herbarium,terrarium"
)
PLACES = (
    "Vienna,Prague,Lisbon,Oslo,Rome,Paris,Berlin,Madrid,Dublin,Athens,Warsaw,Budapest,Kyoto,Lima,Cairo,Boston,Toronto,"
    "Sydney,Nairobi,Helsinki"
)
WITH_WHOM = (
    "with friends,with your children,alone at dawn,before breakfast,after midnight,on a rainy afternoon,by candlelight"
)
SAME = ("one typo", "other order", "other writing", "a word more")
OTHER = ("another number", "another year", "another place", "a denial")


@dataclass
class Planted:
    """Titles in the order in which they came, the pairs that are one idea by what was done, and those that are not."""

    titles: list[str] = field(default_factory=list)
    same: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    other: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


def base_title(rng: random.Random) -> str:
    """Return a title of 5 to 13 words: with a number, a year, or neither."""
    word = lambda words: rng.choice(words.split(","))  # noqa: E731
    start = rng.choice([word(VERBS), f"{rng.randint(2, 60)} ways to {word(VERBS)}", f"{word(VERBS)} and {word(VERBS)}"])
    middle = f"{word(KINDS)} {word(THINGS)} and {word(KINDS)} {word(THINGS)}"
    if rng.random() < 0.4:
        middle = f"the {word(KINDS)} {word(THINGS)}"
    end = rng.choice(["", f" {word(WITH_WHOM)}", f" in spring {rng.randint(1990, 2026)}"])
    return f"{start} {middle} in {word(PLACES)}{end}"


def with_typo(rng: random.Random, title: str) -> str:
    """Return the title with a letter of one word changed, added, left out or swapped with the next."""
    words = title.split()
    at = rng.choice([i for i, word in enumerate(words) if len(word) >= 4 and word.isalpha()])
    letters, place = list(words[at]), rng.randrange(1, len(words[at]) - 1)
    other = rng.choice([letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in letters])
    kind = rng.randrange(4)
    if kind == 0:
        letters[place] = other
    elif kind == 1:
        letters.insert(place, other)
    elif kind == 2:
        del letters[place]
    else:
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    words[at] = "".join(letters)
    return " ".join(words)


def changed(rng: random.Random, title: str, how: str) -> str | None:
    """Return the title as it is after what was done to it; None where this cannot be done to it."""
    words = title.split()
    numbers = [i for i, word in enumerate(words) if word.isdigit()]
    years = [i for i in numbers if len(words[i]) == 4]
    if how == "one typo":
        return with_typo(rng, title)
    if how == "other order":
        return " ".join(rng.sample(words, len(words)))
    if how == "other writing":
        return title.upper().replace(" AND ", " & and, ") + "!"
    if how == "a word more":
        return title + rng.choice([" today", " again", " slowly"])
    if how == "a denial":
        return f"Never {title}"
    if how == "another place":
        at = next(i for i, word in enumerate(words) if word in PLACES.split(","))
        words[at] = rng.choice([place for place in PLACES.split(",") if place != words[at]])
        return " ".join(words)
    of_kind = years if how == "another year" else [i for i in numbers if i not in years]
    if not of_kind:
        return None
    words[of_kind[0]] = str(int(words[of_kind[0]]) + rng.randint(1, 9))
    return " ".join(words)


def planted(rng: random.Random, count: int) -> Planted:
    """Return so many titles of their own, and of each kind of change its pairs."""
    made, seen = Planted(same={how: [] for how in SAME}, other={how: [] for how in OTHER}), set()
    while len(seen) < count:
        base = base_title(rng)
        how = rng.choice(SAME + OTHER)
        title = changed(rng, base, how)
        if title is None or frozenset(base.split()) in seen:
            continue
        seen.add(frozenset(base.split()))
        pair = (len(made.titles), len(made.titles) + 1)
        made.titles += [base, title]
        (made.same if how in SAME else made.other)[how].append(pair)
    return made


def bot_titles(count: int) -> list[str]:
    """Return titles that templates made: of numbers, of names, of names in a long sentence, one and the same, and a rest."""
    name = lambda number: "".join(chr(97 + number // 26**i % 26) for i in range(4)) + "ville"  # noqa: E731
    makers = (
        lambda n: f"Weather report for station {n} on day {n % 365}",
        lambda n: f"Current weather report and forecast for {name(n)}",
        lambda n: (
            f"Evening concert tickets with free parking presented by the famous city orchestra of lovely {name(n)}"
        ),
        lambda n: "Your daily selection of offers is ready",
        lambda n: f"Guided walking tours: {base_title(random.Random(n // 5 // 4))}, {name(n // 5 % 4)}",
    )
    return [makers[n % 5](n) for n in range(count)]


def compiled(manifest: Any = None) -> dict[str, str]:
    """Return the SQL of the models of CHAIN."""
    return shipped.compiled(CHAIN, manifest)


class Desk:
    """A database in memory with the shipped policies, in which titles are compared by the SQL that ships."""

    def __init__(self, sql: dict[str, str]) -> None:
        """Set up the tables that the chain reads."""
        self.sql, self.connection = sql, duckdb.connect()
        execute = self.connection.execute
        execute("set timezone = 'UTC'")
        context.lay_down(self.connection, {"run_number": "1"}, "integer")
        context.lay_down(self.connection, {"as_of": str(AS_OF)}, "timestamptz")
        for schema in ("staging", "policy", "intermediate", "scratch"):
            execute(f"create schema {schema}")
        for seed in SEEDS:
            file = project_dir() / "seeds" / "policy" / f"{seed}.csv"
            execute(
                f"create table policy.{seed} as from read_csv('{file}', types = {{'effective_from': 'timestamptz'}},"
                " auto_type_candidates = ['integer', 'double', 'varchar'])"
            )
        execute(
            "create table ingest_editor_labels (candidate_id varchar, duplicate_of varchar, duplicate_confirmed boolean,"
            " is_machine boolean)"
        )

    def compute(self, titles: Sequence[str], order: Sequence[int] | None = None) -> None:
        """Compare the titles, of which each is a minute younger than the one before; `order` is that of their arrival."""
        numbers = list(range(len(titles)) if order is None else order)
        self.connection.register("given", pa.table({
            "candidate_id": [f"c{n:06d}" for n in numbers], "title": [titles[n] for n in numbers],
            "created_at": [AS_OF - timedelta(days=100) + timedelta(minutes=n) for n in numbers],
            "idea_key": [f"key {n}" for n in numbers],
        }))  # fmt: skip
        self.connection.execute(
            "create or replace table staging.stg_ingest_candidates as select *, '' as source_file, 1 as row_number,"
            " 1 as reader_version, 1 as loaded_in_run, false as is_displaced from given"
        )
        for name, schema in CHAIN.items():
            self.connection.execute(f"create or replace table {schema}.{name} as {self.sql[name]}")

    def pairs(self) -> set[tuple[int, int]]:
        """Return the pairs that are near, by the places of their titles."""
        rows = self.connection.execute("select candidate_a, candidate_b from duplicate_pairs").fetchall()
        return {(int(a[1:]), int(b[1:])) for a, b in rows}

    def groups(self) -> dict[int, int]:
        """Return of each title that is in a group the oldest one of it."""
        found = duplicates.groups(self.connection.sql("from scratch.int_duplicates__links").to_arrow_table())
        rows = zip(found["candidate_id"].to_pylist(), found["group_head"].to_pylist(), strict=True)
        return {int(one[1:]): int(head[1:]) for one, head in rows}


def scored(desk: Desk, rng: random.Random, count: int) -> list[honesty.Claim]:
    """Return what is claimed of planted titles."""
    world = planted(rng, count)
    desk.compute(world.titles)
    found = desk.pairs()
    same = {pair for pairs in world.same.values() for pair in pairs}
    where = "`duplicate_pairs` near"
    claims = [
        honesty.Claim(
            "precision: a pair found is one idea", "planted titles", where, 0.95, len(found & same), len(found), True
        ),
        honesty.Claim("recall: one idea is found", "planted titles", where, 0.95, len(found & same), len(same), True),
    ]
    for how, pairs in world.same.items():
        claims.append(honesty.Claim("found", how, where, 0.95, len(found & set(pairs)), len(pairs), True))
    for how, pairs in world.other.items():
        claims.append(
            honesty.Claim("found though it is another idea", how, where, 0.1, len(found & set(pairs)), len(pairs))
        )
    return claims


def bibliography(desk: Desk, folder: Path) -> list[honesty.Claim]:
    """Return what is claimed of the titles of DBLP and ACM: pairs across the two, beside the known ones."""
    rows = []
    for name in ("DBLP2.csv", "ACM.csv"):
        raw = (folder / name).read_bytes()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        rows += [(row["year"], name, row["id"], row["title"]) for row in csv.DictReader(text.splitlines())]
    rows.sort(key=lambda row: row[0])  # by year: what came first is older
    lines = (folder / "DBLP-ACM_perfectMapping.csv").read_text("latin-1").splitlines()
    known = {tuple(line.replace('"', "").split(",")) for line in lines if line and not line.startswith("id")}
    desk.compute([row[3] for row in rows])
    found = set()
    for pair in desk.pairs():
        of = {rows[n][1]: rows[n][2] for n in pair}
        if len(of) == 2:
            found.add((of["DBLP2.csv"], of["ACM.csv"]))
    where, case = "`duplicate_pairs` near", "DBLP and ACM, by titles alone"
    both = len(found & known)
    return [
        honesty.Claim("precision: a pair found is one idea", case, where, 0.95, both, len(found), True),
        honesty.Claim("recall: one idea is found", case, where, 0.95, both, len(known), True),
    ]


def bot(desk: Desk, count: int) -> str:
    """Return in a sentence what so many titles of a bot's cost, and make of it."""
    before = time.process_time()  # not the clock's: others may use the machine
    desk.compute(bot_titles(count))
    seconds, kept = time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert seconds < BOT_SECONDS and kept < BOT_BYTES, f"{seconds:.0f} s, {kept / 1e6:.0f} MB"
    return f"{count:,} titles of five templates: {seconds:.0f} s of processor time, {kept / 1e6:.0f} MB, {len(desk.pairs()):,} pairs."


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="this share of the titles; a trial writes nothing")
    parser.add_argument("--dblp-acm", type=Path, help="a folder with DBLP2.csv, ACM.csv and their perfect mapping")
    given = parser.parse_args()
    desk = Desk(compiled())
    cost = bot(desk, int(BOT_TITLES * given.scale))
    claims = scored(desk, random.Random(20260216), int(4000 * given.scale))
    if given.dblp_acm:
        claims += bibliography(desk, given.dblp_acm)
    text = (
        "## Are two titles one idea\n\n"
        "Written by `python benchmarks/duplicates.py --dblp-acm FOLDER`: titles of 5 to 13 words from a small vocabulary, each"
        " with one that had one thing done to it. Titles rewritten by half and titles with two typos are not among them: of"
        " those nothing is claimed. In the bibliography the same title stands for several papers (*Editor's Notes*), and the"
        " title alone cannot tell them apart.\n\n" + honesty.table(claims) + f"\n\n{cost}\n"
    )
    print(text)
    if given.scale == 1 and given.dblp_acm:
        honesty.write("duplicates", text)


if __name__ == "__main__":
    main()
