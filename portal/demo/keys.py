"""The demo provider's secrets, made once and kept in a folder so that several processes agree on them."""

import json
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from joserfc.jwk import RSAKey


def signing_key(folder: Path) -> RSAKey:
    """The RSA key that signs ID tokens; its `kid` is its thumbprint."""
    return RSAKey.import_key(json.loads(_kept(folder / "signing-key.json", _new_signing_key)))


def cookie_secret(folder: Path) -> str:
    """What signs the provider's own session cookie."""
    return _kept(folder / "cookie-secret", lambda: secrets.token_urlsafe(32))


def _new_signing_key() -> str:
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    return json.dumps(key.as_dict(private=True))


def _kept(path: Path, make: Callable[[], str]) -> str:
    """The file's content. The first process writes it, whole or not at all; all others read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(make())
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first: its file is read below
        finally:
            os.unlink(draft)
    return path.read_text()
