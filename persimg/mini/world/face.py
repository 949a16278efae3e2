"""Faces as points in a continuous space, what a person can put on for one picture, and the words for both."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

from persimg.mini.world.brush import Colour, mix


@dataclass(frozen=True)
class Face:
    """One identity: independent parameters in 0..1, each of them visible."""

    skin: float
    """light to dark"""
    width: float
    length: float
    """short to long below the eyes"""
    jaw: float
    """pointed to square"""
    ears: float
    cheeks: float
    """pale to rosy"""
    freckles: float
    """none below 0.35"""
    eye_size: float
    eye_shape: float
    """narrow to round"""
    eye_slant: float
    """outer corners down to up"""
    eye_distance: float
    eye_colour: float
    """brown, amber, green, blue, violet"""
    lashes: float
    """short to long; a woman from 0.5 on"""
    brow_thickness: float
    brow_tilt: float
    """outer ends down to up"""
    brow_height: float
    nose_length: float
    nose_width: float
    mouth_width: float
    lips: float
    """thin to full"""
    beard: float
    """none below 0.5, then stubble to full"""
    age: float
    """wrinkles and grey hair above 0.6"""
    hair_colour: float
    """black, brown, red, blond"""
    hair_length: float
    """bald below 0.06, 1: over the chest"""
    hair_curl: float
    hair_volume: float
    fringe: float
    """high hairline to a fringe over the brows"""
    parting: float
    """viewer's left to right"""

    @property
    def noun(self) -> str:
        return "woman" if self.lashes >= 0.5 else "man"

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(getattr(self, name) for name in PARAMETERS)

    def distance(self, other: Face) -> float:
        """Root mean square difference of the parameters; two random faces are about 0.4 apart."""
        return (sum((a - b) ** 2 for a, b in zip(self.values, other.values)) / len(PARAMETERS)) ** 0.5


PARAMETERS = tuple(f.name for f in fields(Face))

EXPRESSIONS = ("smiling", "sad", "surprised", "angry", "sleeping")


@dataclass(frozen=True)
class Look:
    """What a person is like in one picture; None: as the face itself has it.

    expression: one of EXPRESSIONS; hair_colour: a key of HAIR_WORDS; age: "young" or "old"; accessory: its word.
    """

    expression: str | None = None
    hair_colour: str | None = None
    beard: bool | None = None
    make_up: bool | None = None
    age: str | None = None
    accessory: str | None = None


PLAIN = Look()


def sample_face(rng: random.Random) -> Face:
    """A face of the population: uniform in most parameters, with hair and beard as women and men tend to wear them."""
    values = {name: rng.random() for name in PARAMETERS}
    if rng.random() < 0.5:
        values |= {"lashes": rng.uniform(0.6, 1), "beard": 0.0, "hair_length": rng.uniform(0.3, 1)}
    else:
        values |= {"lashes": rng.uniform(0, 0.4), "hair_length": rng.uniform(0, 0.62)}
    return Face(**values)


_HAIR_PATH: tuple[Colour, ...] = (
    (34, 28, 34), (62, 40, 30), (106, 64, 34), (146, 58, 30), (206, 74, 28), (232, 138, 48), (244, 204, 92), (250, 234, 186),
)  # fmt: skip
_SKIN_PATH: tuple[Colour, ...] = ((255, 228, 212), (250, 204, 166), (230, 170, 122), (192, 126, 80), (142, 88, 56), (96, 60, 44))
_EYE_PATH: tuple[Colour, ...] = ((84, 44, 20), (190, 120, 24), (70, 168, 70), (40, 132, 226), (150, 84, 214))
GREY: Colour = (206, 206, 212)

HAIR_WORDS: dict[str, Colour] = {
    "black": (36, 30, 36), "brown": (108, 66, 36), "red": (206, 74, 28), "blond": (246, 210, 104), "gray": (168, 168, 176),
    "white": (240, 240, 242), "blue": (48, 100, 214), "green": (62, 164, 76), "pink": (246, 120, 176), "purple": (138, 70, 190),
}  # fmt: skip
"""word → RGB; the last four only as a look"""

