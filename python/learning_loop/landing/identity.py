"""The salt of the pseudonyms: where it comes from, and proof that it is still the same one."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from learning_loop.errors import SaltError


def salt_file(warehouse: Path) -> Path:
    """Return the salt's file beside the warehouse, or the one LEARNING_LOOP_SALT_FILE names."""
    named = os.environ.get("LEARNING_LOOP_SALT_FILE")
    return Path(named) if named else warehouse.with_name("learning_loop.salt")


def load_salt(warehouse: Path) -> str:
    """Return the salt: LEARNING_LOOP_SALT, else the file beside the warehouse, made (mode 0600) at first need.

    Raises:
        SaltError: the file is empty or cannot be read or made.
    """
    if given := os.environ.get("LEARNING_LOOP_SALT"):
        return given
    path = salt_file(warehouse)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            salt = path.read_text(encoding="utf-8").strip()
        else:
            salt = secrets.token_hex(32)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(salt + "\n")
    except OSError as error:
        raise SaltError(f"The salt file {path} cannot be used: {error.strerror}. Check its permissions.") from error
    if not salt:
        raise SaltError(f"The salt file {path} is empty. Restore it from a back-up, or set LEARNING_LOOP_SALT.")
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
