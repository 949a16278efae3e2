"""One visitor's way through the page, then two at once."""

import time

from hands import create, drawn, fill, opened, quickly, tab, take_example, teach
from playwright.sync_api import expect


def test_teach_create_like_and_find_it_again(visit, server, times):
    opened_at = time.monotonic()
    page = visit()
    times["from start to a usable page"] = server.seconds_to_start + time.monotonic() - opened_at
    take_example(page)
    assert page.locator("#teach-noun input, #teach-noun textarea").first.input_value() == "cat", "the example says what it is"
    teach(page, "mobu", steps=4)
    expect(page.locator("#teach-status")).to_contain_text("is learned")
    expect(page.locator("#teach-samples img").first).to_be_visible()
    expect(page.locator("#teach-status svg")).to_have_count(2)
    page.locator("#teach-use").click()
    expect(page.locator("#chips")).to_contain_text("<mobu>")

    quickly(page)
    pressed = time.monotonic()
    create(page, "a <mobu> in the snow, pastel style")
    page.wait_for_selector("#stage .easel img")
    times["from create to the first preview"] = time.monotonic() - pressed
    drawn(page, 3)
    page.locator("#gallery button img").nth(1).click()
    page.keyboard.press("Escape")
    page.locator("#like").click()
    expect(page.locator("#heard")).to_contain_text("you like it")
    fill(page, "#comment", "I love the pastel style")
    page.locator("#say").click()
    expect(page.locator("#heard")).to_contain_text("what you said")
    tab(page, "Taste")
    expect(page.locator("#profile")).to_contain_text("pastel")

    tab(page, "Create")
    fill(page, "#prompt", "a house on the beach")
    page.locator("#for-me input").check()
    expect(page.locator("#rewrite mark")).to_contain_text("pastel")
    page.locator("#side-by-side input").check()
    quickly(page, 1)
    create(page, "a house on the beach")
    drawn(page, 2)
    expect(page.locator("#gallery")).to_contain_text("for you")

    page.reload()
    page.wait_for_selector("#create")
    expect(page.locator("#chips")).to_contain_text("<mobu>")
    opened(page, "#earlier-box")
    expect(page.locator("#earlier img")).to_have_count(5)
    tab(page, "Library")
    expect(page.locator("#shelf")).to_contain_text("<mobu>")


def test_a_cancelled_training_stops_and_keeps_its_checkpoint(visit):
    page = visit()
    take_example(page, "Zilo")
    teach(page, "zilo", steps=3000)
    expect(page.locator("#teach-status svg")).to_be_visible()
    page.reload()
    page.wait_for_selector("#create")
    tab(page, "Teach")
    expect(page.locator("#teach-status")).to_contain_text("learning")
    page.locator("#teach-cancel").click()
    expect(page.locator("#teach-status")).to_contain_text("the checkpoint is kept")
    page.locator("#teach-keep").click()
    expect(page.locator("#teach-status")).to_contain_text("is learned")
    tab(page, "Library")
    expect(page.locator("#shelf")).to_contain_text("<zilo>")


def test_two_visitors_at_once_do_not_see_each_other(visit):
    first, second = visit(), visit()
    for page, prompt in ((first, "a red cat"), (second, "a blue house")):
        quickly(page, 1)
        create(page, prompt)
    for page in (first, second):
        drawn(page, 1)
    for page in (first, second):
        page.reload()
        page.wait_for_selector("#create")
        opened(page, "#earlier-box")
        expect(page.locator("#earlier img")).to_have_count(1)
        expect(page.locator("#chips")).not_to_be_visible()
