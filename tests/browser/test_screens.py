"""Pictures of every tab, light, dark and on a phone, for eyes: out/screens. Last, so that there is something to see."""

import pytest
from conftest import SCREENS, arrive, newcomer
from hands import choose, create, drawn, fill, opened, tab, take_example, teach
from playwright.sync_api import expect

TABS = ("Create", "Teach", "Taste", "Measure", "Library")
LOOKS = {
    "light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}  # fmt: skip


@pytest.fixture(scope="module")
def lived_in(server, chromium, tmp_path_factory):
    """What a browser keeps of somebody who has used the page for a while."""
    page = newcomer(chromium)
    arrive(page, server.url)
    take_example(page, "Tovi")
    teach(page, "tovi", steps=16)
    expect(page.locator("#teach-status")).to_contain_text("is learned")
    tab(page, "Taste")
    for text in ("I love the pastel colours and soft light", "I don't like fog", "I like it in the snow at night"):
        page.get_by_text("Say something about pictures in general").click() if not page.locator("#taste-statement").is_visible() else None
        fill(page, "#taste-statement", text)
        page.locator("#taste-state").click()
        expect(page.locator("#taste-statement textarea, #taste-statement input").first).to_have_value("")
    kept = tmp_path_factory.mktemp("browser") / "state.json"
    page.context.storage_state(path=kept)
    yield kept
    page.context.close()


@pytest.mark.parametrize("look", LOOKS)
def test_every_tab_has_a_picture(visit, lived_in, look):
    SCREENS.mkdir(parents=True, exist_ok=True)
    page = visit(storage_state=str(lived_in), **LOOKS[look])
    expect(page.locator("#chips")).to_contain_text("<tovi>")
    opened(page, "#more-settings")
    fill(page, "#steps", "12")
    opened(page, "#more-settings")
    page.locator("#for-me input").check()
    create(page, "a <tovi> in the snow, flat style")
    drawn(page, 4)
    page.evaluate("document.querySelector('#more-settings button').click()")
    for name in TABS:
        tab(page, name)
        if name == "Taste" and look != "dark":
            page.locator("#taste-begin").click()
            page.wait_for_selector("#taste-skip")
        if name == "Measure":
            choose(page, "#measure-concept", "<tovi")
            choose(page, "#compare-first", "<tovi")
            choose(page, "#compare-second", "the base")
            fill(page, "#compare-steps", "8")
            page.locator("#compare").click()
            expect(page.locator("#compare-sheet img")).to_have_count(4)
            expect(page.locator("#compare-sheet .progress")).to_have_count(0)
        if name == "Library":
            page.locator("#shelf .thumbnail-item").first.click()
            expect(page.locator("#library-card")).to_contain_text("LoRA".lower())
        page.wait_for_timeout(400)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=SCREENS / f"{name.lower()}-{look}.png", full_page=True)
        assert wide <= 1, f"{name} is {wide} px wider than a {look} screen"
