"""Library: the concepts that there are."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import gradio as gr

from persimg.concepts import store
from persimg.errors import UserError
from persimg_demo import limits, shelf
from persimg_demo.page import Page, Refresh, private, quiet
from persimg_demo.studio import DRAWING
from persimg_demo.words import empty, note, spoken

NOTHING_YET = empty(
    "Your library is empty", "What you teach lies here. You can also bring a LoRA or a textual inversion that another tool made."
)
NONE_CHOSEN = empty("No concept is chosen", "Press one to see what it is.")


def build(page: Page) -> None:
    parts: dict[str, Any] = {"names": gr.State([]), "chosen": gr.State("")}
    with gr.Row(equal_height=False):
        with gr.Column(scale=6, min_width=320):
            parts["nothing"] = gr.HTML(NOTHING_YET, elem_id="library-empty")
            parts["shelf"] = gr.Gallery(
                label="Concepts", columns=4, height="auto", allow_preview=False, visible=False, elem_id="shelf", interactive=False,
                fit_columns=False,
            )
            parts["undo"] = gr.Button("Take the deleted one back", size="sm", visible=False, elem_id="library-undo")
            parts |= _import() if not page.settings.public else {}
        with gr.Column(scale=6, min_width=320):
            parts |= _detail(page)
    parts["told"] = gr.HTML("", elem_id="library-told")
    with gr.Accordion("Use your concepts from a program", open=False, visible=not page.settings.login, elem_id="library-program"):
        parts["key"] = gr.Textbox(
            label="Your key", info="For gradio_client; who has it can use your things.", interactive=False, elem_id="library-key"
        )
    _wire(page, parts)


def _import() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Accordion("Bring a concept", open=False, elem_id="library-import"):
        parts["file"] = gr.File(label="A .safetensors file", file_types=[".safetensors"], elem_id="import-file", height=110)
        with gr.Row():
            parts["name"] = gr.Textbox(label="Name", max_length=40, elem_id="import-name", info="empty: its own")
            parts["noun"] = gr.Textbox(label="What kind of thing?", max_length=40, elem_id="import-noun")
        parts["trigger"] = gr.Textbox(label="What its author says to type", max_length=200, info="for another tool's LoRA")
        parts["consent"] = gr.Textbox(label="For people: who agreed to this?", max_length=2000)
        parts["bring"] = gr.Button("Bring it", elem_id="import-bring")
    return parts


def _detail(page: Page) -> dict[str, Any]:
    parts: dict[str, Any] = {"card": gr.HTML(NONE_CHOSEN, elem_id="library-card")}
    with gr.Column(visible=False) as parts["own"]:
        with gr.Row():
            parts["new_name"] = gr.Textbox(label="Another name", max_length=40, scale=3, elem_id="library-name")
            parts["rename"] = gr.Button("Rename", scale=1, min_width=90, elem_id="library-rename")
        with gr.Row(visible=not page.settings.public):
            parts["format"] = gr.Dropdown(
                list(shelf.FORMATS.items()), value="persimg", label="Take it along as", scale=3, elem_id="library-format"
            )
            parts["export"] = gr.Button("Make the file", scale=1, min_width=90, elem_id="library-export")
        parts["exported"] = gr.DownloadButton("Download", visible=False, elem_id="library-download")
        parts["delete"] = gr.Button("Delete", variant="stop", elem_id="library-delete")
        with gr.Accordion("Consent was taken back", open=False):
            parts["sure"] = gr.Checkbox(False, label="Yes: this concept and all its copies shall never be used again")
            parts["revoke"] = gr.Button("Revoke", variant="stop", size="sm", elem_id="library-revoke")
    return parts


def _wire(page: Page, p: dict[str, Any]) -> None:
    handlers = _Handlers(page)
    page.refreshes.append(Refresh(handlers.look, [p["shelf"], p["nothing"], p["names"], p["undo"], p["key"]]))
    detail = [p["chosen"], p["card"], p["own"], p["new_name"], p["exported"]]
    chosen = [page.user, p["chosen"]]
    p["shelf"].select(spoken(handlers.choose), [page.user, p["names"]], detail, **private())
    page.refresh(p["rename"].click(spoken(handlers.rename), [*chosen, p["new_name"]], [p["told"], *detail], **private()))
    page.refresh(p["delete"].click(spoken(handlers.delete), chosen, [p["told"], *detail], **private()))
    page.refresh(p["undo"].click(spoken(handlers.undo), page.user, p["told"], **private()))
    page.refresh(p["revoke"].click(spoken(handlers.revoke), [*chosen, p["sure"]], [p["told"], *detail], **private()))
    p["export"].click(spoken(handlers.export), [*chosen, p["format"]], p["exported"], **private())
    if "bring" in p:
        form = [p[name] for name in ("file", "name", "noun", "trigger", "consent")]
        page.refresh(p["bring"].click(spoken(handlers.bring), [page.user, *form], [p["told"], p["file"]], **private()))
    p["format"].change(lambda: gr.DownloadButton(visible=False), None, p["exported"], **quiet())


class _Handlers:
    def __init__(self, page: Page):
        self.page = page

    def look(self, who: str) -> tuple[Any, ...]:
        home, cards = self.page.home(who), self.page.cards(who)
        items = [(self._served_thumb(who, card), card.placeholder) for card in cards]
        can_undo = home.trash.is_dir() and any(home.trash.iterdir())
        shelf_of = gr.Gallery(items, visible=bool(items))
        key = "" if self.page.settings.login else who
        return shelf_of, "" if items else NOTHING_YET, [card.name for card in cards], gr.Button(visible=can_undo), key

    def _served_thumb(self, who: str, card: Any) -> Any:
        found = shelf.thumb(self.page.home(who), card)
        return self.page.served(found) if isinstance(found, Path) else found

    def choose(self, who: str, names: list[str], event: gr.SelectData) -> tuple[Any, ...]:
        return self._detail(who, names[min(int(event.index), len(names) - 1)])

    def _detail(self, who: str, name: str) -> tuple[Any, ...]:
        home = self.page.home(who)
        card, is_own = store.read_card(home.concept_path(name)), home.owns(name)
        with home.inside():  # whose list says what was revoked
            shown = shelf.card_html(card, is_own)
        return name, shown, gr.Column(visible=is_own), "", gr.DownloadButton(visible=False)

    def _own(self, who: str, name: str) -> Any:
        home = self.page.home(who)
        if not name or not home.owns(name):
            raise UserError("no concept of your own is chosen", "press one")
        return home

    def rename(self, who: str, name: str, new: str) -> tuple[Any, ...]:
        home = self._own(who, name)
        self.page.check_unclaimed(who, new.strip())
        shelf.rename(home, name, new)
        self.page.forget_taught(who, name)
        return note(f"<{name}> is <{new.strip()}> from here on.", "good"), *self._detail(who, new.strip())

    def delete(self, who: str, name: str) -> tuple[Any, ...]:
        shelf.delete(self._own(who, name), name)
        self.page.forget_taught(who, name)
        days = self.page.limits.trash_days
        return note(f"<{name}> is deleted; for {days:g} days it can be taken back.", "warn"), *_no_detail()

    def undo(self, who: str) -> str:
        home = self.page.home(who)
        self.page.check_unclaimed(who, shelf.last_deleted(home).stem)
        return note(f"<{shelf.take_back(home)}> is back.", "good")

    def revoke(self, who: str, name: str, is_sure: bool) -> tuple[Any, ...]:
        from persimg.concepts import consent

        home = self._own(who, name)
        if not is_sure:
            raise UserError("it isn't confirmed", "tick the box above")
        with home.inside():
            consent.revoke(home.concept_path(name))
        shelf.forget_pictures(home, name)
        self.page.forget_taught(who, name)
        return note(f"<{name}> won't be used again, nor any copy of it.", "warn"), *self._detail(who, name)

    def export(self, who: str, name: str, format: str) -> Any:
        home = self._own(who, name)
        if self.page.settings.public:
            raise UserError("concepts can't be taken along from a public demo", "install persimg to keep them")
        with tempfile.TemporaryDirectory() as folder:
            path = shelf.export(home, name, format, Path(folder))
            return gr.DownloadButton(f"Download {path.name}", value=self.page.served(path), visible=True)

    def bring(self, who: str, path: str | None, name: str, noun: str, trigger: str, consent: str) -> tuple[str, None]:
        if not path:
            raise UserError("there is no file yet", "drop a .safetensors file")
        if self.page.count_own(who) >= self.page.limits.concepts:
            raise UserError(f"you have {self.page.limits.concepts} concepts", "delete one")
        self.page.check_unclaimed(who, (name or "").strip())
        home, turns, base = self.page.home(who), self.page.studio.drawing, self.page.studio.base(DRAWING)
        words = limits.text(noun, 40, "the kind"), limits.text(trigger, 200, "the words"), consent
        try:
            with turns.turn(who):
                text = shelf.bring(home, Path(path), (name or "").strip(), *words, base)
        except UserError as error:
            raise UserError(error.what.replace(path, "the file"), error.mend.replace(path, "the file"), error.exit_code) from error
        return note(text, "good"), None


def _no_detail() -> tuple[Any, ...]:
    return "", NONE_CHOSEN, gr.Column(visible=False), "", gr.DownloadButton(visible=False)
