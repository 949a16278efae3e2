"""Sample pictures while something is learned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Mapping, Sequence

if TYPE_CHECKING:
    from persimg.bases.base import Base
    from persimg.concepts.concept import Concept


def drawn(base: Base, concepts: Mapping[str, Concept], prompts: Sequence[str], step: int, folder: Path, is_named: bool) -> list[str]:
    """Paths of what `generate` draws with the concept files of this step: its seed i for prompt i, its batch, its provenance.

    concepts: by name, attached already, as their files have them; prompts: with {} for the concept; is_named: the names of the pictures say
    whose they are.
    """
    from persimg.sampling import provenance
    from persimg.sampling.sampler import Sampler
    from persimg.sampling.task import ConceptUse

    sampler, paths, tasks = Sampler(base, expansions={f"<{name}>": concept.card.expansion for name, concept in concepts.items()}), [], []
    for name, concept in concepts.items():
        for i, prompt in enumerate(prompts):
            paths.append(folder / f"{step:06d}-{f'{name}-' if is_named else ''}{i}.png")
            tasks.append(sampler.task(prompt.format(f"<{name}>"), seed=i, concepts=(ConceptUse(name, concept.digest),)))
    for path, generated in zip(paths, sampler.stream(tasks)):
        provenance.save(generated, path, base.name)
    return [str(path) for path in paths]
