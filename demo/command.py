"""What `persimg demo` runs, found through the entry point persimg.demo."""

from __future__ import annotations

import getpass
from pathlib import Path

from persimg import files
from persimg.errors import UserError
from persimg_demo import login
from persimg_demo.settings import Settings


def run(
    base: str = "mini", device: str | None = None, host: str = "127.0.0.1", port: int = 7860, data: Path | None = None,
    login_file: Path | None = None, add_user: str | None = None, public: bool = False,
) -> int:  # fmt: skip
    if add_user is not None:
        return _add_user(login_file, add_user)
    if not 1 <= port <= 65535:
        raise UserError(f"--port {port} is out of range", "take 1 to 65535")
    from persimg_demo.app import serve

    serve(Settings(data or files.home() / "demo", base, device, host, port, login_file, public))
    return 0


def _add_user(path: Path | None, name: str) -> int:
    if path is None:
        raise UserError("--add-user needs a file of logins", "name one with --login")
    password = getpass.getpass(f"password of {name}: ")
    login.add(path, name, password)
    print(f"{name} may log in")
    return 0
