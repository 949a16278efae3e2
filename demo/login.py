"""Names and passwords, where the host wants a login. The file holds a line NAME:SALT:HASH for each user (scrypt, RFC 7914)."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from persimg import files
from persimg.errors import UserError

COST = {"n": 2**14, "r": 8, "p": 1}
LEAST = 8
MAKE = "make it with: persimg demo --login FILE --add-user NAME"


def hashed(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, **COST).hex()


def read(path: Path) -> dict[str, tuple[str, str]]:
    """Name → (salt, hash), both hex. UserError (exit 3) for a file that says anything else, or nothing."""
    try:
        rows = [line.split(":") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise UserError(f"--login {path} can't be read ({error.strerror})", MAKE) from error
    if not rows or any(len(row) != 3 or not row[0] for row in rows):
        raise UserError(f"--login {path} isn't a file of logins", MAKE, 3)
    return {name: (salt, digest) for name, salt, digest in rows}


def add(path: Path, name: str, password: str) -> None:
    """A new user, or a new password of one."""
    if not name or len(name) > 100 or ":" in name or not name.isprintable():
        raise UserError(f"--add-user {name!r} can't be a name", "leave colons out")
    if len(password) < LEAST:
        raise UserError("the password is too short", f"take {LEAST} characters or more")
    known = read(path) if path.exists() else {}
    salt = secrets.token_bytes(16)
    known[name] = (salt.hex(), hashed(password, salt))
    files.write_text(path, "".join(f"{name}:{salt}:{digest}\n" for name, (salt, digest) in known.items()))
    os.chmod(path, 0o600)


def checker(path: Path):
    """(name, password) → may they in? Unknown names take as long as wrong passwords."""
    known = read(path)
    nobody = (secrets.token_hex(16), "")

    def may_enter(name: str, password: str) -> bool:
        salt, digest = known.get(name, nobody)
        return hmac.compare_digest(hashed(password, bytes.fromhex(salt)), digest)

    return may_enter
