"""Other names for customers, that only who holds the key can make again: HMAC-SHA-256, cut to 128 bits."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from custier.errors import Problem, UsageError

LEAST_BYTES, MOST_BYTES = 32, 4096
PSEUDONYM_BYTES = 16
SIGN = "p"
"""A pseudonym begins with a letter, so that no program takes one for a number."""

MAKE_ONE = "make one: `(umask 077; head -c 32 /dev/urandom > pseudonyms.key)`, and keep it: the same key gives the same names"


@dataclass(frozen=True)
class Key:
    """A secret, which is never shown."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """What may be told of it: two copies with the same id can be joined."""
        return hashlib.sha256(self.secret).hexdigest()[:8]

    def pseudonym(self, name: str) -> str:
        """Always the same for the same name and key; without the key not to be told from chance."""
        return SIGN + hmac.digest(self.secret, name.encode(), "sha256")[:PSEUDONYM_BYTES].hex()


def read_key(path: Path) -> Key:
    """The key that a file holds, every byte of it; raises UsageError where it is no file, open to others, or too short."""
    try:
        with path.open("rb") as file:
            about, secret = os.fstat(file.fileno()), file.read(MOST_BYTES + 1)
    except OSError as error:
        said = os.strerror(error.errno).lower() if error.errno else "it is no file"
        raise _refused("CT1962", f"the key cannot be read: {said}", path, MAKE_ONE) from None
    if not stat.S_ISREG(about.st_mode) or len(secret) > MOST_BYTES:
        raise _refused("CT1962", f"the key is not a regular file of at most {MOST_BYTES:,} bytes", path, MAKE_ONE)
    if os.name != "nt" and about.st_mode & 0o077:
        raise _refused("CT1963", "the key can be read by others", path, f"chmod 600 {path}; where they may have read it, make a new one")
    if len(secret) < LEAST_BYTES or len(set(secret)) < 8:
        raise _refused("CT1964", f"the key is shorter than {LEAST_BYTES} bytes, or hardly varies", path, MAKE_ONE)
    return Key(secret)


def _refused(code: str, what: str, path: Path, cure: str) -> UsageError:
    return UsageError(Problem(code, what, str(path), cure))
