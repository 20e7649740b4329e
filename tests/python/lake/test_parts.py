"""The parts of a night by several processes: each node once, and after all that it reads."""

from __future__ import annotations

import contextlib
import io

import pytest
from dbt.cli.main import dbtRunner

from house import manifest
from learning_loop.lake import parts
from learning_loop.project import project_dir

pytestmark = pytest.mark.lake


@pytest.fixture(scope="module")
def chosen(tmp_path_factory) -> dict[str, set[str]]:
    folder = str(tmp_path_factory.mktemp("ls"))
    project = project_dir()
    places = ["--project-dir", str(project), "--profiles-dir", str(project / "profiles")]
    places += ["--target-path", folder, "--log-path", folder]

    def listed(arguments: list[str]) -> set[str]:
        with contextlib.redirect_stdout(io.StringIO()):
            found = dbtRunner(manifest()).invoke(
                ["--quiet", "ls", *places, "--exclude-resource-type", "unit_test", "--output", "json",
                 "--output-keys", "unique_id", *arguments]
            )  # fmt: skip
        assert found.success, found.exception
        names = {line.split('"')[3] for line in found.result if line.startswith("{")}
        return {name for name in names if name.partition(".")[0] in ("model", "seed", "test")}

    return {"whole": listed(["--select", "fqn:*"])} | {
        name: listed(arguments) for name, arguments in parts.selections().items()
    }


def test_every_node_and_every_test_is_of_one_part(chosen):
    of_parts = [chosen[name] for name in parts.selections()]
    assert set().union(*of_parts) == chosen["whole"]
    assert sum(map(len, of_parts)) == len(chosen["whole"])


def test_what_a_part_reads_is_its_own_or_of_a_part_before(chosen):
    done: set[str] = set()
    for name in parts.selections():
        known = (chosen["first"] if name.startswith("middle") else done) | chosen[name]
        for node in chosen[name]:
            read = getattr(manifest().nodes[node].depends_on, "nodes", [])
            missing = [one for one in read if one.partition(".")[0] in ("model", "seed") and one not in known]
            assert not missing, f"{node} of {name} reads {missing}"
        done |= chosen[name]
