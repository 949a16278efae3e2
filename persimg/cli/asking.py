"""persimg profile ask: pictures shown to a user, to comment on or to choose from."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from persimg.cli import options
from persimg.errors import UserError

if TYPE_CHECKING:
    from persimg.preferences.session import Asked
    from persimg.sampling.sampler import Sampler

MOST_QUESTIONS = 30


def add_parser(actions: Any, action: Callable[..., argparse.ArgumentParser]) -> None:
    asking = action(actions, "ask", _ask, "get to know a user: a few pictures to comment on or choose from")
    asking.add_argument("--questions", type=int, default=8, help="how many (default 8: two minutes)")
    asking.add_argument("--criterion", choices=("information", "utility"), default="information", help="what sets to choose from are picked by")
    asking.add_argument("--seed", type=int, default=0, help="of the pictures (default 0)")
    asking.add_argument("--steps", type=int, default=20, help="denoising steps (default 20)")
    asking.add_argument("--out", type=Path, default=Path("out/taste"), help="folder for the pictures, a new one in it for each session (default out/taste)")
    options.add_base(asking)


def add_clip(parser: argparse.ArgumentParser) -> None:
    what = "CLIP that looks at pictures without a prompt in them: a folder or MODEL/PRETRAINED of open_clip, such as ViT-B-32/openai; "
    parser.add_argument("--clip", metavar="NAME", help=what + "mini knows drawings of the embedded base alone (default: light and color are measured)")


def clip(args: argparse.Namespace) -> str | None:
    """The CLIP that the options name, None for statements, which have no pictures. UserError for what can't be one."""
    from persimg.evaluation.backbones import check_backbone_name

    name = getattr(args, "clip", None)
    if name is not None:
        check_backbone_name(name, "--clip")
    return name


def _ask(args: argparse.Namespace) -> dict[str, Any]:
    if not 1 <= args.questions <= MOST_QUESTIONS:
        raise UserError(f"--questions {args.questions} is out of range", f"take 1 to {MOST_QUESTIONS}")
    options.check_base(args)
    from persimg.preferences import session, targets
    from persimg.preferences.store import Frozen, Store
    from persimg.sampling.sampler import Sampler

    with Store(args.store) as store:
        if store.is_frozen(args.user):
            raise Frozen(args.user)
    folder = _new_folder(args.out)
    with Store(args.store) as store, Sampler(options.load(args)) as sampler:
        events, noted = store.events(args.user), []
        print("Say what you like or dislike about the pictures, in your own words; an empty line skips one, the end of input ends it.")
        for asked in session.session(events, targets.of_base(sampler.base), args.seed, args.questions, args.criterion):
            event = _answered(args, asked, _drawn(args, folder, sampler, asked))
            if event == "end":
                break
            if event:
                store.add(event)
                events.append(event)
                noted.append(event.id)
    print(f"{len(noted)} answers noted; see: persimg profile show --user {args.user}")
    return {"events": noted}


def _new_folder(out: Path) -> Path:
    """Of this session alone: nobody's earlier pictures are overwritten."""
    numbers = [int(path.name) for path in out.glob("[0-9]*") if path.name.isdecimal()]
    number = max(numbers, default=0)
    while True:
        number += 1
        try:
            (out / f"{number:03d}").mkdir(parents=True)
        except FileExistsError:  # another session was faster
            continue
        except OSError as error:
            raise UserError(f"--out {out} can't be written ({error.strerror})", "name another folder") from error
        return out / f"{number:03d}"


def _drawn(args: argparse.Namespace, folder: Path, sampler: Sampler, asked: Asked) -> list[Path]:
    from persimg.sampling import provenance

    # one seed for all pictures of a question: they differ in what they are like, not in what happens to be there
    tasks = [sampler.task(prompt, seed=args.seed + asked.number, steps=args.steps) for prompt in asked.prompts]
    paths = [folder / f"{asked.number + 1:02d}-{i + 1}.png" for i in range(len(tasks))]
    for path, generated in zip(paths, sampler.stream(tasks)):
        provenance.save(generated, path, sampler.base.name)
    return paths


def _answered(args: argparse.Namespace, asked: Asked, paths: list[Path]) -> Any:
    """The event; None: skipped; "end": there will be no more answers."""
    from persimg.preferences import session, shown

    print(f"\n{asked.number + 1} of {args.questions}")
    for i, path in enumerate(paths):
        print(f"  {f'{i + 1}: ' if len(paths) > 1 else ''}{path}")
    while True:
        print("Which do you like best? Its number: " if asked.kind == "choice" else "What do you say? ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return "end"
        try:
            return session.answered(asked, args.user, line, list(map(shown.digest, paths)))
        except UserError as error:
            print(error)
