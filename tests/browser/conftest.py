"""A demo of its own, and Debian's chromium before it. Errors on the console fail the test that caused them."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ROOT = Path(__file__).parents[2]
SCREENS = ROOT / "out" / "screens"
PATIENCE = 300_000
"""ms; a busy machine is slow, and nothing here measures its speed but the printed times"""

expect.set_options(timeout=PATIENCE)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """`persimg demo` in a process of its own."""

    def __init__(self, folder: Path, *options: str):
        self.port, self.data, self.log = free_port(), folder / "data", folder / "log.txt"
        words = [sys.executable, "-W", "ignore", "-m", "persimg", "demo", "--port", str(self.port), "--data", str(self.data), *options]
        self.started = time.monotonic()
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                words, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=os.environ | {"PERSIMG_HOME": str(folder / "home")}
            )
        self._wait()

    def _wait(self) -> None:
        while "persimg is at" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() - self.started < 300, self.log.read_text()
            time.sleep(0.1)
        self.seconds_to_start = time.monotonic() - self.started

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("demo"))
    yield server
    server.stop()
    assert "Traceback" not in server.log.read_text(), server.log.read_text()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


def newcomer(chromium: Browser, **options) -> Page:
    """Before a page of somebody whom it doesn't know."""
    page = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}).new_page()
    page.set_default_timeout(PATIENCE)
    return page


def arrive(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("#create")
    page.wait_for_function("localStorage.getItem('persimg')")


@pytest.fixture
def visit(server, chromium, request):
    """Opens the page as somebody new; several calls are several people."""
    errors, pages, failed_before = [], [], request.session.testsfailed

    def open_page(url: str = "", **options):
        page = newcomer(chromium, **options)
        pages.append(page)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        arrive(page, url or server.url)
        return page

    yield open_page
    for i, page in enumerate(pages):
        if request.session.testsfailed > failed_before:
            SCREENS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENS / f"failed-{request.node.name}-{i}.png", full_page=True)
        page.context.close()
    assert not errors, errors


@pytest.fixture(scope="session")
def times():
    """What was measured, printed and written at the end."""
    found: dict[str, float] = {}
    yield found
    SCREENS.mkdir(parents=True, exist_ok=True)
    (SCREENS / "times.json").write_text(json.dumps(found, indent=1) + "\n")
    print("\n" + "\n".join(f"{name}: {seconds:.1f} s" for name, seconds in found.items()))

