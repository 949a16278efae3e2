"""What strangers may send: nothing breaks out, nothing crashes."""

import struct
import zlib

import pytest
from gradio_client import Client
from hands import create, fill, opened, quickly, tab, told
from PIL import Image
from playwright.sync_api import expect

SCRIPT = "<img src=x onerror=\"window.broken='yes'\">{{constructor}}${window.broken='yes'}"


def bomb(path):
    """A PNG of 60000 x 60000 px that says so in 100 bytes."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"0" * 1000)) + chunk(b"IEND", b""))
    return path


@pytest.fixture
def wicked(tmp_path):
    """Files by name."""
    Image.new("RGB", (64, 64), "red").save(tmp_path / "<script>window.broken='yes'<!--.png")
    Image.new("RGB", (64, 64), "blue").save(tmp_path / "..%2f..%2f..%2fetc%2fpasswd.png")
    (tmp_path / "page.png").write_text("<html><script>window.broken='yes'</script></html>")
    (tmp_path / "noise.jpg").write_bytes(bytes(range(256)) * 50)
    (tmp_path / "empty.png").write_bytes(b"")
    bomb(tmp_path / "bomb.png")
    return {path.name: path for path in tmp_path.iterdir()}


def is_whole(page):
    return page.evaluate("window.broken") is None


@pytest.mark.parametrize("name", ["page.png", "noise.jpg", "empty.png", "bomb.png"])
def test_what_is_no_picture_is_refused_in_words(visit, wicked, name):
    page = visit()
    tab(page, "Teach")
    page.locator("#teach-files input[type=file]").set_input_files(wicked[name])
    expect(told(page)).to_contain_text("Picture 1 is")
    assert is_whole(page) and "/tmp/" not in told(page).inner_text()


def test_names_of_files_get_nowhere(visit, wicked, server):
    page = visit()
    tab(page, "Teach")
    chosen = [path for name, path in wicked.items() if "script" in name or "passwd" in name]
    page.locator("#teach-files input[type=file]").set_input_files(chosen)
    expect(page.locator("#teach-preview img").nth(1)).to_be_visible()
    assert is_whole(page)
    kept = sorted(path.name for path in server.data.glob("users/*/uploads/*"))
    assert {"00.png", "01.png"} <= set(kept) and not any("script" in name or "passwd" in name for name in kept)


def test_html_in_names_and_prompts_stays_text(visit):
    page = visit()
    tab(page, "Teach")
    fill(page, "#teach-name", "../../x" + SCRIPT[:20])
    page.locator("#teach").click()
    expect(told(page)).to_contain_text("can't be a name")
    tab(page, "Create")
    quickly(page, 1)
    fill(page, "#prompt", f"a cat {SCRIPT}")
    page.locator("#for-me input").check()
    page.locator("#create").click()
    page.wait_for_selector("#gallery img, .toast-body")
    tab(page, "Taste")
    opened(page, "#profile-edit")
    page.get_by_text("Say something about pictures in general").click()
    fill(page, "#taste-statement", f"I like {SCRIPT} very much")
    page.locator("#taste-state").click()
    expect(page.get_by_text("Noted.")).to_be_visible()
    page.wait_for_timeout(500)
    assert is_whole(page)


def test_a_concept_that_is_none_is_refused(visit, tmp_path):
    page = visit()
    tab(page, "Library")
    opened(page, "#library-import")
    path = tmp_path / "evil.safetensors"
    path.write_bytes(struct.pack("<Q", 2**60) + b"{}" * 100)
    page.locator("#import-file input[type=file]").set_input_files(path)
    page.locator("#import-bring").click()
    expect(told(page)).to_contain_text("damaged or not a safetensors file")


def test_files_of_the_server_are_not_served(visit, server):
    page = visit()
    quickly(page, 1)
    create(page, "a red cat")
    page.wait_for_selector("#gallery img")
    secret = server.data / "secret"
    own = next(server.data.glob("users/*/pictures/*.png"))
    for path in (secret, own, own.parent.parent / "profiles.sqlite", "/etc/passwd"):
        for route in (f"/gradio_api/file={path}", f"/file={path}", f"/gradio_api/file=..{path}"):
            assert page.request.get(server.url + route).status in (403, 404), route


def test_large_files_are_refused(server, tmp_path):
    import httpx

    with httpx.Client() as client:
        answer = client.post(f"{server.url}/gradio_api/upload", files={"files": ("big.png", b"0" * 215_000_000)})
    assert answer.status_code == 413


def test_pictures_come_over_the_api_and_only_within_limits(server, tmp_path):
    client = Client(server.url, verbose=False, download_files=str(tmp_path))
    pictures = client.predict("a red cat", 2, 5, 2, "", api_name="/draw")
    assert len(pictures) == 2 and all("persimg" in Image.open(item["image"]).info for item in pictures)
    wrong = [("", 1, 0, 2), ("a cat", 500, 0, 2), ("a cat", 1, 0, 9999), ("a cat", 1, -1, 2), ("a <mobu>", 1, 0, 2)]
    for words in [*((*w, "") for w in wrong), ("a cat", 1, 0, 2, "../x")]:
        with pytest.raises(Exception):
            client.predict(*words, api_name="/draw")
    assert [name for name in client.view_api(return_format="dict")["named_endpoints"]] == ["/draw"], "nothing else is offered"
