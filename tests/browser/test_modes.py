"""A demo with a login, for strangers."""

import pytest
from conftest import Server
from gradio_client import Client
from hands import create, drawn, quickly, tab
from playwright.sync_api import expect

from persimg_demo import login


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    for name in ("ann", "ben"):
        login.add(folder / "logins", name, f"{name}'s password")
    server = Server(folder, "--login", str(folder / "logins"), "--public")
    yield server
    server.stop()


def enter(page, name, password):
    page.locator("input").nth(0).fill(name)
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Login").click()


def test_only_who_has_a_password_enters_and_finds_their_own_things(guarded, chromium):
    pages = {}
    for name in ("ann", "ben"):
        context = chromium.new_context()
        page = pages[name] = context.new_page()
        page.goto(guarded.url)
        expect(page.locator("#create")).to_have_count(0)
        if name == "ann":
            enter(page, name, "a guess")
            page.wait_for_timeout(1000)
            expect(page.locator("#create")).to_have_count(0)
        enter(page, name, f"{name}'s password")
        page.wait_for_selector("#create")
    ann, ben = pages["ann"], pages["ben"]
    ann.wait_for_timeout(1000)
    quickly(ann, 1)
    create(ann, "a red cat")
    drawn(ann, 1)
    assert sum(1 for _ in guarded.data.glob("users/*/pictures/*.png")) == 1
    tab(ann, "Teach")
    expect(ann.get_by_text("Teaching is off here")).to_be_visible()
    tab(ben, "Library")
    expect(ben.locator("#library-import")).to_have_count(0)
    for page in pages.values():
        page.context.close()


def test_the_api_asks_for_the_login_too(guarded):
    with pytest.raises(Exception):
        Client(guarded.url, verbose=False)
    pictures = Client(guarded.url, auth=("ben", "ben's password"), verbose=False).predict("a red cat", 1, 0, 2, "", api_name="/draw")
    assert len(pictures) == 1
