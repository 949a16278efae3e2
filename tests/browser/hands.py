"""What a visitor does, in the page's own words."""

import base64
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

STEPS = 4
"""of a picture: the page is what is tested"""


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def choose(page: Page, field: str, text: str) -> None:
    """From a drop-down."""
    found = page.locator(f"{field} input").first
    found.click()
    found.press("Control+a")  # what stands there goes: typing could land in the middle of it
    found.press_sequentially(text)  # the list is filtered by keys alone
    page.get_by_role("option", name=text).first.click()


def fill(page: Page, field: str, text: str) -> None:
    """Once more where it is lost: a field that has just been unfolded takes its own value first."""
    found = page.locator(f"{field} textarea, {field} input").first
    for _ in range(20):
        found.fill(text)
        found.blur()
        page.wait_for_timeout(100)
        if found.input_value() == text:
            return
    raise AssertionError(f"{field} shows {found.input_value()!r}, not {text!r}")


def opened(page: Page, accordion: str) -> None:
    button = page.locator(f"{accordion} button").first
    if "open" not in (button.get_attribute("class") or ""):
        button.click()


def take_example(page: Page, title: str = "Mobu") -> None:
    tab(page, "Teach")
    choose(page, "#teach-example", title)
    expect(page.locator("#teach-preview img").first).to_be_visible()


def teach(page: Page, name: str, steps: int) -> None:
    fill(page, "#teach-name", name)
    opened(page, "#teach-advanced")
    fill(page, "#teach-steps", str(steps))
    fill(page, "#teach-batch", "2")
    page.locator("#teach").click()


def quickly(page: Page, number: int = 3) -> None:
    """Few pictures of few steps."""
    opened(page, "#more-settings")
    fill(page, "#steps", str(STEPS))
    fill(page, "#number", str(number))


def create(page: Page, prompt: str) -> None:
    fill(page, "#prompt", prompt)
    page.locator("#create").click()


def drawn(page: Page, number: int) -> None:
    """All pictures hang."""
    expect(page.locator("#gallery .thumbnail-item, #gallery .grid-container button")).to_have_count(number)


def told(page: Page) -> Locator:
    """What a message says."""
    return page.locator(".toast-body").first


def dropped(page: Page, path: Path) -> None:
    """A file, let go over the page."""
    data = base64.b64encode(path.read_bytes()).decode()
    page.evaluate(
        """([data, name]) => { const file = new File([Uint8Array.from(atob(data), c => c.charCodeAt(0))], name, {type: "image/png"});
        const held = new DataTransfer(); held.items.add(file);
        for (const kind of ["dragover", "drop"])
            document.querySelector("#stage, #gallery").dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer: held})); }""",
        [data, path.name],
    )
