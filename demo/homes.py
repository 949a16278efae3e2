"""A folder for each user, found by what only the user's browser knows, or by the name of a login."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

from persimg import files
from persimg.concepts import library
from persimg.concepts.prompts import check_name
from persimg.errors import UserError
from persimg_demo.settings import Limits

SESSION, SESSIONS = "session ", "sessions"
"""of who comes without a key: how ids begin, and where their homes lie"""
USER = "me"
"""every home has a database of its own, so that all users can have one name"""


def new_id() -> str:
    """144 random bits: who has it, has the home."""
    return secrets.token_urlsafe(18)


def is_id(text: object) -> bool:
    """One of `new_id`: nothing that could be the name of a login or of a session."""
    return isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9_-]{24}", text) is not None


@dataclass(frozen=True)
class Home:
    """One user's things. who: an id or "login:NAME"; shared: concepts of the host that everybody may use.

    uploading: held while `uploads` is read or changed, which several of a browser's requests may do at once.
    """

    who: str
    folder: Path
    shared: Path
    uploading: threading.RLock = field(default_factory=threading.RLock, compare=False, repr=False)

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def pictures(self) -> Path:
        return self.folder / "pictures"

    @property
    def uploads(self) -> Path:
        return self.folder / "uploads"

    @property
    def thumbs(self) -> Path:
        return self.folder / "thumbs"

    @property
    def trash(self) -> Path:
        return self.folder / "trash"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def profiles(self) -> Path:
        return self.folder / "profiles.sqlite"

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """persimg's library, in this thread, is this user's."""
        with files.home_is(self.folder):
            yield

    def concept_path(self, name: str) -> Path:
        """Of an own concept, else of a shared one. UserError for neither."""
        check_name(name)
        with self.inside():
            own = library.path_of(name)
        found = next((path for path in (own, self.shared / own.name) if path.is_file()), None)
        if found is None:
            raise UserError(f"there is no concept named {name}", "choose one that the Library shows")
        return found

    def owns(self, name: str) -> bool:
        with self.inside():
            return library.has(name)

    def picture_path(self, name: str) -> Path:
        """Of a picture that was drawn here; what isn't a plain file name is none."""
        path = self.pictures / name
        if Path(name).name != name or not path.is_file():
            raise UserError("that picture is gone", "draw it again")
        return path

    def newest_pictures(self, count: int) -> list[str]:
        return [path.name for path in sorted(self.pictures.glob("*.png"), reverse=True)[:count]]

    def forget_oldest(self, kept: int) -> None:
        for path in sorted(self.pictures.glob("*.png"), reverse=True)[kept:]:
            path.unlink(missing_ok=True)


def home_of(data: Path, who: str) -> Home:
    """The folder's name doesn't tell the id."""
    if not who:
        raise UserError("this page has lost its connection", "reload it; your things are kept")
    kind = SESSIONS if who.startswith(SESSION) else "users"
    return Home(who, data / kind / hashlib.sha256(who.encode()).hexdigest()[:32], data / "shared")


def sweep_homes(data: Path, limits: Limits) -> None:
    """Remove what programs without a key left, and what was deleted long ago."""
    for home in _folders(data / SESSIONS):
        if _newest(home) < time.time() - limits.hours * 3600:
            shutil.rmtree(home, ignore_errors=True)
    for home in _folders(data / "users"):
        for place in _folders(home / "trash"):
            if place.stat().st_mtime < time.time() - limits.trash_days * 86_400:
                shutil.rmtree(place, ignore_errors=True)


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []


def _newest(folder: Path) -> float:
    found = [folder.stat().st_mtime]
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            found.append(path.stat().st_mtime)
    return max(found)


def stamp() -> str:
    """Sorts by time; two of one moment differ."""
    return f"{time.time_ns() // 1000:016d}-{secrets.token_hex(3)}"


def serve(path: Path, cache: Path, name: str | None = None) -> str:
    """A copy under a path that nobody can guess, which Gradio may hand out; the home itself is never served."""
    folder = cache / secrets.token_hex(20)
    folder.mkdir(parents=True)
    return str(shutil.copy(path, folder / (name or path.name)))


def sweep(cache: Path, hours: float) -> int:
    """Remove temporary files that are older; how many."""
    limit, gone = time.time() - hours * 3600, 0
    for path in cache.rglob("*") if cache.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < limit:
                path.unlink()
                gone += 1
    for folder in sorted((p for p in cache.rglob("*") if p.is_dir()), reverse=True) if cache.is_dir() else ():
        with contextlib.suppress(OSError):  # those with files stay
            folder.rmdir()
    return gone
