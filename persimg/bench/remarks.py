"""How simulated users put what they like and dislike of a picture into words.

Train users speak this grammar. Words of the parser (persimg.preferences.statement) were found by reading comments of train
users, so that how well these are understood says little; validation users speak persimg.bench.remarks_third, held-out users remarks_other,
both written without sight of the parser, and the parser without sight of the latter. Comments hedge, use slang, negate, compare, weigh a good side against a bad one,
spell the British way half of the time and mistype a word in fifty.
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
        "flat": ("the flat design", "the simple flat shapes", "the minimal flat style", "the flat graphic look"),
        "outline": ("the line art", "the contour drawing", "the drawn contours", "the outlined style"),
        "pastel": ("the pastel palette", "the soft pastel shades", "the pastel style"),
        "ink": ("the ink sketch", "the brush and ink style", "the ink strokes", "the inked style"),
        "pixel": ("the retro pixel style", "the blocky pixels", "the pixel graphics", "the old video game look"),
        "watercolor": ("the watercolour style", "the aquarelle style", "the watercolour effect", "the watercolour painting"),
        "neon": ("the neon look", "the glowing neon lines", "the neon sign vibe", "the neon style"),
        "glass": ("the stained glass effect", "the church window style", "the coloured glass look"),
    },
    "mood": {
        "warm": ("the warm glow", "the warm palette", "the cosy warm feeling", "the warm mood"),
        "cold": ("the chilly tones", "the cool palette", "the frosty feel", "the coldness"),
        "dark": ("the darkness", "the sombre mood", "the moody shadows", "the dark tones"),
        "bright": ("the brightness", "the bright airy feel", "the luminous look", "the bright tones"),
        "muted": ("the subdued colours", "the desaturated look", "the muted palette", "the dull tones"),
        "cheerful": ("the happy mood", "the festive feeling", "the joyful vibe", "the cheerful colours"),
    },
    "time": {
        "day": ("the daytime setting", "the midday light", "the daytime"),
        "morning": ("the daybreak", "the sunrise glow", "the morning mood", "the early morning light"),
        "sunset": ("the setting sun", "the sundown", "the evening mood", "the sunset glow"),
        "night": ("the night sky", "the nighttime setting", "the midnight feel", "the moonlit scene"),
    },
    "weather": {
        "clear": ("the clear skies", "the fine weather", "the sky without a cloud"),
        "rain": ("the rainfall", "the drizzle", "the downpour", "the pouring rain"),
        "snowfall": ("the snowy weather", "the snow coming down", "the flurry of snow", "the snow in the air"),
        "fog": ("the haze", "the foggy weather", "the misty air", "the layer of fog"),
    },
    "framing": {
        "full": ("the full-body framing", "the full-length view", "the uncropped view"),
        "close": ("the tight crop", "the close framing", "the zoomed-in view", "the closeup"),
        "wide": ("the distant view", "the wide framing", "the zoomed-out view", "the panoramic view"),
    },
    "place": {
        "beach": ("the sandy shore", "the seashore", "the beach setting"), "forest": ("the woodland", "the forest trees"),
        "snow": ("the snow-covered ground", "the snowy landscape", "the wintry landscape"),
        "desert": ("the sand dunes", "the desert landscape"), "city": ("the urban setting", "the skyline", "the city buildings"),
        "room": ("the indoor setting", "the interior", "the living room"), "space": ("the galaxy", "the cosmic backdrop", "the planets"),
        "meadow": ("the grassy field", "the grassland", "the wildflower meadow"), "mountain": ("the peaks", "the alpine scenery"),
        "lake": ("the lake shore", "the calm lake"), "kitchen": ("the kitchen setting", "the kitchen counter"),
        "library": ("the bookshelves", "the library setting"), "farm": ("the farmyard", "the farm setting"),
        "castle": ("the castle walls", "the old fortress"), "underwater": ("the underwater world", "the ocean depths", "the sea floor"),
        "jungle": ("the tropical jungle", "the jungle plants"),
    },
    "pattern": {
        "plain": ("the plain surface", "the single solid colour", "the plain look"),
        "striped": ("the striped pattern", "the striped look", "the striping"),
        "spotted": ("the polka dots", "the speckles", "the spotted pattern"),
        "two tone": ("the two-coloured look", "the half-and-half colouring", "the two-tone pattern"),
    },
    "colour": {},
    "accessory": {
        "hat": ("that hat", "the little hat"), "glasses": ("the spectacles", "those glasses"), "scarf": ("that scarf", "the woolly scarf"),
        "crown": ("that crown", "the royal crown"), "bow": ("that bow", "the little bow", "the ribbon"),
        "headphones": ("the headset", "those headphones"), "flower": ("that flower", "the little flower", "the blossom"),
        "balloon": ("that balloon", "the party balloon"),
    },
}  # fmt: skip
"""slot → value → noun phrases, singular or plural; of colours see named()"""

LIKE = (
    "I adore {x}", "{x} won me over", "such a sucker for {x}", "very pleased with {x}", "I find {x} very beautiful", "obsessed with {x}",
    "{x} really made me smile", "thank you for {x}", "it could use even more of {x}", "please keep {x}", "the best part is {x}",
    "my favourite thing here is {x}", "the composition gains a lot from {x}", "I very much enjoy {x}", "{x} can definitely stay",
    "I'd hang this on my wall just for {x}", "props for {x}", "what a treat to see {x}", "yay for {x}", "I'd be happy to see {x} again",
    "{x} = perfect", "omg {x} <3", "I appreciate {x} a lot", "I like so much {x}", "{x} added so much charm", "charmed by {x}",
    "can we have more pictures with {x}", "you nailed it with {x}", "10/10 for {x}", "there should be more of {x}",
)  # fmt: skip
DISLIKE = (
    "would be nicer without {x}", "{x} should go", "I dislike {x}", "less of {x} would help", "get rid of {x}", "so over {x}",
    "{x} bothered me a bit", "I find {x} unpleasant", "sadly {x} let it down", "I'd rather not see {x}", "ugh, {x}", "{x} = yuck",
    "could you leave out {x} next time", "no thank you to {x}", "what a pity about {x}", "the weak point is {x}", "not feeling {x}",
    "the composition suffers from {x}", "I have a problem with {x}", "I don't enjoy {x}", "I've had enough of {x}", "thumbs down for {x}",
    "{x} gave me the ick", "too much of {x} for my taste", "kindly remove {x}", "wish you had skipped {x}", "annoyed by {x}",
    "I do not like so much {x}", "it didn't need {x}", "there should be less of {x}",
)  # fmt: skip
LIKE_NEGATED = (
    "I don't mind {x} one bit", "it wouldn't be the same without {x}", "I never get bored of {x}", "I have no objection to {x}",
    "{x} didn't disappoint", "don't ever take away {x}", "you can't go wrong with {x}",
)  # fmt: skip
DISLIKE_NEGATED = (
    "I'm not too keen on {x}", "I can't say I enjoy {x}", "{x} didn't win me over", "I wouldn't miss {x}", "not very happy with {x}",
    "I don't see the appeal of {x}", "{x} didn't really impress me",
)  # fmt: skip
LIKE_MORE = (
    "{x} > {y}", "I'd pick {x} before {y}", "rather {x} than {y}", "{x} worked better for me than {y} would",
    "so much nicer with {x} than with {y}", "glad you went for {x} instead of {y}",
)  # fmt: skip
LIKE_LESS = (
    "I would have chosen {y} over {x}", "I'd swap {x} for {y}", "should have been {y} rather than {x}",
    "{y} would suit me more than {x}", "replace {x} with {y} please", "I was hoping for {y}, not {x}",
)  # fmt: skip
JOINED_SAME = ("{a}; {b}", "{a}, and on top of that {b}", "{a} & {b}", "{a}. Besides, {b}", "{a}, oh and {b}", "{a}. {b}")
JOINED_OTHER = (
    "{a}, yet {b}", "{a}. On the other hand, {b}", "{a}. That said, {b}", "{a}... then again, {b}", "{a}; {b}, mind you",
    "{a}, although {b}",
)  # fmt: skip
HEDGE = (
    "imo", "personally,", "to be honest,", "ngl", "for me,", "if you ask me,", "in my opinion,", "idk,", "just my taste, but", "um,",
    "I must say,", "frankly,", "looking at it again,", "sorry, I'm no expert but",
)  # fmt: skip
NOTHING_GOOD = ("beautiful", "so pretty", "yep", "aww", "keeper", "made my day", "very well done", "this is the one", "me likes")
NOTHING_BAD = ("no", "not my taste", "skip", "boring", "doesn't speak to me", "bleh", "I don't see it", "could be better")
ENDS = ("", "", "", ".", ".", "…", " lol", " haha", ", just saying")
AMERICAN = {
    "colour": "color", "colours": "colors", "coloured": "colored", "colouring": "coloring", "watercolour": "watercolor",
    "two-coloured": "two-colored", "grey": "gray", "favourite": "favorite", "cosy": "cozy", "sombre": "somber",
}  # fmt: skip


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
        return rng.choice((f"that {value}", f"that shade of {value}", f"the {value} colouring"))
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
