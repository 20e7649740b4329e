"""What each relation and column is, as comments in the published file: a client shows them beside the names.

The texts are those of the YAML. A comment lasts for as long as its relation does, so that a night writes those of what
it built anew; the YAML is read again only when the code is another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

# What lies beside the models, for programs.
OF_OPERATIONS: dict[tuple[str, str | None], str] = {
    ("kept_sql", None): "The SQL of the last night's models; the command line runs it over what people said since.",
    ("kept_sql", "name"): "The model, or the function that models call.",
    ("kept_sql", "kind"): "model or function.",
    ("kept_sql", "sql_text"): "Its SQL, without the database's name.",
    ("loaded_seeds", None): "Which seeds are loaded: a night leaves them alone while they are as they were.",
    ("loaded_seeds", "digest"): "Of all seeds' files.",
    ("descriptions", None): "The texts of the comments on relations and columns.",
    ("descriptions", "relation_name"): "The table or view.",
    ("descriptions", "column_name"): "The column; null of the relation itself.",
    ("descriptions", "text"): "What it is.",
    ("descriptions", "code_version"): "The code that the texts are of.",
}
BLOCK = re.compile(r"{%-?\s*docs\s+(\w+)\s*-?%}(.*?){%-?\s*enddocs\s*-?%}", re.DOTALL)
REFERENCE = re.compile(r"{{\s*doc\(\s*['\"](\w+)['\"]\s*\)\s*}}")
LACKING = """
with there as (
    select schema_name, table_name, null as column_name, comment, 'table' as kind
    from duckdb_tables() where not internal and database_name = current_database()
    union all
    select schema_name, view_name, null, comment, 'view' from duckdb_views()
    where not internal and database_name = current_database()
    union all
    select schema_name, table_name, column_name, comment, 'column' from duckdb_columns()
    where not internal and database_name = current_database()
        -- DuckLake keeps no comment on a column of a view.
        and (
            (select type from duckdb_databases() where database_name = current_database()) != 'ducklake'
            or (schema_name, table_name) not in (
                select (schema_name, view_name) from duckdb_views() where database_name = current_database()
            )
        )
)

select
    there.kind, there.schema_name, there.table_name, there.column_name, said.text
from there
inner join operations.descriptions as said
    on there.table_name = said.relation_name and there.column_name is not distinct from said.column_name
where there.comment is distinct from said.text
"""


def describe(connection: duckdb.DuckDBPyConnection, project: Path, code_version: str) -> int:
    """Write the comments that the file lacks or that say something else, and return how many.

    Args:
        connection: to a file that is to be published.
        project: the dbt project whose texts they are.
        code_version: of the project.
    """
    if _version(connection) != code_version:
        _keep(connection, project, code_version)
    found = connection.execute(LACKING).fetchall()
    statements = [_statement(*row) for row in found]
    connection.execute("begin;" + "".join(statements) + "commit;")
    return len(statements)


def texts(project: Path) -> Iterator[tuple[str, str | None, str]]:
    """Yield (relation, column or None, text) of all that the YAML of models and seeds describes, on one line each.

    A relation whose meta names others as `columns_of` has their columns too, and their texts where it has none itself.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    blocks = {
        name: text for path in project.glob("models/**/*.md") for name, text in BLOCK.findall(path.read_text("utf-8"))
    }

    def told(node: dict[str, Any]) -> str:
        text = REFERENCE.sub(lambda found: blocks[found[1]], node.get("description") or "")
        return " ".join(text.split())

    columns: dict[str, dict[str, str]] = {}
    taken: dict[str, list[str]] = {}
    for folder in ("models", "seeds"):
        for path in sorted((project / folder).rglob("*.yml")):
            content = yaml.load(path.read_text("utf-8"), loader) or {}
            for relation in [*content.get("models", []), *content.get("seeds", [])]:
                name = relation["name"]
                if text := told(relation):
                    yield name, None, text
                columns[name] = {named["name"]: text for named in relation.get("columns", []) if (text := told(named))}
                taken[name] = relation.get("config", {}).get("meta", {}).get("columns_of", [])
    for name, own in columns.items():
        for others in reversed(taken[name]):
            own = columns[others] | own
        yield from ((name, column, text) for column, text in own.items())
    for (relation, column), text in OF_OPERATIONS.items():
        yield relation, column, text


def _version(connection: duckdb.DuckDBPyConnection) -> str | None:
    try:
        found = connection.execute("select any_value(code_version) from operations.descriptions").fetchall()
    except duckdb.CatalogException:
        return None
    return found[0][0] if found else None


def _keep(connection: duckdb.DuckDBPyConnection, project: Path, code_version: str) -> None:
    named = ("relation_name", "column_name", "text")
    rows = [dict(zip(named, row, strict=True)) for row in texts(project)]
    connection.execute("create schema if not exists operations")
    connection.execute(
        "create or replace table operations.descriptions as"
        ' select unnest(from_json($1::json, \'[{"relation_name": "VARCHAR", "column_name": "VARCHAR",'
        ' "text": "VARCHAR"}]\'), recursive := true), $2::varchar as code_version',
        [json.dumps(rows), code_version],
    )


def _statement(kind: str, schema: str, relation: str, column: str | None, text: str) -> str:
    parts = [schema, relation, *([column] if column else [])]
    name = ".".join('"' + part.replace('"', '""') + '"' for part in parts)
    return f"comment on {kind} {name} is '" + text.replace("'", "''") + "';"
