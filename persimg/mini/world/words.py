"""The words of the drawn world: the slots of a scene, the phrases that name them, and the templates of captions.

Of every table of phrases the first phrase is the canonical one; where a slot has a default, DEFAULTS names it.
"""

from __future__ import annotations

KINDS: dict[str, tuple[str, ...]] = {
    "cat": ("kitty", "kitten"), "dog": ("puppy", "doggy"), "bird": ("birdie",), "fish": (), "rabbit": ("bunny",),
    "bear": ("teddy",), "owl": (), "frog": ("toad",), "penguin": (), "turtle": ("tortoise",), "elephant": (),
    "pig": ("piggy",), "butterfly": (), "snowman": (), "robot": ("android",),
    "car": ("automobile",), "boat": ("sailboat",), "rocket": ("spaceship",), "train": ("locomotive",), "plane": ("airplane",),
    "house": ("cottage",), "teapot": (), "backpack": ("rucksack",), "mushroom": ("toadstool",), "ball": (),
    "cup": ("mug",), "lamp": (), "clock": ("watch",), "guitar": (), "cactus": (), "umbrella": ("parasol",), "chair": (),
}  # fmt: skip
"""kind → synonyms"""

LIVING = ("cat", "dog", "bird", "fish", "rabbit", "bear", "owl", "frog", "penguin", "turtle", "elephant", "pig", "butterfly")
IN_PROFILE = ("bird", "fish", "car", "boat", "train", "plane", "turtle", "elephant", "teapot", "cup")
"""kinds drawn from the side, facing right unless a pose turns them"""

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (216, 48, 44), "orange": (245, 136, 32), "yellow": (250, 212, 48), "green": (62, 164, 76),
    "blue": (48, 100, 214), "purple": (138, 70, 190), "pink": (246, 140, 184), "brown": (134, 82, 48),
    "white": (246, 246, 242), "black": (40, 40, 46), "gray": (142, 146, 152), "teal": (30, 168, 168),
}  # fmt: skip
"""colour → RGB, 0..255"""

COLOUR_SYNONYMS = {"grey": "gray", "violet": "purple", "turquoise": "teal"}

SECOND = {
    "red": "white", "orange": "black", "yellow": "purple", "green": "yellow", "blue": "white", "purple": "yellow",
    "pink": "red", "brown": "white", "white": "black", "black": "white", "gray": "yellow", "teal": "orange",
}  # fmt: skip
"""colour → the colour of its stripes, its spots and, where none is named, its other half"""

PATTERNS: dict[str, tuple[str, ...]] = {
    "plain": ("plain",),
    "striped": ("striped", "stripy"),
    "spotted": ("spotted", "dotted"),
    "two tone": ("two tone", "two colored"),
}
"""pattern → words before the colour; the two colours of a two-tone subject can be named instead: red and white"""

POSES: dict[str, tuple[str, ...]] = {
    "standing": ("standing",),
    "jumping": ("jumping", "that is jumping", "leaping"),
    "lying": ("lying down", "that is lying down", "lying on one side"),
    "facing left": ("facing left", "turned to the left", "looking left"),
    "upside down": ("upside down", "that is upside down", "turned upside down"),
}
"""pose → phrases"""

PLACES: dict[str, tuple[str, ...]] = {
    "beach": ("on the beach", "on a beach", "at the seaside", "on the sand by the sea"),
    "forest": ("in the forest", "in a forest", "in the woods", "among trees"),
    "snow": ("in the snow", "in snow", "on snowy ground"),
    "desert": ("in the desert", "in a desert", "among dunes"),
    "city": ("in the city", "in a city", "on a street", "in the town"),
    "room": ("in a room", "in the room", "indoors", "at home"),
    "space": ("in space", "in outer space", "among stars"),
    "meadow": ("in a meadow", "in the meadow", "on a green field", "among flowers"),
    "mountain": ("in the mountains", "on a mountain", "among rocks", "with a mountain in the background"),
    "lake": ("by the lake", "by a lake", "at the lake", "on the shore of a lake"),
    "kitchen": ("in the kitchen", "in a kitchen", "on a kitchen floor"),
    "library": ("in the library", "in a library", "among books"),
    "farm": ("on the farm", "on a farm", "by a barn"),
    "castle": ("at the castle", "by a castle", "in front of a castle", "with a castle in the background"),
    "underwater": ("underwater", "under water", "at the bottom of the sea", "under the sea"),
    "jungle": ("in the jungle", "in a jungle", "among palm trees", "in the rainforest"),
}
"""place → phrases"""

ROOFED = ("room", "kitchen", "library", "space", "underwater")
"""places without weather"""

TIMES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in daylight", "during the day"),
    "morning": ("in the morning", "at dawn", "at sunrise", "early in the morning"),
    "sunset": ("at sunset", "in the evening", "at dusk"),
    "night": ("at night", "by moonlight", "in the night"),
}
"""time of day → phrases"""

