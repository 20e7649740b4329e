"""The salt of the pseudonyms: where it comes from, and proof that it is still the same one."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from learning_loop.errors import SaltError

SHORTEST_SALT = 16  # characters of a new one


def salt_file(warehouse: Path) -> Path:
    """Return the salt's file beside the warehouse, or the one LEARNING_LOOP_SALT_FILE names."""
    named = os.environ.get("LEARNING_LOOP_SALT_FILE")
    return Path(named) if named else warehouse.with_name("learning_loop.salt")


def known_salt(warehouse: Path) -> str | None:
    """Return the salt: LEARNING_LOOP_SALT, else the file beside the warehouse; None where nothing is set or made yet.

    Raises:
        SaltError: the file is empty or cannot be read.
    """
    if given := os.environ.get("LEARNING_LOOP_SALT"):
        return given
    path = salt_file(warehouse)
    try:
        salt = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SaltError(f"The salt file {path} cannot be used: {error.strerror}. Check its permissions.") from error
    except ValueError as error:
        raise SaltError(f"The salt file {path} holds no text. Restore it from a back-up.") from error
    if not salt:
        raise SaltError(f"The salt file {path} is empty. Restore it from a back-up, or set LEARNING_LOOP_SALT.")
    return salt


def judged_salt(warehouse: Path, wanted: str | None) -> str | None:
    """Return the salt to work with, or None where one is to be made. Nothing is written: refusals come before.

    Args:
        warehouse: the published file.
        wanted: the fingerprint that the file keeps of its salt; None for a file that is yet to be.

    Raises:
        SaltError: it is not the warehouse's, or lost, or new and too short.
    """
    salt = known_salt(warehouse)
    if wanted and salt is None:
        raise SaltError(
            f"The salt of {warehouse} is missing: without it nobody is known there again. Restore LEARNING_LOOP_SALT or"
            f" {salt_file(warehouse)} from a back-up; if it is lost, start a new --warehouse from the landing folder."
        )
    if wanted and salt and fingerprint(salt) != wanted:
        raise SaltError(
            f"The salt is not the one {warehouse} was built with: every person would get a second pseudonym. "
            f"Restore LEARNING_LOOP_SALT or {salt_file(warehouse)}, or start another --warehouse."
        )
    if not wanted and salt and is_short(salt):
        raise SaltError(
            f"The salt has {len(salt)} characters: ids could be guessed through it. Set LEARNING_LOOP_SALT to"
            f" {SHORTEST_SALT} or more, or leave it out: the first night makes one."
        )
    return salt


def is_short(salt: str) -> bool:
    """Say whether a salt can be found by trying; one that a warehouse has already is kept all the same."""
    return len(salt) < SHORTEST_SALT


def load_salt(warehouse: Path) -> str:
    """Return the salt, made (mode 0600) at first need.

    Raises:
        SaltError: the file is empty or cannot be read or made.
    """
    if (salt := known_salt(warehouse)) is not None:
        return salt
    path = salt_file(warehouse)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write((salt := secrets.token_hex(32)) + "\n")
    except FileExistsError:  # another process made it meanwhile
        return load_salt(warehouse)
    except OSError as error:
        raise SaltError(f"The salt file {path} cannot be used: {error.strerror}. Check its permissions.") from error
    return salt


def fingerprint(salt: str) -> str:
    """Return a digest that tells two salts apart without giving either away (scrypt, 16 hex digits)."""
    return hashlib.scrypt(salt.encode(), salt=b"learning-loop fingerprint", n=2**12, r=8, p=1, dklen=8).hex()


def hmac_keys(salt: str) -> dict[str, str]:
    """Return the two padded keys of HMAC-SHA256 (RFC 2104) in hex, for the SQL macro `keyed_digest`."""
    key = salt.encode()
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return {
        "hmac_inner": bytes(byte ^ 0x36 for byte in block).hex(),
        "hmac_outer": bytes(byte ^ 0x5C for byte in block).hex(),
    }


def pseudonym(salt: str, user_id: str) -> str:
    """Return ``u_`` + the first 24 hex digits of sha256("salt:id"); the SQL macro `pseudonym` says the same."""
    return "u_" + hashlib.sha256(f"{salt}:{user_id}".encode()).hexdigest()[:24]
