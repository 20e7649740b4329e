"""Issues through the person's own `gh`: its arguments never pass a shell, the body goes by a file."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from learning_loop.errors import WrongUse
from learning_loop.terminal import plain

SECONDS = 60
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class Tracker:
    """The repository whose issues are made; None is what gh finds in the folder it runs in."""

    binary: str
    repo: str | None

    @staticmethod
    def found(repo: str | None, is_needed: bool = True) -> Tracker:
        """Return the tracker.

        Raises:
            WrongUse: gh is not there, or the name is no repository's.
        """
        if repo is not None and not REPOSITORY.fullmatch(repo):
            raise WrongUse(f"--repo {plain(repo)} is no repository. Write it like OWNER/NAME.")
        binary = shutil.which("gh")
        if binary is None and is_needed:
            raise WrongUse("There is no `gh` on the PATH: install GitHub's command line and run `gh auth login`.")
        return Tracker(binary or "gh", repo)

    def words(self, title: str, body_file: str) -> list[str]:
        """Return the arguments that make an issue."""
        return [self.binary, "issue", "create", *self._where(), f"--title={title}", f"--body-file={body_file}"]

    def find(self, marker: str) -> str | None:
        """Return the address of the issue that holds a marker, open or closed."""
        words = ["issue", "list", *self._where(), "--state=all", "--limit=50", f"--search={marker} in:body"]
        told = self._run([self.binary, *words, "--json=url,body"])
        try:
            issues = json.loads(told or "[]")
            return next((str(issue["url"]) for issue in issues if marker in (issue["body"] or "")), None)
        except (ValueError, KeyError, TypeError):
            raise WrongUse("gh did not answer with a list of issues. Is it a current release?") from None

    def make(self, title: str, body: str) -> str:
        """Make an issue and return its address."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "body.md"
            file.write_text(body, encoding="utf-8")
            told = self._run(self.words(title, str(file)))
        address = (told.split() or [""])[-1]
        if not address.startswith("https://"):
            raise WrongUse("gh ended well but named no issue. Look into the repository before you try again.")
        return address

    def _where(self) -> list[str]:
        return [f"--repo={self.repo}"] if self.repo else []

    def _run(self, words: list[str]) -> str:
        environment = os.environ | {"GH_PROMPT_DISABLED": "1", "NO_COLOR": "1"}
        try:
            done = subprocess.run(
                words, capture_output=True, text=True, timeout=SECONDS, env=environment, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise WrongUse(
                f"gh did not answer within {SECONDS} s. Look into the repository before you try again."
            ) from None
        if done.returncode:
            said = plain((done.stderr.strip().splitlines() or ["it does not say why"])[0])[:300]
            raise WrongUse(f"gh failed: {said}")
        return done.stdout