WEATHERS: dict[str, tuple[str, ...]] = {
    "clear": ("clear sky", "under a clear sky", "clear weather"),
    "rain": ("in the rain", "while it rains", "rainy weather", "on a rainy day"),
    "snowfall": ("in falling snow", "while it snows", "snowy weather", "with snowflakes"),
    "fog": ("in the fog", "in fog", "foggy weather", "on a misty day"),
}
"""weather → phrases"""

ACCESSORIES: dict[str, tuple[str, ...]] = {
    "hat": ("wearing a hat", "with a hat", "in a hat"),
    "glasses": ("wearing glasses", "with glasses"),
    "scarf": ("wearing a scarf", "with a scarf", "in a scarf"),
    "crown": ("wearing a crown", "with a crown"),
    "bow": ("wearing a bow", "with a bow"),
    "headphones": ("wearing headphones", "with headphones"),
    "flower": ("wearing a flower", "with a flower"),
    "balloon": ("holding a balloon", "with a balloon"),
}
"""accessory → phrases"""

STYLES: dict[str, tuple[str, ...]] = {
    "flat": ("flat style", "in flat style", "flat illustration"),
    "outline": ("outline style", "in outline style", "line drawing", "outline drawing"),
    "pastel": ("pastel style", "in pastel style", "in pastel colors", "pastel drawing"),
    "ink": ("ink style", "in ink style", "ink drawing", "drawn with ink"),
    "pixel": ("pixel style", "in pixel style", "pixel art", "as pixel art"),
    "watercolor": ("watercolor style", "in watercolor style", "watercolor painting", "painted in watercolor"),
    "neon": ("neon style", "in neon style", "neon lights", "glowing neon"),
    "glass": ("glass style", "in glass style", "stained glass", "as stained glass"),
}
"""style → phrases; style:N is one of the held-out styles"""

MOODS: dict[str, tuple[str, ...]] = {
    "warm": ("warm mood", "in warm colors", "warm colors", "with warm light"),
    "cold": ("cold mood", "in cold colors", "cold colors", "with cold light"),
    "dark": ("dark mood", "in dark colors", "dark and gloomy", "gloomy mood"),
    "bright": ("bright mood", "in bright colors", "bright and airy", "with bright light"),
    "muted": ("muted mood", "in muted colors", "muted colors", "in soft faded colors"),
    "cheerful": ("cheerful mood", "in vivid colors", "with confetti", "cheerful and vivid"),
}
"""mood → phrases; a scene without one has its colours as they are"""

FRAMINGS: dict[str, tuple[str, ...]] = {
    "full": ("full view", "whole view"),
    "close": ("close up", "seen from close up", "seen very near", "large in the picture"),
    "wide": ("wide view", "seen from far away", "wide shot", "small in the picture"),
}
"""framing → phrases"""

RELATIONS: dict[str, tuple[str, ...]] = {
    "next to": ("and", "next to", "beside", "together with"),
    "left of": ("left of", "to the left of"),
    "right of": ("right of", "to the right of"),
    "behind": ("behind", "in back of"),
    "in front of": ("in front of", "before"),
}
"""how the first of two subjects stands to the second → phrases between them"""

DEFAULTS = {"style": "flat", "time": "day", "weather": "clear", "mood": None, "framing": "full", "relation": "next to"}
"""what a scene is where its caption says nothing; a subject is plain and standing"""

SLOTS: dict[str, dict[str, tuple[str, ...]]] = {
    "place": PLACES, "style": STYLES, "time": TIMES, "weather": WEATHERS, "mood": MOODS, "framing": FRAMINGS,
}  # fmt: skip
"""slots of the whole picture"""

SUBJECT_SLOTS: dict[str, tuple[str, ...]] = {
    "kind": tuple(KINDS), "colour": tuple(COLOURS), "pattern": tuple(PATTERNS), "accessory": tuple(ACCESSORIES), "pose": tuple(POSES),
}  # fmt: skip
"""slots of each subject that is a thing"""

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

# Most of the following occur in no caption, so that no model learned what they mean: `caption_words` tells them apart.
PATTERN_WORDS = "striped spotted belly star heart stripes spots socks mask two tail ears horns horn wings fins antenna body head patch ring rings wheels eye eyes"
TYPED_WORDS = """woman man person people girl boy lady guy face portrait image style color colored colors colour cute happy sad little big
tiny old young new beautiful simple detailed high quality best blurry ugly bad dark bright warm cold sunny night day morning evening
standing sitting flying swimming running playing next to under over near behind left right and with without of on in at by the a an my
your his her its is that this one two three it for from up down made like as no not very top side front back view full close wide
cartoon cream sketch comic poster paper blueprint chalk board woodcut lines thick thin black white shadow shadows dots cut out print drawn
rain rainy snowy fog foggy misty storm sun moon clouds sky water grass tree rock rocks book table floor wall window street road
palette soft vivid pale light mood gloomy fabric wooden rug wheat field autumn leaves background jungle mountain shiny wet"""

SPARE_WORDS = tuple(f"spare{a}{b}" for a in "abcdefgh" for b in "abcdefgh")
"""Rows of the embedding table that later versions may give a meaning."""
