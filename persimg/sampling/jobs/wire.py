"""Lines of JSON between the coordinator and its workers, over a local socket, or TCP with a token."""

from __future__ import annotations

import json
import os
import socket
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from persimg.errors import UserError

LONGEST = 64 * 2**20
"""bytes of a message"""


@dataclass(frozen=True)
class Address:
    """Where a coordinator listens: a path of a local socket, or host and port; token: what workers have to say first."""

    token: str
    path: str = ""
    host: str = ""
    port: int = 0

    def save(self, file: Path) -> None:
        """Readable for its owner alone, as it holds the token."""
        temporary = file.with_suffix(".part")
        temporary.unlink(missing_ok=True)
        with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
            json.dump(asdict(self), opened)
        os.replace(temporary, file)

    @staticmethod
    def load(file: Path) -> Address | None:
        """None when there is no coordinator."""
        try:
            return Address(**json.loads(file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def connect(self, timeout: float = 10) -> socket.socket:
        """OSError where nobody listens."""
        if self.path:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(timeout)
            connection.connect(self.path)
        else:
            connection = socket.create_connection((self.host, self.port), timeout)
        connection.settimeout(None)
        return connection


class Line:
    """A worker's end: messages from any thread, answers for one."""

    def __init__(self, connection: socket.socket):
        self.connection, self.reader = connection, connection.makefile("rb")
        self.lock = threading.Lock()

    def say(self, **message: Any) -> None:
        """ConnectionError when the coordinator is gone."""
        data = encoded(message)
        with self.lock:
            self.connection.sendall(data)

    def hear(self) -> dict[str, Any]:
        """The next answer. ConnectionError when the coordinator is gone."""
        line = self.reader.readline(LONGEST)
        if not line.endswith(b"\n"):
            raise ConnectionError("the coordinator is gone")
        return json.loads(line)

    def close(self) -> None:
        self.reader.close()
        self.connection.close()


def encoded(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def reachable(host: str) -> str:
    """What others call this machine, where it listens on all of its addresses."""
    if host not in ("", "0.0.0.0", "::"):
        return host
    for name in (socket.getfqdn(), socket.gethostname()):
        try:
            if not name.startswith("localhost") and socket.getaddrinfo(name, None):
                return name
        except OSError:
            pass  # not even this machine knows it by that name
    return socket.gethostname()


def listening(text: str | None) -> tuple[str, int]:
    """"HOST[:PORT]" → (host, port), port 0 for any free one."""
    host, colon, port = (text or "").rpartition(":")
    if not colon:
        return text or "", 0
    if not port.isdigit() or int(port) > 65535:
        raise UserError(f"--listen {text} is not an address", "write HOST or HOST:PORT, such as 10.0.0.1:7777")
    return host, int(port)
