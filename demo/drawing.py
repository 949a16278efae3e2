"""Pictures asked for: drawn in a thread of their own, told as frames, so that nobody who left holds a model."""

from __future__ import annotations

import itertools
import queue
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Iterator, Sequence

from persimg.concepts.prompts import placeholders
from persimg_demo.homes import Home, stamp
from persimg_demo.studio import DRAWING, Studio
from persimg_demo.turns import Stopped

if TYPE_CHECKING:
    from PIL import Image

    from persimg.sampling.sampler import Generated

BATCH = 4
PREVIEWS = 5
"""a picture, about"""


@dataclass(frozen=True)
class Wish:
    """A picture that is wanted. scale: of every concept that the prompt names; start: a picture to start from, by its file.

    typed: what the user wrote, where the prompt was rewritten. guides: as a task has them.
    """

    prompt: str
    seed: int
    steps: int
    guidance: float
    negative: str = ""
    side: int | None = None
    scale: float = 1.0
    start: str | None = None
    strength: float = 0.6
    scheduler: str | None = None
    typed: str = ""
    guides: tuple[Any, ...] = ()

    @property
    def concepts(self) -> tuple[str, ...]:
        """Names in the prompts, each once."""
        return tuple(dict.fromkeys(name[1:-1] for name in placeholders(f"{self.prompt} {self.negative}")))


@dataclass(frozen=True)
class Frame:
    """kind: "waiting" (ahead: requests before), "preview" (share: of the steps), "picture" (name: its file); index: of the wish."""

    kind: str
    index: int = 0
    ahead: int = 0
    share: float = 0.0
    picture: Image.Image | None = None
    name: str = ""


class Drawing:
    """One request. frames() raises what went wrong."""

    def __init__(self, studio: Studio, home: Home, wishes: Sequence[Wish]):
        self._studio, self._home, self._wishes = studio, home, list(wishes)
        self._frames: queue.Queue[Frame | BaseException | None] = queue.Queue()
        self._stopped = threading.Event()
        for wish in wishes:  # a missing concept is said before anybody waits
            for name in wish.concepts:
                home.concept_path(name)

    def stop(self) -> None:
        self._stopped.set()

    def frames(self) -> Iterator[Frame]:
        threading.Thread(target=self._run, daemon=True).start()
        try:
            while (item := self._frames.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            self.stop()

    def _run(self) -> None:
        try:
            with self._home.inside(), self._studio.drawing.turn(self._home.who, waiting=self._wait, stopped=self._stopped.is_set):
                self._draw()
            self._home.forget_oldest(self._studio.settings.limits.kept)
        except Stopped:
            pass
        except BaseException as error:  # raised where the frames are read
            self._frames.put(error)
        self._frames.put(None)

    def _wait(self, ahead: int) -> None:
        self._frames.put(Frame("waiting", ahead=ahead))

    def _draw(self) -> None:
        base = self._studio.base(DRAWING)
        numbered = enumerate(self._wishes)
        for (names, scale), group in itertools.groupby(numbered, key=lambda item: (item[1].concepts, item[1].scale)):
            self._draw_group(base, names, scale, dict(group))

    def _draw_group(self, base: Any, names: Sequence[str], scale: float, wishes: dict[int, Wish]) -> None:
        """Of equal concepts at equal scales, attached once."""
        import persimg

        concepts = [(persimg.load_concept(self._home.concept_path(name)), scale) for name in names]
        with persimg.Sampler(base, concepts, batch=min(BATCH, len(wishes))) as sampler:
            starts, tasks = {}, {}
            for index, wish in wishes.items():
                task, picture = _task(sampler, wish, base)
                tasks[id(task)] = (index, task)
                starts |= picture
            every = max(1, round(next(iter(wishes.values())).steps / PREVIEWS))
            stream = sampler.stream([task for _, task in tasks.values()], every, starts)
            for generated in self._studio.stepwise(stream, self._home.who, urgent=True, stopped=self._stopped.is_set):
                self._tell(tasks[id(generated.task)][0], generated, base.name)
                if self._stopped.is_set():
                    stream.close()
                    raise Stopped

    def _tell(self, index: int, generated: Generated, base_name: str) -> None:
        from persimg.sampling import provenance

        task = generated.task
        if generated.preview_step is not None:
            self._frames.put(Frame("preview", index, share=generated.preview_step / task.steps, picture=generated.picture))
            return
        name, typed = f"{stamp()}-{task.seed}.png", self._wishes[index].typed
        extra = {"typed": typed} if typed else None
        provenance.save(generated, self._home.pictures / name, base_name, extra)
        self._frames.put(Frame("picture", index, share=1.0, picture=generated.picture, name=name))


def _task(sampler: Any, wish: Wish, base: Any) -> tuple[Any, dict[str, Any]]:
    """The task, and the picture that it starts from by its digest."""
    settings: dict[str, Any] = {
        "seed": wish.seed, "steps": wish.steps, "guidance": wish.guidance, "negative": wish.negative, "scheduler": wish.scheduler,
        "guides": wish.guides,
    }  # fmt: skip
    if wish.side is not None:
        base.latent_shape(wish.side, wish.side)
        settings |= {"width": wish.side, "height": wish.side}
    if not wish.start:
        return sampler.task(wish.prompt, **settings), {}
    from persimg import files

    digest = files.digest_file(wish.start)[:16]
    task = sampler.task(wish.prompt, **settings, init_image=digest, strength=wish.strength)
    return task, {digest: files.open_picture(wish.start)}


def wish_of(record: dict[str, Any]) -> Wish:
    """What would draw a picture again, from what it says of itself; anybody can write into a picture, so that types are checked."""
    uses = record.get("concepts") if isinstance(record.get("concepts"), list) else []
    scales = [use["scale"] for use in uses if isinstance(use, dict) and isinstance(use.get("scale"), (int, float))]
    wish = Wish(
        str(record.get("prompt", "")), _number(record.get("seed"), 0, 2**53, int), _number(record.get("steps"), 20, 1000, int),
        _number(record.get("guidance"), 4.0, 100, float), str(record.get("negative", "")),
        scale=_number(max(scales, default=1.0), 1.0, 10, float),
    )  # fmt: skip
    side, scheduler = record.get("width"), record.get("scheduler")
    return replace(
        wish, side=int(side) if isinstance(side, int) and 8 <= side <= 8192 else None,
        scheduler=scheduler if isinstance(scheduler, str) else None, typed=str(record.get("typed", "")),
    )  # fmt: skip


def _number(value: Any, otherwise: Any, most: float, kind: type) -> Any:
    return kind(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most else otherwise
