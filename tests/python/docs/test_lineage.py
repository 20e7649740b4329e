"""The lineage names all that the report reads."""

import re

import yaml

from learning_loop.project import project_dir

REPORT = project_dir() / "python" / "learning_loop" / "report" / "queries"


def test_the_exposure_of_the_report_names_every_table_its_queries_read():
    text = " ".join(path.read_text("utf-8") for path in REPORT.glob("*.sql"))
    marts = {path.stem for path in (project_dir() / "models" / "marts").rglob("*.sql")}
    read = {name for name in re.findall(r"(?:from|join)\s+(?:main\.)?(\w+)", text) if name in marts}
    file = project_dir() / "models" / "marts" / "report" / "_report__exposures.yml"
    exposure = yaml.safe_load(file.read_text("utf-8"))["exposures"][0]
    assert {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in exposure["depends_on"]} == read
