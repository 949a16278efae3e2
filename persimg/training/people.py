"""Several people learned in one run: a concept file each, and the map from faces to them where one is learned."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Generator, Iterator

from persimg import files
from persimg.concepts import library, store
from persimg.concepts.concept import Concept
from persimg.errors import UserError
from persimg.training import checkpoint
from persimg.training.consent import shown
from persimg.training.run import Event, Run

if TYPE_CHECKING:
    from persimg.spaces import People
    from persimg.training.loop import Loop

MAP_FILE = "map.safetensors"
MOST_CONCEPTS = 10
"""people up to whom each gets a file; of more, whom a map is learned from, the map alone is kept"""


class PeopleRun(Run):
    """One call of train with a folder for each person.

    A checkpoint is a folder of files; the last one is taken, as choosing one for everybody at once isn't defined.
    """

    def __init__(self, *args: Any):
        super().__init__(*args)
        if self.recipe.sample_every and len(self.data.names) > MOST_CONCEPTS:
            raise UserError(f"sample_every draws each concept, of {len(self.data.names)} people none is made", "leave it at 0; draw whom `persimg basis apply` makes of the map")

    @property
    def people(self) -> People:
        return self.space.spaces[0]  # type: ignore[return-value]

    def _expansions(self) -> dict[str, str]:
        return {f"<{name}>": self.people.expansion_of(name) for name in self.data.names}

    def _clear(self) -> None:
        super()._clear()
        (self.out / MAP_FILE).unlink(missing_ok=True)
        for name in self.data.names:
            for path in (concept := self.out / f"{name}.safetensors", library.noted_beside(concept)):
                path.unlink(missing_ok=True)

    def _save(self, loop: Loop) -> Path:
        super()._save(loop)
        return self._folder(loop.step)

    def _folder(self, step: int) -> Path:
        return self.checkpoints / f"{step:06d}"

    def _write(self, loop: Loop) -> None:
        if self.is_main:
            loop.with_averages(lambda: self._write_files(loop.step))
            loop.save_state(checkpoint.state_path(self.checkpoints, loop.step))

    def _write_files(self, step: int) -> None:
        from persimg.spaces import face_map

        folder = self._folder(step)
        if self.people.map is not None:
            trained = self.people.trained_map(self.base, step)
            face_map.save(dataclasses.replace(trained, card={**trained.card, "consent": self.plan.consent}), folder / MAP_FILE)
        for name, concept in self._made(step).items():
            store.save(concept, folder / f"{name}.safetensors")

    def _made(self, step: int) -> dict[str, Concept]:
        """Name → concept of each person, of the live weights; of more people than get a file, none."""
        if len(self.data.names) > MOST_CONCEPTS:
            return {}
        return {name: Concept(self._card_of(name, step), {self.people.kind: weights}) for name, weights in self.people.weights_of_all().items()}

    def _concepts(self, loop: Loop) -> dict[str, Concept]:
        return loop.with_averages(lambda: self._made(loop.step))

    def _as_saved(self, loop: Loop, function: Callable[[], Any]) -> Any:
        with self.people.settled():
            return super()._as_saved(loop, function)

    def _card_of(self, name: str, step: int) -> Any:
        own = [shown(picture) for who, picture in zip(self.data.people, self.data.pictures) if who == name]
        learned = {"digest": self.data.digest, "pictures": len(own), "learned_with": len(self.data.names) - 1, "shown": own}
        spaces = {self.people.kind: self.people.config_of(name)}
        return dataclasses.replace(self._card(step), name=name, expansion=self.people.expansion_of(name), spaces=spaces, data=learned)

    def _chosen(self) -> Generator[Event, None, tuple[Path, dict[str, Any]]]:
        yield from ()
        return self._folder(self.recipe.steps), {}

    def _notices(self) -> Iterator[str]:
        """That nothing judges checkpoints is how it is here."""
        return (notice for notice in super()._notices() if "judges checkpoints" not in notice)

    def _finish(self, learning: float) -> Iterator[Event]:
        chosen, _ = yield from self._chosen()
        made = {}
        for path in sorted(chosen.glob("*.safetensors")):
            made[path.stem] = self.out / path.name
            with files.write_beside(made[path.stem]) as temporary:
                shutil.copyfile(path, temporary)
            if path.stem not in self.data.names:
                continue
            self._note_pictures(library.noted_beside(made[path.stem]), path.stem)
            if self.add_to_library:
                library.add(made[path.stem], replace=True)
        values = {"paths": {name: str(path) for name, path in made.items()}, "chosen_step": int(chosen.name), "seconds": {"learning": round(learning, 1)}}
        yield Event("finished", self.recipe.steps, values)
