"""Taste, Library, Measure, and what Create does with pictures that are there."""

import pytest
from conftest import arrive, newcomer
from gradio_client import Client
from hands import choose, create, drawn, dropped, fill, opened, quickly, tab, take_example, teach, told
from PIL import Image
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def taught(server, chromium):
    """Somebody who has a concept, for all tests of this file."""
    page = newcomer(chromium)
    arrive(page, server.url)
    take_example(page, "Karu")
    teach(page, "karu", steps=2)
    expect(page.locator("#teach-status")).to_contain_text("is learned")
    yield page
    page.context.close()


def test_two_minutes_of_taste(visit):
    page = visit()
    tab(page, "Taste")
    page.locator("#taste-begin").click()
    for number in (2, 3, 4):
        fill(page, "#taste-answer", "I love the colours, but it is too dark")
        page.locator("#taste-send").click()
        expect(page.locator("#taste-question")).to_contain_text(f"question {number} of 8")
        page.wait_for_selector("#taste-skip")
    expect(page.locator("#taste-question")).to_contain_text("like best")
    page.locator("#taste-choice label").nth(1).click()
    expect(page.locator("#taste-question")).to_contain_text("question 5")
    page.locator("#taste-end").click()
    expect(page.locator("#taste-question")).to_contain_text("4 answers noted")
    expect(page.locator("#profile")).to_contain_text("dark")
    opened(page, "#profile-edit")
    choose(page, "#profile-attribute", "fog")
    page.locator("#profile-mute").click()
    expect(page.locator("#profile")).to_contain_text("Never used")


def test_settings_come_back_from_a_picture(visit, tmp_path):
    page = visit()
    quickly(page, 1)
    fill(page, "#seed", "77")
    create(page, "a green boat")
    drawn(page, 1)
    source = page.locator("#gallery img").first.get_attribute("src")
    kept = tmp_path / "boat.png"
    kept.write_bytes(page.request.get(source).body())
    assert "persimg" in Image.open(kept).info, "what is downloaded says how it was made"
    fill(page, "#prompt", "something else")
    dropped(page, kept)
    expect(page.locator("#prompt textarea")).to_have_value("a green boat")
    expect(page.locator("#seed textarea, #seed input")).to_have_value("77")
    page.locator("#vary").click()
    drawn(page, 1)
    expect(page.locator("#gallery")).not_to_contain_text("seed 77")
    page.locator("#use-as-start").click()
    expect(page.locator("#start img")).to_be_visible()


def test_a_grid(visit):
    page = visit()
    quickly(page, 1)
    opened(page, "#grid")
    fill(page, "#grid-xs", "1-2")
    fill(page, "#grid-ys", "1")
    fill(page, "#prompt", "a red car")
    page.locator("#draw-grid").click()
    drawn(page, 3)
    expect(page.locator("#gallery")).to_contain_text("the grid")


def test_library_renames_exports_deletes_and_takes_back(taught, server, tmp_path):
    page = taught
    tab(page, "Library")
    page.locator("#shelf .thumbnail-item").first.click()
    expect(page.locator("#library-card")).to_contain_text("not needed")
    choose(page, "#library-format", "diffusers")
    page.locator("#library-export").click()
    expect(page.locator("#library-download")).to_contain_text("karu-diffusers.zip")
    with page.expect_download() as download:
        page.locator("#library-download").click()
    assert download.value.suggested_filename == "karu-diffusers.zip"
    fill(page, "#library-name", "kuro")
    page.locator("#library-rename").click()
    expect(page.locator("#shelf")).to_contain_text("<kuro>")
    page.locator("#library-delete").click()
    expect(page.locator("#library-empty")).to_be_visible()
    page.locator("#library-undo").click()
    expect(page.locator("#shelf")).to_contain_text("<kuro>")
    tab(page, "Create")
    quickly(page, 1)
    create(page, "a <kuro> in a room")
    drawn(page, 1)
    tab(page, "Library")
    opened(page, "#library-program")
    key = page.locator("#library-key textarea, #library-key input").first.input_value()
    client = Client(server.url, verbose=False, download_files=str(tmp_path))
    assert len(client.predict("a <kuro>", 1, 0, 2, key, api_name="/draw")) == 1, "a program uses it by the key"


def test_measure_and_compare(taught):
    page = taught
    tab(page, "Measure")
    choose(page, "#measure-concept", "<k")
    expect(page.locator("#measure-card")).to_contain_text("dreambooth_lora")
    choose(page, "#compare-first", "<k")
    choose(page, "#compare-second", "the base")
    fill(page, "#compare-prompts", "a {} in the snow")
    fill(page, "#compare-steps", "2")
    page.locator("#compare").click()
    expect(page.locator("#compare-sheet img")).to_have_count(2)
    expect(page.locator("#compare-sheet .progress")).to_have_count(0)
    page.locator("#measure-quick").click()
    expect(page.locator("#measure-status .progress")).to_be_visible()
    expect(page.locator("#measure-status table")).to_contain_text("CLIP")
    expect(page.locator("#measure-report")).to_be_visible()


def test_errors_are_words(visit):
    page = visit()
    quickly(page, 1)
    page.locator("#create").click()
    expect(told(page)).to_contain_text("The prompt is empty")
    fill(page, "#prompt", "a <nobody> in the snow")
    page.locator("#create").click()
    expect(page.locator(".toast-wrap")).to_contain_text("no concept named nobody")
    choose(page, "#size", "64 px")
    choose(page, "#sampler", "euler_a")
    create(page, "a red cat")
    page.wait_for_selector("#gallery img, .toast-body")
    expect(page.locator("#create")).to_be_enabled()


def test_the_keyboard_is_enough(visit):
    page = visit()
    quickly(page, 1)
    page.locator("#prompt textarea").focus()
    page.keyboard.type("a yellow bird")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "create"
    page.keyboard.press("Enter")
    drawn(page, 1)
