"""The words of the drawn world: kinds, colours, places, accessories, styles, their synonyms and templates."""

from __future__ import annotations

KINDS: dict[str, tuple[str, ...]] = {
    "cat": ("kitty", "kitten"),
    "dog": ("puppy", "doggy"),
    "bird": ("birdie",),
    "fish": (),
    "rabbit": ("bunny",),
    "bear": ("teddy",),
    "owl": (),
    "robot": ("android",),
    "car": ("automobile",),
    "house": ("cottage",),
    "teapot": (),
    "boat": ("sailboat",),
    "rocket": ("spaceship",),
    "backpack": ("rucksack",),
    "mushroom": ("toadstool",),
    "ball": (),
}
"""kind → synonyms"""

LIVING = ("cat", "dog", "bird", "fish", "rabbit", "bear", "owl")

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (216, 48, 44),
    "orange": (245, 136, 32),
    "yellow": (250, 212, 48),
    "green": (62, 164, 76),
    "blue": (48, 100, 214),
    "purple": (138, 70, 190),
    "pink": (246, 140, 184),
    "brown": (134, 82, 48),
    "white": (246, 246, 242),
    "black": (40, 40, 46),
    "gray": (142, 146, 152),
    "teal": (30, 168, 168),
}
"""colour → RGB, 0..255"""

COLOUR_SYNONYMS = {"grey": "gray", "violet": "purple", "turquoise": "teal"}

PLACES: dict[str, tuple[str, ...]] = {
    "beach": ("on the beach", "on a beach", "at the seaside", "on the sand by the sea"),
    "forest": ("in the forest", "in a forest", "in the woods", "among trees"),
    "snow": ("in the snow", "in snow", "on a snowy mountain"),
    "desert": ("in the desert", "in a desert", "among dunes"),
    "city": ("in the city", "in a city", "on a street", "in the town"),
    "room": ("in a room", "in the room", "indoors", "at home"),
    "space": ("in space", "in outer space", "among stars"),
    "meadow": ("in a meadow", "in the meadow", "on a green field", "among flowers"),
}
"""place → phrases; the first is the canonical one"""

ACCESSORIES: dict[str, tuple[str, ...]] = {
    "hat": ("wearing a hat", "with a hat", "in a hat"),
    "glasses": ("wearing glasses", "with glasses"),
    "scarf": ("wearing a scarf", "with a scarf", "in a scarf"),
    "crown": ("wearing a crown", "with a crown"),
    "bow": ("wearing a bow", "with a bow"),
}
"""accessory → phrases; the first is the canonical one"""

STYLES: dict[str, tuple[str, ...]] = {
    "flat": ("flat style", "in flat style", "flat illustration"),
    "outline": ("outline style", "in outline style", "line drawing", "outline drawing"),
    "pastel": ("pastel style", "in pastel style", "in pastel colors", "pastel drawing"),
    "night": ("night style", "at night", "by moonlight"),
}
"""style → phrases; the first is the canonical one"""

OBJECT_TEMPLATES = (
    "a photo of a {}", "a rendering of a {}", "a cropped photo of the {}", "the photo of a {}",
    "a photo of a clean {}", "a photo of a dirty {}", "a dark photo of the {}", "a photo of my {}",
    "a photo of the cool {}", "a close-up photo of a {}", "a bright photo of the {}",
    "a cropped photo of a {}", "a photo of the {}", "a good photo of the {}", "a photo of one {}",
    "a close-up photo of the {}", "a rendition of the {}", "a photo of the clean {}",
    "a rendition of a {}", "a photo of a nice {}", "a good photo of a {}", "a photo of the nice {}",
    "a photo of the small {}", "a photo of the weird {}", "a photo of the large {}",
    "a photo of a cool {}", "a photo of a small {}",
)  # fmt: skip
"""The object templates of Gal et al. 2022, arXiv:2208.01618, appendix."""

STYLE_TEMPLATES = (
    "a painting in the style of {}", "a rendering in the style of {}", "a cropped painting in the style of {}",
    "the painting in the style of {}", "a clean painting in the style of {}", "a dirty painting in the style of {}",
    "a dark painting in the style of {}", "a picture in the style of {}", "a cool painting in the style of {}",
    "a close-up painting in the style of {}", "a bright painting in the style of {}",
    "a cropped painting in the style of {}", "a good painting in the style of {}",
    "a close-up painting in the style of {}", "a rendition in the style of {}", "a nice painting in the style of {}",
    "a small painting in the style of {}", "a weird painting in the style of {}",
    "a large painting in the style of {}",
)  # fmt: skip
"""The style templates of the same paper."""

FRAMES = ("a drawing of {}", "a picture of {}", "an illustration of {}", "an image of {}", "a photo of {}", "a cartoon of {}")
"""Ways to begin a caption around a subject that brings its own article."""

RARE_WORDS = ("sks", "zwx", "ohwx", "vrq", "tok", "xqz", "plk", "bnr")
"""Words without meaning, which no caption contains: names for what DreamBooth learns."""

_PATTERN_WORDS = "striped spotted belly star heart stripes spots socks mask two tail ears horns horn wings fins antenna body head patch ring rings wheels eye eyes"
_TYPED_WORDS = """woman man person people girl boy face portrait image style color colored colors colour cute happy sad little big
tiny old young new beautiful simple detailed high quality best blurry ugly bad dark bright warm cold sunny night day morning evening
standing sitting flying swimming running playing next to under over near behind left right and with without of on in at by the a an my
your his her its is that this one two three it for from up down made like as no not very top side front back view full close wide"""

SPARE_WORDS = tuple(f"spare{a}{b}" for a in "abcdefgh" for b in "abcdefgh")
"""Rows of the embedding table that later versions may give a meaning."""


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in text.replace("{}", " ").replace(",", " ").replace("-", " ").split()}


def vocabulary() -> tuple[str, ...]:
    """Every word that a caption, a template or a description can contain, sorted; rare and spare words at the end."""
    synonyms = [word for words in KINDS.values() for word in words]
    phrases = [p for table in (PLACES, ACCESSORIES, STYLES) for name, ps in table.items() for p in (name, *ps)]
    words = _words(*KINDS, *synonyms, *COLOURS, *COLOUR_SYNONYMS, *phrases, *FRAMES)
    words |= _words(*OBJECT_TEMPLATES, *STYLE_TEMPLATES, _PATTERN_WORDS, _TYPED_WORDS)
    return (*sorted(words - set(RARE_WORDS)), *RARE_WORDS, *SPARE_WORDS)


VOCABULARY = vocabulary()
