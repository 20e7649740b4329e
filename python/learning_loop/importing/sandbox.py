"""Where exports are read and an importer's SQL runs: in memory, with nothing in reach but what was handed in.

Two databases. The first may open the given files and nothing else, and runs fixed statements alone, with paths as
parameters; the second holds their records, may open no file at all, and runs the importer. In both the configuration
is locked and no extension is loaded.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from learning_loop.errors import WrongUse
from learning_loop.importing.importer import Importer
from learning_loop.landing.folder import kind_of

HERE = Path(__file__).parent
MOST_BYTES_OF_A_RECORD = 1 << 27
# An importer says what is to be read of what was handed in; it changes nothing and goes nowhere.
MAY = (duckdb.StatementType.SELECT, duckdb.StatementType.CREATE)
READ = {
    "json": f"select json from read_json_objects($path, maximum_object_size = {MOST_BYTES_OF_A_RECORD})",
    "csv": "select to_json(record) from read_csv($path, all_varchar = true, header = true) as record",
    "parquet": "select to_json(record) from read_parquet($path) as record",
}
KINDS = {"lines": "json", "json": "json", "csv": "csv", "parquet": "parquet"}
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",  # records keep the order of their file
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}


def opened(files: Sequence[Path], importer: Importer) -> duckdb.DuckDBPyConnection:
    """Return a database with the records of the files as `sent`, in which the importer's views stand.

    Raises:
        WrongUse: a file cannot be read as what its name says, or the importer's SQL is none that may run.
    """
    statements = checked(importer)
    con = duckdb.connect(":memory:", config=CONFIG)
    try:
        con.execute("set timezone = 'UTC'")
        con.execute((HERE / "prelude.sql").read_text("utf-8"))
        con.execute((HERE / "verdict_events.sql").read_text("utf-8"))
        _fill(con, importer)
        taken: set[str] = set()
        for number, path in enumerate(files, 1):
            name = f"{path.name} ({number})" if path.name in taken else path.name
            taken.add(name)
            _read(con, path, name, importer.records_in)
        _shut(con, [])
        for statement in statements:
            con.execute(statement)
    except duckdb.Error as error:
        con.close()
        raise WrongUse(f"The importer {importer.path} does not run: {said(error)}.") from error
    except BaseException:
        con.close()
        raise
    return con


def checked(importer: Importer) -> list[duckdb.Statement]:
    """Return the statements of an importer.

    Raises:
        WrongUse: it is no SQL, or holds a statement that does more than say what is to be read.
    """
    try:
        statements = duckdb.extract_statements(importer.sql)
    except duckdb.Error as error:
        raise WrongUse(f"The importer {importer.path} is no SQL that DuckDB reads: {said(error)}.") from error
    for statement in statements:
        if statement.type not in MAY:
            raise WrongUse(
                f"The importer {importer.path} holds a statement {statement.type.name}. It may only create views, "
                "macros and tables of what `sent` holds."
            )
    return statements


def said(error: duckdb.Error) -> str:
    """Return what is wrong with a statement, without the values and the SQL that DuckDB quotes."""
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException):
        return re.split(r"\n|LINE \d+:", str(error))[0].strip().rstrip(".")
    if isinstance(error, duckdb.PermissionException):
        return "it wants a file or a folder, and there is none for it"
    if isinstance(error, duckdb.OutOfMemoryException):
        return "the export does not fit into memory; import it in parts"
    return f"{type(error).__name__.removesuffix('Exception')} at a value of the export"


def _shut(con: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    con.execute("set allowed_paths = $files", {"files": [str(path) for path in files]})
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")


def _fill(con: duckdb.DuckDBPyConnection, importer: Importer) -> None:
    meanings = {
        f"{name} {word.strip().lower()}": "" if means is None else _text(means)
        for name, words in importer.values.items()
        for word, means in words.items()
    }
    settings = {name: _text(value) for name, value in importer.settings.items()}
    for variable, said in (("settings", settings), ("meanings", meanings)):
        con.execute(
            f"set variable {variable} = map($names::varchar[], $texts::varchar[])",
            {"names": list(said), "texts": list(said.values())},
        )
    for name, path in importer.columns.items():
        con.execute("insert into columns values ($name, $path)", {"name": name, "path": _text(path)})


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(con: duckdb.DuckDBPyConnection, path: Path, name: str, records_in: Sequence[str]) -> None:
    # Scrapy writes .jl: what is neither CSV nor Parquet by its name is taken for JSON, and refused if it is not.
    kind = KINDS.get(kind_of(path.name) or "json", "json")
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:", config=CONFIG) as reader:
        # Under a plain name: DuckDB takes brackets and stars in a path for a pattern.
        plain = Path(folder, f"export.{kind}{'.gz' if path.name.lower().endswith('.gz') else ''}")
        plain.symlink_to(path.resolve())
        reader.execute("set timezone = 'UTC'")
        _shut(reader, [plain])
        try:
            found = reader.execute(READ[kind], {"path": str(plain)}).to_arrow_table()
        except duckdb.Error as error:
            at = re.search(r"in (?:record/value|line) (\d+)|Line: (\d+)", str(error))
            where = f" (line or record {at[1] or at[2]})" if at else ""
            raise WrongUse(
                f"{path} cannot be read as {'Parquet' if kind == 'parquet' else kind.upper()}{where}. Export it again, "
                "or give it the ending of what it is: .json, .jsonl, .jl or .csv, each also with .gz, or .parquet."
            ) from error
    con.register("found", found.rename_columns(["record"]))
    con.execute(
        "insert into sent select $name || ', record ' || number, $name, number, record from ("
        " select record::json as record, row_number() over () as number from found)",
        {"name": name},
    )
    con.unregister("found")
    for key in records_in:  # an answer of an API: an object whose list holds the records
        con.execute(
            "create or replace temp table whole as select * from sent"
            " where file = $name and json_type(json_extract(record, '/' || $key)) = 'ARRAY'",
            {"name": name, "key": key},
        )
        con.execute("delete from sent where file = $name and place in (select place from whole)", {"name": name})
        con.execute(
            "insert into sent select file || ', record ' || number, file, number, record from ("
            " select file, row_number() over (order by number, inner_number) as number, record from ("
            "  select file, number, generate_subscripts(records, 1) as inner_number, unnest(records) as record from ("
            "   select file, number, json_extract(record, '/' || $key)::json[] as records from whole)))",
            {"key": key},
        )
