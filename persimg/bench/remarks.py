"""How simulated users put what they like and dislike of a picture into words.

The grammar is independent of the parser that has to understand it (persimg.preferences.attributes): neither was written with the
other in view, so that what is measured is understanding, not agreement. Comments hedge, use slang, negate, compare, weigh a good
side against a bad one, spell the British way half of the time and mistype a word in fifty.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Sequence

TYPO = 0.02
"""share of words that are mistyped"""
COMPARES, HEDGES, SECOND_THOUGHT = 0.12, 0.3, 0.1

NAMED: dict[str, dict[str, tuple[str, ...]]] = {
    "style": {
        "flat": ("the flat look", "the flat illustration style", "how flat and simple it is drawn"),
        "outline": ("the outlines", "the line drawing", "the thin line work", "the outline style"),
        "pastel": ("the pastels", "the pastel tones", "those pastel colours"),
        "ink": ("the ink", "the inky look", "the pen and ink feel", "the ink drawing"),
        "pixel": ("the pixels", "the pixel art", "the pixelated look", "the 8-bit look"),
        "watercolor": ("the watercolour", "the watercolour washes", "the watercolour look", "it being painted in watercolour"),
        "neon": ("the neon", "the neon glow", "those neon lights", "the glowing neon thing"),
        "glass": ("the stained glass", "the stained-glass look", "the glass windows style"),
    },
    "mood": {
        "warm": ("the warm light", "the warm colours", "how warm it feels", "the warm tones", "the warmth"),
        "cold": ("the cold colours", "the cold light", "how cold it looks", "the icy tones"),
        "dark": ("how dark it is", "the gloom", "the dark mood", "the gloomy atmosphere", "the dark colours"),
        "bright": ("how bright it is", "the bright light", "the airy brightness", "the bright colours"),
        "muted": ("the muted colours", "the faded colours", "how muted it all is", "the washed-out tones"),
        "cheerful": ("the vivid colours", "the cheerful mood", "the confetti", "how cheerful it is"),
    },
    "time": {
        "day": ("the daylight", "the broad daylight", "it being daytime"),
        "morning": ("the morning light", "the dawn", "the sunrise", "the early morning feel"),
        "sunset": ("the sunset", "the evening light", "the dusk", "the sunset sky"),
        "night": ("the night", "the night scene", "the moonlight", "it being night"),
    },
    "weather": {
        "clear": ("the clear sky", "the clear weather", "the cloudless sky"),
        "rain": ("the rain", "the rainy weather", "all that rain", "the raindrops"),
        "snowfall": ("the falling snow", "the snowflakes", "the snowfall", "it snowing"),
        "fog": ("the fog", "the mist", "the foggy air", "the misty weather"),
    },
    "framing": {
        "full": ("the full view", "seeing the whole thing"),
        "close": ("the close-up", "how close up it is", "the close view"),
        "wide": ("the wide view", "the wide shot", "it being seen from far away"),
    },
    "place": {
        "beach": ("the beach", "the seaside"), "forest": ("the forest", "the woods"), "snow": ("the snowy ground", "the snow"),
        "desert": ("the desert", "the dunes"), "city": ("the city", "the street scene"), "room": ("the room", "it being indoors"),
        "space": ("the outer space setting", "the stars around it"), "meadow": ("the meadow", "the green field"),
        "mountain": ("the mountains", "the mountain behind it"), "lake": ("the lake", "the lakeside"),
        "kitchen": ("the kitchen",), "library": ("the library", "all the books"), "farm": ("the farm", "the barn"),
        "castle": ("the castle",), "underwater": ("the underwater scene", "it being under water"),
        "jungle": ("the jungle", "the rainforest"),
    },
    "pattern": {
        "plain": ("it being plain",), "striped": ("the stripes", "the stripy pattern"), "spotted": ("the spots", "the dots"),
        "two tone": ("the two-tone look", "the two colours on it"),
    },
    "colour": {},
    "accessory": {
        "hat": ("the hat",), "glasses": ("the glasses", "the specs"), "scarf": ("the scarf",), "crown": ("the crown",), "bow": ("the bow",),
        "headphones": ("the headphones",), "flower": ("the flower",), "balloon": ("the balloon",),
    },
}  # fmt: skip
"""slot → value → noun phrases; of colours see named()"""

LIKE = (
    "I love {x}", "love {x}", "I really like {x}", "{x} is lovely", "{x} works so well here", "can't get enough of {x}", "big fan of {x}",
    "{x} gets me every time", "more of {x} please", "{x} is what makes it for me", "I'm so into {x}", "I'm here for {x}", "{x} is gorgeous",
    "{x}? chef's kiss", "digging {x}", "I could look at {x} all day", "so glad about {x}", "{x} is great", "I quite like {x}", "{x} rocks",
)  # fmt: skip
DISLIKE = (
    "I don't like {x}", "not a fan of {x}", "{x} is not for me", "I could do without {x}", "{x} ruins it", "hate {x}", "{x} puts me off",
    "{x} isn't my thing", "I'm not sold on {x}", "can't stand {x}", "please lose {x}", "{x} is awful", "never cared for {x}",
    "I wish it had none of {x}", "no more of {x} please", "{x} doesn't do anything for me", "{x} just bores me", "{x} is kinda ugly",
    "I'm really tired of {x}", "{x} spoils the picture",
)  # fmt: skip
LIKE_NEGATED = ("nothing wrong with {x}", "I don't hate {x} at all", "I wouldn't want it without {x}", "can't complain about {x}")
DISLIKE_NEGATED = ("I don't love {x}", "{x} isn't exactly lovely", "{x} is not as nice as people say", "I never really liked {x}")
LIKE_MORE = ("I like {x} better than {y}", "{x} beats {y} any day", "give me {x} over {y}", "I prefer {x} to {y}")
LIKE_LESS = ("I like {y} better than {x}", "{y} would beat {x} any day", "give me {y} instead of {x}", "I prefer {y} to {x}")
JOINED_SAME = ("{a}, and {b}", "{a} and {b}", "{a}. Also {b}", "{a}, plus {b}")
JOINED_OTHER = ("{a}, but {b}", "{a} though {b}", "{a}. Still, {b}", "{a}; {b} however", "while {a}, {b}", "{a}, only {b}")
HEDGE = ("I think", "tbh", "honestly", "maybe it's just me but", "hmm,", "I guess", "not gonna lie,", "to be fair", "well,", "ok so")
NOTHING_GOOD = ("nice one", "wow", "lovely", "yes!", "ooh", "no idea why but it works", "this one", "good stuff", "neat")
NOTHING_BAD = ("meh", "nope", "next please", "hmm, no", "not sure about this one", "it's ok I guess", "nah", "pass")
ENDS = ("", "", "", ".", ".", "!", "!!", " :)", "...")
AMERICAN = {"colour": "color", "colours": "colors", "watercolour": "watercolor", "grey": "gray"}


@dataclass(frozen=True)
class Reason:
    """Why a picture is liked or not: a value of a slot that it has. rival: another value of the slot, to compare with."""

    slot: str
    value: str
    is_liked: bool
    rival: str = ""


def named(slot: str, value: str, rng: random.Random) -> str:
    if slot == "colour":
        value = "grey" if value == "gray" else value
        return rng.choice((f"the {value}", f"the {value} colour", f"it being {value}"))
    return rng.choice(NAMED[slot][value])


def remark(reasons: Sequence[Reason], is_liked: bool, rng: random.Random) -> str:
    """A comment that gives at most two reasons. is_liked: the picture as a whole, which is all that is said without a reason."""
    clauses = [clause(reason, rng) for reason in reasons[:2]]
    if not clauses:
        text = rng.choice(NOTHING_GOOD if is_liked else NOTHING_BAD)
    elif len(clauses) == 1:
        text = clauses[0]
    else:
        joins = JOINED_SAME if reasons[0].is_liked == reasons[1].is_liked else JOINED_OTHER
        text = rng.choice(joins).format(a=clauses[0], b=clauses[1])
    if clauses and rng.random() < HEDGES:
        text = f"{rng.choice(HEDGE)} {text}"
    return spelled(text, rng) + rng.choice(ENDS)


def clause(reason: Reason, rng: random.Random) -> str:
    x = named(reason.slot, reason.value, rng)
    if reason.rival and rng.random() < COMPARES:
        forms = LIKE_MORE if reason.is_liked else LIKE_LESS
        return rng.choice(forms).format(x=x, y=named(reason.slot, reason.rival, rng))
    plain, negated = (LIKE, LIKE_NEGATED) if reason.is_liked else (DISLIKE, DISLIKE_NEGATED)
    return rng.choice(negated if rng.random() < SECOND_THOUGHT else plain).format(x=x)


def spelled(text: str, rng: random.Random) -> str:
    """In one spelling, with typing errors, with a capital or without."""
    american = rng.random() < 0.5
    words = [AMERICAN.get(word, word) if american else word for word in text.split(" ")]
    text = " ".join(mistyped(word, rng) if rng.random() < TYPO else word for word in words)
    return text[:1].upper() + text[1:] if rng.random() < 0.6 else text


def mistyped(word: str, rng: random.Random) -> str:
    """Two letters in the middle are swapped, or one is doubled or left out; short words stay."""
    if len(word) < 5 or not word.isalpha():
        return word
    i = rng.randrange(1, len(word) - 2)
    return rng.choice((word[:i] + word[i + 1] + word[i] + word[i + 2 :], word[: i + 1] + word[i:], word[:i] + word[i + 1 :]))
