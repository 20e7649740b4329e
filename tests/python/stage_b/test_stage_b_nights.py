"""Whole nights over run folders: what was planted is found, and how the lines arrive changes nothing."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from house import STAGE_B, House
from learning_loop.errors import WrongUse
from learning_loop.sample import stage_b as chapter
from learning_loop.sample.plan import Plan
from learning_loop.stage_b.cli import app

AS_OF = "2026-02-16T02:00:00+00:00"
REVIEW = f"run_id = '{chapter.EDGE_RUN}' and mission = '{chapter.REVIEW}'"


@pytest.fixture(scope="module")
def one_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, dict]:
    patch = pytest.MonkeyPatch()
    patch.setenv("LEARNING_LOOP_SALT", "a salt for tests only")
    house = House(tmp_path_factory.mktemp("one_night"), select=STAGE_B)
    truth = chapter.write(None, house.landing, Plan(1, 28, 1))
    house.night(AS_OF, is_tested=True)
    patch.undo()
    return house, truth


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, select=STAGE_B)


def lines_of(path: Path) -> list[str]:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()


def stage_b(house: House) -> dict[str, list[tuple]]:
    return {name: rows for name, rows in house.marts().items() if name.startswith("stage_b")}


def exported(house: House, out: Path) -> dict[str, bytes]:
    for mission in (chapter.REVIEW, chapter.LEDGER, chapter.LONG_MISSION):
        arguments = ["export", "--mission", mission, "--out", str(out), "--warehouse", str(house.warehouse)]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_every_row_of_every_file_is_accounted_for(one_night: tuple[House, dict]) -> None:
    house, truth = one_night
    found = {
        file: (rows_in, kept, again, quarantined)
        for file, rows_in, kept, again, quarantined in house.query(
            "select source_file, rows_in, kept, redelivered, quarantined from landing_files"
        )
    }
    expected = {
        file: (counts["rows_in"], counts["kept"], counts["redelivered"], sum(counts["quarantined"].values()))
        for file, counts in truth["files"].items()
    }
    assert found == expected


def test_planted_buckets_and_metrics_are_found(one_night: tuple[House, dict]) -> None:
    house, truth = one_night
    planted = truth["stage_b"][f"{chapter.EDGE_RUN}/{chapter.REVIEW}"]
    found = dict(
        house.query(f"select review_bucket, count(*) from stage_b_ticket_outcomes where {REVIEW} group by all")
    )
    assert found == planted["buckets"]
    counts = planted["epoch_1"]
    right, every, included = counts["right"], counts["n"], counts["n_without_excluded"]
    metrics = "n, acc, n_without_excluded, acc_without_excluded"
    assert house.query(f"select {metrics} from stage_b_metrics where {REVIEW} and epoch = 1") == [
        (every, right / every, included, right / included)
    ]


def test_planted_reviews_are_waiting_or_resolved(one_night: tuple[House, dict]) -> None:
    house, truth = one_night
    planted = truth["stage_b"][f"{chapter.EDGE_RUN}/{chapter.REVIEW}"]
    latest = house.query(f"select ticket_key, is_resolved from stage_b_need_review_latest where {REVIEW}")
    assert dict(latest) == planted["need_review_latest"]
    audit = house.query(f"select ticket_key, audit_verdict from stage_b_fail_first_audit where {REVIEW}")
    assert dict(audit) == planted["fail_first"]


def test_planted_rules_stand_where_they_should(one_night: tuple[House, dict]) -> None:
    house, truth = one_night
    found = house.query(
        f"select rule_key, hit_count, miss_count, is_retired from stage_b_rules where mission = '{chapter.LEDGER}'"
    )
    planted = truth["stage_b"][f"{chapter.EDGE_RUN}/{chapter.LEDGER}"]["rules"]
    assert {key: counts for key, *counts in found} == {key: list(counts) for key, counts in planted.items()}


def test_rule_credited_only_where_it_was_wrong_is_undecided_not_dropped(one_night: tuple[House, dict]) -> None:
    house, _ = one_night
    assert house.query(
        "select hit_count, miss_count, all_hit_count, drop_recommended from stage_b_rule_credit"
        f" where rule_key = '{chapter.GOOD_RULE}'"
    ) == [(0, 5, 95, "undecided")]


def test_no_call_of_uplift_contradicts_what_was_planted(one_night: tuple[House, dict]) -> None:
    house, truth = one_night
    right = {"helps": "helped", "hurts": "hurt"}
    kinds = truth["stage_b"][f"{chapter.LONG_RUN}/{chapter.LONG_MISSION}"]["reflections"]
    called = house.query("select reflection_id, verdict from stage_b_rule_uplift where verdict != 'undecided'")
    assert len(called) >= 6
    wrong = [kinds[name] for name, verdict in called if right.get(kinds[name]) != verdict]
    assert wrong in ([], ["does_nothing"])  # of so many tests one may be luck


def test_no_rule_that_helps_is_advised_to_drop_and_none_that_hurts_to_stay(one_night: tuple[House, dict]) -> None:
    house, truth = one_night
    kinds = truth["stage_b"][f"{chapter.LONG_RUN}/{chapter.LONG_MISSION}"]["reflections"]
    advice = house.query(
        f"select rule_key, advice, reason from stage_b_rule_effects where mission = '{chapter.LONG_MISSION}'"
    )
    given = [(kinds[key], said) for key, said, _ in advice]
    assert ("helps", "drop") not in given and ("hurts", "keep") not in given
    assert given.count(("helps", "keep")) >= 2 and given.count(("hurts", "drop")) >= 2
    assert all(reason.endswith(".") for _, _, reason in advice)


def test_rules_and_waiting_tickets_are_told_in_80_columns(one_night: tuple[House, dict]) -> None:
    def told(*arguments: str) -> list[str]:
        result = CliRunner().invoke(app, [*arguments, "--warehouse", str(one_night[0].warehouse)])
        assert result.exit_code == 0, result.output
        return result.output.splitlines()

    rules, waiting = told("rules"), told("review")
    assert max(map(len, rules)) <= 80 and max(map(len, waiting[:-1])) <= 80
    assert any("points (" in line for line in rules) and any("Both methods say" in line for line in rules)
    assert sum("::" in line for line in waiting) == 20
    assert waiting[0].endswith("tickets wait for a person.") and "more: --limit 0" in waiting[-1]
    assert len(json.loads("\n".join(told("review", "--json", "--limit", "0", "--mission", chapter.REVIEW)))) == 2
    assert {row["reason_code"] for row in json.loads("\n".join(told("review", "--json", "--reason", "no_winner")))} == {
        "no_winner"
    }


def test_run_that_has_not_begun_is_not_there(one_night: tuple[House, dict]) -> None:
    house, _ = one_night
    for table in ("stage_b_ticket_outcomes", "stage_b_failure_malformed", "stage_b_metrics"):
        assert house.query(f"select count(*) from {table} where run_id = 'run-tomorrow'") == [(0,)]


@pytest.mark.faults
def test_shuffled_delivery_over_three_nights_gives_the_same_tables_and_the_same_bytes(
    one_night: tuple[House, dict], house: House, tmp_path: Path
) -> None:
    first, truth = one_night
    rng = random.Random(5)
    for night, as_of in enumerate(("2026-02-14T02:00:00+00:00", "2026-02-15T02:00:00+00:00", AS_OF)):
        for file in truth["files"]:
            source, target = first.landing / file, house.landing / file.removesuffix(".gz")
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.name == "run.json":
                if night == 1:  # after the lines it speaks for
                    target.write_bytes(source.read_bytes())
                continue
            lines = lines_of(source)
            random.Random(file).shuffle(lines)
            share = len(lines) * (night + 1) // 3
            # A run that is still writing: the last line is cut in the middle until the next night.
            torn = "" if night == 2 else (lines[share][: rng.randrange(1, 40)] if share < len(lines) else "")
            target.write_text("".join(line + "\n" for line in lines[:share]) + torn, "utf-8")
        house.night(as_of)
    assert stage_b(house) == stage_b(first)
    once = exported(first, tmp_path / "once")
    assert once == exported(first, tmp_path / "twice") == exported(house, tmp_path / "shuffled")
    assert len(once) == 9
    assert house.query("select count(*) from quarantined_rows where reason_code = 'truncated_line'") == [(0,)]
    house.night(AS_OF, full_refresh=True)
    assert stage_b(house) == stage_b(first)


def test_run_json_that_is_half_written_is_no_error(house: House) -> None:
    path = house.landing / "stage_b" / "r" / "m" / "run.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"started_at": "2026-02-0')
    house.night("2026-02-14T02:00:00+00:00")
    assert house.query("select count(*) from quarantined_rows") == [(0,)]
    path.write_text(json.dumps({"started_at": "2026-02-03T00:00:00"}, indent=2))
    house.night("2026-02-15T02:00:00+00:00")
    assert house.query("select run_id, started_at::varchar from intermediate.int_stage_b__runs") == [
        ("r", "2026-02-03 00:00:00+00")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rules", "--mission", chapter.WRONGED], chapter.GOOD_RULE),
        (["review", "--mission", chapter.REVIEW], f"{chapter.TICKETS['always-wrong']}::pass"),
        (["review", "--mission", chapter.REVIEW, "--run", "run-empty"], "No ticket waits for review."),
        (["rule", chapter.LETTERS["c"]], "reinforced"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_answer(one_night: tuple[House, dict], arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, [*arguments, "--warehouse", str(one_night[0].warehouse)])
    assert result.exit_code == 0
    assert said in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rule", "unheard of"], "is not known"),
        (["rules", "--mission", "unheard of"], "There is no mission"),
        (["export", "--mission", chapter.REVIEW, "--run", "unheard of", "--out", "x"], "There is no run"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_name_what_is_wrong(one_night: tuple[House, dict], arguments: list[str], said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        CliRunner().invoke(
            app, [*arguments, "--warehouse", str(one_night[0].warehouse)], catch_exceptions=False, standalone_mode=False
        )


def test_command_without_a_warehouse_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="nightly"):
        CliRunner().invoke(
            app, ["rules", "--warehouse", str(tmp_path / "none.duckdb")], catch_exceptions=False, standalone_mode=False
        )
