"""The reference is whole: each table and column is described, and the lineage names all that the report reads."""

import re

import yaml

from house import manifest
from learning_loop.project import project_dir

REPORT = project_dir() / "python" / "learning_loop" / "report" / "queries"


def test_every_published_table_and_each_of_its_columns_is_described(sample_world):
    described = {
        (node.schema, node.name, column): bool(node.description and about.description)
        for node in manifest().nodes.values()
        if node.resource_type in ("model", "seed")
        for column, about in node.columns.items()
    }
    published = sample_world[0].query(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('main', 'staging', 'intermediate', 'policy')"
    )
    assert len(published) > 1000
    assert [column for column in published if not described.get(column)] == []


def test_the_exposure_of_the_report_names_every_table_its_queries_read():
    text = " ".join(path.read_text("utf-8") for path in REPORT.glob("*.sql"))
    marts = {path.stem for path in (project_dir() / "models" / "marts").rglob("*.sql")}
    read = {name for name in re.findall(r"(?:from|join)\s+(?:main\.)?(\w+)", text) if name in marts}
    file = project_dir() / "models" / "marts" / "report" / "_report__exposures.yml"
    exposure = yaml.safe_load(file.read_text("utf-8"))["exposures"][0]
    assert {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in exposure["depends_on"]} == read
