"""Options of how a user's past prompts are searched, shared by rewrite, generate and batch."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from persimg.preferences.profile import Profile, Retrieval
    from persimg.preferences.store import Store


def add_retrieval(parser: argparse.ArgumentParser) -> None:
    from persimg.preferences.profile import BM25, MOST_RETRIEVED, RETRIEVERS

    group = parser.add_argument_group("past prompts")
    how = "how they are searched: by words, by a CLIP's vectors of the newest 4096, or by both (default bm25, which loads no model)"
    group.add_argument("--retriever", choices=RETRIEVERS, default=BM25, help=how)
    most = f"how many are looked at, 1 to {MOST_RETRIEVED} (default {MOST_RETRIEVED})"
    group.add_argument("--retrieved", type=int, choices=range(1, MOST_RETRIEVED + 1), default=MOST_RETRIEVED, metavar="K", help=most)
    clip = "for dense and fused: mini (default, knows the embedded world's words alone), a folder or MODEL/PRETRAINED of open_clip"
    group.add_argument("--clip", default="mini", metavar="NAME", help=clip)


def chosen(args: argparse.Namespace) -> Retrieval:
    """UserError for a CLIP that can't be one."""
    from persimg.preferences.profile import BM25, Retrieval

    if args.retriever == BM25:
        return Retrieval(most=args.retrieved)
    from persimg.preferences.encoder import encoder

    return Retrieval(args.retriever, args.retrieved, encoder(args.clip))


def profile(store: Store, user: str, how: Retrieval | None) -> Profile:
    """The user's profile, searched that way; None: as profiles are."""
    found = store.profile(user)
    return dataclasses.replace(found, retrieval=how) if how else found
