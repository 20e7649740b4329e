"""Where the dbt project lies: in the repository, in the installed package, or where a user keeps their own; and which
version of it computes."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from learning_loop import __version__

PACKAGE = "learning_loop"
VARIABLE = "LEARNING_LOOP_PROJECT"
CARRIED = "dbt_project"  # where a wheel holds it, in the package
# What a night reads of the project; tests/python is for those who change it.
PARTS = ("dbt_project.yml", "macros", "models", "profiles", "seeds", "tests")


def package_dir() -> Path:
    """Return the folder of this package's modules."""
    return Path(__file__).resolve().parent


def project_dir() -> Path:
    """Return the folder that holds dbt_project.yml.

    The one LEARNING_LOOP_PROJECT names, else the copy that a wheel carries, else the repository that this package was
    installed from in place.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named).resolve()
    carried = package_dir() / CARRIED
    return carried if carried.is_dir() else package_dir().parents[1]


def write_project(source: Path, target: Path) -> None:
    """Copy the dbt project in ``source`` to ``target``; the copies can be changed even if the originals cannot."""
    for part in PARTS:
        found = source / part
        for path in [found] if found.is_file() else sorted(found.rglob("*")):
            relative = path.relative_to(source)
            if path.is_file() and not path.name.startswith(".") and relative.parts[:2] != ("tests", "python"):
                (target / relative).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / relative)


def code_version(project: Path | None = None, package: Path | None = None) -> str:
    """Name the code that computes: the package's version and a digest of all that decides what a row holds.

    A published file of another code version is rebuilt from its stored rows, so that no mart mixes two versions.

    Args:
        project: the dbt project; by default the one of the command line.
        package: the folder of the Python that its models run; by default this package.
    """
    digest = hashlib.sha256()
    for name, content in deciding(project or project_dir(), package or package_dir()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return f"{__version__}+{digest.hexdigest()[:12]}"


def seeds_digest(project: Path | None = None) -> str:
    """Return a digest of all seeds and of what configures them: a night loads them when it is another."""
    digest = hashlib.sha256()
    folder = (project or project_dir()) / "seeds"
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".csv", ".yml")):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def deciding(project: Path, package: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of all that decides what a row holds, in an order that is always the same.

    These are the models and macros; of YAML what configures them, not what describes them; the seeds whose rows are not
    sealed one by one (a policy changes by a row of a later day, and policy_log refuses any other change); and the
    Python that models and dbt's plugin run. Commands, the report and the sample decide nothing.
    """
    import yaml  # only a night needs it

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    models = sorted((project / "models").rglob("*.*"))
    for path in [*models, *sorted((project / "macros").rglob("*.sql"))]:
        if path.suffix in (".sql", ".py"):
            yield path.relative_to(project).as_posix(), path.read_bytes()
        elif path.suffix == ".yml" and b"config:" in (text := path.read_bytes()):
            found = _configured(yaml.load(text, loader))
            yield path.relative_to(project).as_posix(), json.dumps(found, sort_keys=True, default=str).encode()
    sealed = _sealed(project)
    for path in sorted((project / "seeds").rglob("*.csv")):
        if path.stem not in sealed:
            yield path.relative_to(project).as_posix(), path.read_bytes()
    for path in _python(project, package):
        yield f"{PACKAGE}/{path.relative_to(package).as_posix()}", path.read_bytes()


def _sealed(project: Path) -> set[str]:
    """Name the seeds whose rows policy_log seals."""
    rows = project / "models/intermediate/policy/int_policy__rows.sql"
    return set(re.findall(r"ref\('(\w+)'\)", rows.read_text("utf-8"))) if rows.exists() else set()


def _configured(content: Any) -> list[Any]:
    """Return each `config` of a YAML file, and what a contract says of a column, beside the names they stand under."""
    if isinstance(content, list):
        return [found for entry in content for found in _configured(entry)]
    if not isinstance(content, dict):
        return []
    deciding = {key: content[key] for key in ("config", "data_type", "constraints") if key in content}
    if "config" in deciding:
        deciding["config"] = _deciding(content["config"])
    found = [{"name": content.get("name"), **deciding}] if deciding else []
    inner = [found for key, value in content.items() if key in ("models", "columns") for found in _configured(value)]
    return found + ([{"name": content.get("name"), "within": inner}] if inner else [])


def _deciding(config: Any) -> Any:
    """Return a `config` without what a feed only says of itself."""
    from learning_loop.landing.declaration import DESCRIBING  # which reads YAML: only a night needs it

    meta = {name: value for name, value in config.get("meta", {}).items() if name not in DESCRIBING}
    return {**config, "meta": meta} if "meta" in config else config


def _python(project: Path, package: Path) -> list[Path]:
    """Return the package's files that Python models and dbt's plugin run: all they import, and what that imports."""
    profile = project / "profiles/profiles.yml"
    plugins = re.findall(rf"module: ({PACKAGE}[\w.]*)", profile.read_text("utf-8")) if profile.exists() else []
    todo = [file for name in plugins for file in _files(name, package)]
    for model in sorted((project / "models").rglob("*.py")):
        todo += [file for name in _imported(model) for file in _files(name, package)]
    found: set[Path] = set()
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        todo += [file for name in _imported(path) for file in _files(name, package)]
        query = path.with_suffix(".sql")  # what a module asks DuckDB lies beside it under its name
        if query.exists():
            found.add(query)
    return sorted(found)


def _imported(path: Path) -> Iterator[str]:
    """Yield the dotted names that a Python file imports, wherever in it; those of no module are harmless."""
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(name: str, package: Path) -> list[Path]:
    """Return the files that are run when a dotted name is imported: its module, and the packages around it."""
    first, *parts = name.split(".")
    if first != PACKAGE:
        return []
    places = [package.joinpath(*parts[:depth]) for depth in range(len(parts) + 1)]
    files = [file for place in places for file in (place / "__init__.py", place.with_suffix(".py"))]
    return [file for file in files if file.is_file()]
