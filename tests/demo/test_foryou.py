"""A prompt rewritten for a visitor of the page, on a tiny random base."""

from helpers import tiny_pipeline

from persimg.preferences.events import Event, new_id, now
from persimg_demo import foryou
from persimg_demo.homes import USER
from persimg_demo.homes import new_id as new_home
from persimg_demo.page import Page
from persimg_demo.settings import Settings
from persimg_demo.studio import Studio


def test_what_the_own_negative_prompt_names_is_not_added(tmp_path):
    tiny_pipeline().save_pretrained(tmp_path / "base")
    settings = Settings(tmp_path / "data", str(tmp_path / "base"))
    page, who = Page(settings, Studio(settings), tmp_path / "cache"), new_home()
    with page.store(who) as store:
        store.add(Event(new_id(), USER, now(), "statement", "I love fog and watercolor paintings"))
    free, barred = (foryou.rewritten(page, who, "a cat", 1.0, negative).rewritten for negative in ("", "fog"))
    assert "fog" in free and "watercolor" in free
    assert "fog" not in barred and "watercolor" in barred