_HAIR_BINS = ((0.15, "black"), (0.42, "brown"), (0.76, "red"), (1.01, "blond"))
_EYE_BINS = ((0.2, "brown"), (0.36, ""), (0.6, "green"), (0.85, "blue"), (1.01, ""))


def lerp(low: float, high: float, share: float) -> float:
    return low + share * (high - low)


def above(value: float, threshold: float) -> float:
    """0 up to the threshold, then rising to 1."""
    return max(0.0, (value - threshold) / (1 - threshold))


def _along(path: tuple[Colour, ...], share: float) -> Colour:
    place = min(max(share, 0.0), 1.0) * (len(path) - 1)
    first = min(int(place), len(path) - 2)
    return mix(path[first], path[first + 1], place - first)


def ageing(face: Face, look: Look) -> float:
    """Strength of the signs of age, 0..1."""
    return {"young": 0.0, "old": 1.0}[look.age] if look.age else above(face.age, 0.6)


def hair_colour(face: Face, look: Look) -> Colour:
    if look.hair_colour:
        return HAIR_WORDS[look.hair_colour]
    return mix(_along(_HAIR_PATH, face.hair_colour), GREY, 0.95 * min(1, 1.7 * ageing(face, look)))


def skin_colour(face: Face) -> Colour:
    return _along(_SKIN_PATH, face.skin)


def eye_colour(face: Face) -> Colour:
    return _along(_EYE_PATH, face.eye_colour)


def beard_amount(face: Face, look: Look) -> float:
    """0: shaven, 1: a full beard."""
    return above(face.beard, 0.5) if look.beard is None else 0.85 * look.beard


def _binned(bins: tuple[tuple[float, str], ...], value: float) -> str:
    return next(word for limit, word in bins if value < limit)


def _hair_word(face: Face, look: Look) -> str:
    if look.hair_colour:
        return look.hair_colour
    old = ageing(face, look)
    if old > 0.15:
        return "gray" if old > 0.4 else ""
    return _binned(_HAIR_BINS, face.hair_colour)


def _length_word(face: Face) -> str:
    return "bald" if face.hair_length < 0.06 else "short" if face.hair_length < 0.34 else "long" if face.hair_length > 0.6 else ""


def describe(face: Face, look: Look = PLAIN) -> dict[str, str]:
    """What a caption can say; what would be doubtful to a viewer is left out, as are colour and curls of a bald head.

    Keys: noun; age (old, young); hair_colour; hair_length (bald, short, long); hair_curl (straight, curly); eyes (a colour);
    beard (beard); freckles (freckles); expression; make_up (makeup); accessory.
    """
    old, length = ageing(face, look), _length_word(face)
    said = {
        "noun": face.noun,
        "age": look.age or ("old" if old > 0.4 else ""),
        "hair_length": length,
        "hair_colour": "" if length == "bald" else _hair_word(face, look),
        "hair_curl": "" if length == "bald" else "curly" if face.hair_curl > 0.6 else "straight" if face.hair_curl < 0.2 else "",
        "eyes": "" if look.expression == "sleeping" else _binned(_EYE_BINS, face.eye_colour),
        "beard": "beard" if beard_amount(face, look) > 0.35 else "",
        "freckles": "freckles" if face.freckles > 0.6 else "",
        "expression": look.expression or "",
        "make_up": "makeup" if look.make_up else "",
        "accessory": look.accessory or "",
    }
    return {key: word for key, word in said.items() if word}


PEOPLE_WORDS = frozenset(
    {"woman", "man", "old", "young", "bald", "short", "long", "straight", "curly", "hair", "eyes", "beard", "freckles", "makeup"}
    | set(EXPRESSIONS) | set(HAIR_WORDS)
)  # fmt: skip
"""Every word that `describe` can say, accessories apart."""
