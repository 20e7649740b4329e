"""The version stands in one place; what cannot read it there says the same."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import yaml

from learning_loop import __version__
from learning_loop.project import project_dir


def test_the_project_and_the_installed_package_have_the_version_of_the_code():
    project = yaml.safe_load((project_dir() / "dbt_project.yml").read_text("utf-8"))
    assert project["version"] == version("learning-loop") == __version__


def test_the_newest_entry_of_the_changelog_is_this_version():
    entries = re.findall(r"^## (\S+)", (project_dir() / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert entries[0] == __version__


def test_the_command_says_its_version():
    command = [Path(sys.executable).with_name("learning-loop"), "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"learning-loop {__version__}\n"
