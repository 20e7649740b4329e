"""Sending a digest to one address of the environment: https only, no redirect followed, nothing of the answer shown."""

from __future__ import annotations

import http.client
import os
import ssl
from urllib.parse import SplitResult, urlsplit

from learning_loop.errors import WrongUse
from learning_loop.terminal import plain

VARIABLE = "LEARNING_LOOP_DIGEST_URL"
SECONDS = 20


def address() -> SplitResult:
    """Return where a digest is sent. The address may hold a secret, so only its host is ever shown.

    Raises:
        WrongUse: there is none, or it is no plain https address.
    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        raise WrongUse(f"{VARIABLE} is not set: export the https address of the chat's incoming webhook.")
    try:
        parts = urlsplit(given)
        _ = parts.port
    except ValueError:
        raise WrongUse(f"{VARIABLE} is no address. Write it like https://hooks.example/services/…") from None
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password or plain(given) != given:
        raise WrongUse(f"{VARIABLE} is refused: it must be an https address without a user in it.")
    return parts


def post(where: SplitResult, body: bytes, content_type: str) -> None:
    """Send one message.

    Raises:
        WrongUse: it could not be sent, or was not taken; a redirect is an answer like any other refusal.
    """
    connection = http.client.HTTPSConnection(
        where.hostname or "", where.port or 443, timeout=SECONDS, context=ssl.create_default_context()
    )
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    try:
        connection.request("POST", path, body, {"Content-Type": content_type, "User-Agent": "learning-loop"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise WrongUse(f"{where.hostname} could not be reached: {type(error).__name__}. Nothing was sent.") from None
    finally:
        connection.close()
    if 300 <= status < 400:
        raise WrongUse(f"{where.hostname} answered {status}, a redirect: none is followed. Set {VARIABLE} anew.")
    if not 200 <= status < 300:
        raise WrongUse(f"{where.hostname} did not take it: it answered {status}.")
