"""The tokenizer of the mini models: CLIP's byte-pair format, in which every word of the drawn world is one token.

Unknown words fall to pieces: the single characters are in the vocabulary.
"""

from __future__ import annotations

import string
from typing import Iterable

from transformers import CLIPTokenizer

POSITIONS = 48
END = "</w>"


def pieces(word: str, ranks: dict[tuple[str, str], int]) -> list[str]:
    """Byte-pair encoding of one word under the merges so far."""
    parts = [*word[:-1], word[-1] + END]
    while len(parts) > 1:
        pairs = [(ranks.get(pair, len(ranks)), i) for i, pair in enumerate(zip(parts, parts[1:]))]
        rank, i = min(pairs)
        if rank == len(ranks):
            return parts
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts


def merges_for(words: Iterable[str]) -> list[tuple[str, str]]:
    """Merges under which every word is one token.

    New merges have the lowest priority, so that words finished before stay single tokens.
    """
    ranks: dict[tuple[str, str], int] = {}
    for word in words:
        while len(parts := pieces(word, ranks)) > 1:
            ranks[(parts[0], parts[1])] = len(ranks)
    return list(ranks)


def build_tokenizer(words: Iterable[str], positions: int = POSITIONS) -> CLIPTokenizer:
    """A CLIPTokenizer; ids: characters, merged pieces, then start and end."""
    characters = sorted(set(string.ascii_lowercase + string.digits + string.punctuation))
    merges = merges_for(words)
    tokens = dict.fromkeys([*characters, *(c + END for c in characters), *("".join(m) for m in merges)])
    tokens |= dict.fromkeys(["<|startoftext|>", "<|endoftext|>"])
    vocab = {token: i for i, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=positions)
