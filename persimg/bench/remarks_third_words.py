"""Names and sentences of the third grammar of comments: see remarks_third.py."""

from __future__ import annotations

NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "style": {
        "flat": ("the flat style", "the flat look", "that flat illustration style", "the flat colouring", "the flat graphic look", "the flat shapes*", "the flat design", "this flat vector look"),
        "outline": ("the outline style", "the line drawing", "the outlines*", "those bare outlines*", "the line art", "the colouring-book look", "the linework", "the outline drawing"),
        "pastel": ("the pastels*", "the pastel style", "the pastel colours*", "those pastel tones*", "the pastel look", "this chalky pastel look", "the pastel shades*", "the pastel palette"),
        "ink": ("the ink", "the ink drawing", "the ink style", "the inky look", "that pen-and-ink look", "the inked lines*", "the ink work", "those ink strokes*"),
        "pixel": ("the pixels*", "the pixel art", "the pixel style", "the pixelated look", "those chunky pixels*", "the 8-bit look", "the retro pixel look", "that blocky pixel style"),
        "watercolor": ("the watercolour", "the watercolour style", "the watercolours*", "the watercolour look", "that watercolour wash", "the watercolour painting", "the watery brushwork", "the watercolour effect"),
        "neon": ("the neon", "the neon look", "the neon lights*", "that neon glow", "those glowing neon lines*", "the neon style", "the neon effect", "all this neon"),
        "glass": ("the stained glass", "the stained-glass look", "the stained glass style", "that church-window look", "the glass panes*", "those stained-glass pieces*", "the leaded glass effect", "the stained glass effect"),
    },
    "mood": {
        "warm": ("the warm colours*", "the warm mood", "the warmth", "those warm tones*", "the warm light", "that warm glow", "the warm palette", "the warm atmosphere"),
        "cold": ("the cold colours*", "the cold mood", "the coldness", "those cold tones*", "the cold light", "that chilly palette", "the icy tones*", "the cool tones*"),
        "dark": ("the dark colours*", "the dark mood", "the gloom", "those dark tones*", "the gloomy mood", "that sombre palette", "the darkness of the palette", "the moody darkness"),
        "bright": ("the bright colours*", "the bright mood", "the brightness", "the bright light", "that bright and airy feel", "the bright airy look", "those bright tones*", "the airy brightness"),
        "muted": ("the muted colours*", "the muted mood", "the faded colours*", "those muted tones*", "the soft faded look", "the muted palette", "that faded palette", "the toned-down colours*"),
        "cheerful": ("the cheerful mood", "the confetti", "the vivid colours*", "that party feel", "the cheerfulness", "those vivid cheerful colours*", "the festive mood", "the cheerful palette"),
    },
    "time": {
        "day": ("the daylight", "the daytime setting", "the broad daylight", "that midday light", "the daytime scene", "the daytime light", "the plain daylight"),
        "morning": ("the morning light", "the sunrise", "the dawn", "that early morning feel", "the morning scene", "the dawn sky", "this early-morning light", "the morning atmosphere"),
        "sunset": ("the sunset", "the evening light", "the dusk", "that sunset sky", "the sunset scene", "those sunset hues*", "the evening sky", "the setting sun"),
        "night": ("the night", "the night sky", "the moonlight", "the night scene", "that nighttime setting", "the nocturnal setting", "the moonlit scene", "the night-time view"),
    },
    "weather": {
        "clear": ("the clear sky", "the clear weather", "that cloudless sky", "the clear skies*", "the fair weather", "the fine weather", "this clear open sky"),
        "rain": ("the rain", "the rainy weather", "all that rain", "the rainy day", "those raindrops*", "the pouring rain", "the drizzle", "the wet weather"),
        "snowfall": ("the falling snow", "the snowfall", "the snowflakes*", "those snowflakes*", "the snowy weather", "the drifting flakes*", "this flurry of snow", "the snow coming down"),
        "fog": ("the fog", "the mist", "the foggy weather", "that haze", "all this fog", "the misty air", "the misty weather", "the foggy atmosphere"),
    },
    "framing": {
        "full": ("the full view", "the whole view", "the framing that shows it all", "the view of the whole thing", "the full-length view", "that full-figure framing", "the full shot"),
        "close": ("the close-up", "the close up", "the tight crop", "the close framing", "that close-up view", "the nearness to the subject", "the zoomed-in view", "this tight framing"),
        "wide": ("the wide view", "the wide shot", "the distant view", "the zoomed-out view", "that wide framing", "the faraway view", "the small subject in a big scene", "the wide angle"),
    },
    "place": {
        "beach": ("the beach", "the beach scene", "the seaside", "that sandy shore", "the sand and sea", "the beach setting", "the seaside setting", "this sandy beach"),
        "forest": ("the forest", "the woods*", "the trees*", "the woodland", "that woodland scene", "the forest setting", "those forest trees*", "the forest backdrop"),
        "snow": ("the snowy ground", "the wintry scene", "the snowy landscape", "the snow on the ground", "that winter landscape", "the snow-covered ground", "the snowy setting", "the snowy backdrop"),
        "desert": ("the desert", "the dunes*", "the desert scene", "those sand dunes*", "the desert setting", "that dry desert landscape", "the desert backdrop", "the cactus-country setting"),
        "city": ("the city", "the street", "the city street", "that urban setting", "the town", "the city backdrop", "the buildings*", "the street scene"),
        "room": ("the room", "the indoor setting", "the interior", "that homely room", "the indoor scene", "the living-room setting", "this room"),
        "space": ("the outer space", "the space setting", "the stars and planets*", "the galaxy", "the starry cosmos", "that outer-space backdrop", "the cosmic setting", "the space scene"),
        "meadow": ("the meadow", "the green field", "the grassy field", "that flowery meadow", "the meadow scene", "the field of flowers", "the meadow setting", "this green meadow"),
        "mountain": ("the mountains*", "the mountain", "the rocky peaks*", "that alpine scenery", "the mountain backdrop", "those peaks*", "the mountain landscape", "the mountain scene"),
        "lake": ("the lake", "the lakeside", "the lake shore", "that lakeside setting", "the lake in the background", "the lake scene", "the lakeside view", "this lake"),
        "kitchen": ("the kitchen", "the kitchen setting", "that kitchen scene", "the kitchen floor", "the kitchen backdrop", "the kitchen interior", "this kitchen"),
        "library": ("the library", "the books*", "the bookshelves*", "that bookish setting", "the shelves of books*", "the library setting", "those rows of books*", "the library backdrop"),
        "farm": ("the farm", "the barn", "the farmyard", "that rural farm setting", "the farm scene", "the farm backdrop", "the barnyard", "this farm"),
        "castle": ("the castle", "the castle in the background", "the castle backdrop", "that fairytale castle", "the castle walls*", "those castle towers*", "the medieval castle", "the castle setting"),
        "underwater": ("the underwater scene", "the underwater setting", "the sea floor", "that undersea world", "the bottom of the sea", "the deep-sea setting", "the underwater world", "this underwater backdrop"),
        "jungle": ("the jungle", "the rainforest", "the palm trees*", "that tropical jungle", "the jungle scene", "those palm trees*", "the jungle setting", "the jungle backdrop"),
    },
    "pattern": {
        "plain": ("the plain look", "the solid colour", "the plain colouring", "the plain surface", "the single solid colour", "that plain finish", "the unpatterned look"),
        "striped": ("the stripes*", "those stripes*", "the stripy look", "the striped pattern", "that stripy pattern", "the striping", "all those stripes*", "the zebra-like stripes*"),
        "spotted": ("the spots*", "those dots*", "the polka dots*", "the spotted pattern", "that dotted pattern", "the spotty look", "all those spots*", "the dots*"),
        "two tone": ("the two-tone look", "the two tones*", "the two-coloured look", "those two colours*", "the half-and-half colouring", "that two-tone pattern", "the two tone design", "the two-colour split"),
    },
    "colour": {
        "red": ("the red", "that red", "the red colour", "the scarlet", "the crimson shade", "all the red", "the red tone", "the bold red"),
        "orange": ("the orange", "that orange", "the orange colour", "the orange tone", "the tangerine shade", "all the orange", "the pumpkin orange"),
        "yellow": ("the yellow", "that yellow", "the yellow colour", "the lemon yellow", "the yellow tone", "all the yellow", "the canary yellow"),
        "green": ("the green", "that green", "the green colour", "the emerald", "the leafy green", "the green shade", "all the green"),
        "blue": ("the blue", "that blue", "the blue colour", "the cobalt blue", "the royal blue", "the blue shade", "all the blue"),
        "purple": ("the purple", "that purple", "the violet", "the purple colour", "the purple shade", "all the purple", "the violet tone"),
        "pink": ("the pink", "that pink", "the pink colour", "the pink shade", "all the pink", "the rosy pink", "the candy pink", "the bubblegum pink"),
        "brown": ("the brown", "that brown", "the brown colour", "the chocolate brown", "the brown shade", "all the brown", "the earthy brown"),
        "white": ("the white", "that white", "the white colour", "the pure white", "all the white", "the whiteness", "the milky white"),
        "black": ("the black", "that black", "the black colour", "the jet black", "all the black", "the solid black", "the pitch black"),
        "gray": ("the grey", "that grey", "the grey colour", "the slate grey", "the grey shade", "all the grey", "the silvery grey"),
        "teal": ("the teal", "that teal", "the turquoise", "the teal colour", "the teal shade", "all the teal", "the turquoise tone"),
    },
    "accessory": {
        "hat": ("the hat", "that hat", "the little hat", "the headgear", "this hat", "the tiny hat", "the hat on top"),
        "glasses": ("the glasses*", "those glasses*", "the specs*", "the spectacles*", "the eyeglasses*", "the pair of glasses", "the round glasses*"),
        "scarf": ("the scarf", "that scarf", "the woolly scarf", "the little scarf", "this scarf", "the scarf round the neck", "the knitted scarf"),
        "crown": ("the crown", "that crown", "the little crown", "the royal crown", "this crown", "the golden crown", "the crown on the head"),
        "bow": ("the bow", "that bow", "the little bow", "the ribbon bow", "this bow", "the bow tie thing", "the tied bow"),
        "headphones": ("the headphones*", "those headphones*", "the headset", "the earphones*", "these headphones*", "the pair of headphones", "the big headphones*"),
        "flower": ("the flower", "that flower", "the little flower", "the blossom", "this flower", "the flower it wears", "the single flower"),
        "balloon": ("the balloon", "that balloon", "the little balloon", "the balloon on a string", "this balloon", "the party balloon", "the floating balloon"),
    },
    "pose": {
        "standing": ("the standing pose", "the upright pose", "the way it stands", "that standing position"),
        "jumping": ("the jump", "the jumping pose", "that leap", "the leaping pose", "the way it jumps"),
        "lying": ("the lying pose", "the way it lies there", "that lying-down pose", "the reclining pose"),
        "facing left": ("the left-facing pose", "the way it faces left", "the turn to the left", "that look to the left"),
        "upside down": ("the upside-down pose", "the headstand", "that upside down thing", "the way it hangs upside down"),
    },
}  # fmt: skip
"""slot → value → names; an asterisk ends a plural"""

ADJECTIVES: dict[str, dict[str, tuple[str, ...]]] = {
    "style": {"pixel": ("pixelated", "pixelly"), "neon": ("neon",), "pastel": ("pastel",), "flat": ("flat",), "ink": ("inky",)},
    "mood": {
        "warm": ("warm", "warm-toned"), "cold": ("cold", "chilly", "cool-toned"), "dark": ("dark", "gloomy", "sombre"),
        "bright": ("bright", "bright and airy"), "muted": ("muted", "faded", "toned down"), "cheerful": ("cheerful", "festive", "vivid"),
    },
    "weather": {"rain": ("rainy", "wet"), "snowfall": ("full of snowflakes",), "fog": ("foggy", "misty", "hazy")},
    "framing": {"close": ("close", "close up", "zoomed in", "tightly cropped"), "wide": ("far away", "zoomed out", "distant")},
    "place": {"city": ("urban",), "snow": ("wintry",), "jungle": ("jungly",)},
    "pattern": {"plain": ("plain",), "striped": ("stripy", "stripey", "striped"), "spotted": ("spotty", "dotty", "spotted")},
    "colour": {c: (c,) for c in ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "white", "black", "gray", "teal")},
}  # fmt: skip
"""slot → value → what a picture with it is; for frames with too, how and so"""

BARE: dict[str, dict[str, tuple[str, ...]]] = {
    "style": {
        "flat": ("flat design", "flat illustration"), "outline": ("line art", "outlines*"), "pastel": ("pastels*", "pastel colours*"),
        "ink": ("ink", "ink drawings*"), "pixel": ("pixel art", "pixels*"), "watercolor": ("watercolour", "watercolours*"),
        "neon": ("neon", "neon lights*"), "glass": ("stained glass",),
    },
    "mood": {
        "warm": ("warm colours*", "warm light"), "cold": ("cold colours*", "cold light"), "dark": ("gloom", "dark colours*"),
        "bright": ("bright colours*", "bright light"), "muted": ("muted colours*", "faded tones*"), "cheerful": ("confetti", "vivid colours*"),
    },
    "time": {"day": ("daylight",), "morning": ("morning light", "sunrises*"), "sunset": ("sunsets*", "evening light"), "night": ("moonlight", "night scenes*")},
    "weather": {"clear": ("clear skies*", "clear weather"), "rain": ("rain", "rainy days*"), "snowfall": ("falling snow", "snowflakes*"), "fog": ("fog", "mist")},
    "framing": {"full": ("full views*",), "close": ("close-ups*", "close ups*"), "wide": ("wide shots*", "wide views*")},
    "place": {
        "beach": ("beaches*", "beach scenes*"), "forest": ("forests*", "woodland"), "snow": ("snowy landscapes*", "winter landscapes*"),
        "desert": ("deserts*", "dunes*"), "city": ("city streets*", "city scenes*"), "room": ("indoor scenes*", "interiors*"),
        "space": ("outer space", "space scenes*"), "meadow": ("meadows*", "green fields*"), "mountain": ("mountains*", "mountain scenery"),
        "lake": ("lakes*", "lakeside views*"), "kitchen": ("kitchens*", "kitchen scenes*"), "library": ("libraries*", "bookshelves*"),
        "farm": ("farms*", "farmyards*"), "castle": ("castles*",), "underwater": ("underwater scenes*",), "jungle": ("jungles*", "jungle scenes*"),
    },
    "pattern": {"plain": ("plain colours*", "plain surfaces*"), "striped": ("stripes*",), "spotted": ("spots*", "polka dots*", "dots*"), "two tone": ("two-tone things*", "two-tone designs*")},
    "colour": {c: (n,) for c, n in zip(
        ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "white", "black", "gray", "teal"),
        ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "white", "black", "grey", "teal"), strict=True)},
    "accessory": {
        "hat": ("hats*",), "glasses": ("glasses*", "specs*"), "scarf": ("scarves*",), "crown": ("crowns*",), "bow": ("bows*",),
        "headphones": ("headphones*",), "flower": ("flowers in the hair*",), "balloon": ("balloons*",),
    },
}  # fmt: skip
"""slot → value → names without an article, for frames of habit"""

LIKE = (
    "I love {n}", "I really like {n}", "I adore {n}", "I enjoy {n}", "{n} lift{s} the whole picture", "{n} elevate{s} this",
    "{n} {is} gorgeous", "{n} {is} lovely", "{n} {is} delightful", "{n} {is} soothing to look at", "{n} {is} a joy",
    "{n} {is} absolutely beautiful", "{n} {is} stunning", "{n} {is} spot on", "{n} {is} just right", "{n} {is} a nice touch",
    "{n} {is} so charming", "{n} {is} what sells it for me", "{n} work{s} beautifully", "{n} work{s} a treat", "{n} work{s} really well here",
    "{n} make{s} me smile", "{n} make{s} this one special", "{n} make{s} my day", "{n} make{s} the picture", "{n} won me over",
    "{n} bring{s} the whole thing to life", "{n} add{s} so much charm", "{n} add{s} real character", "{n} give{s} it a wonderful feel",
    "{n} give{s} the picture its magic", "{n} suit{s} it perfectly", "{n} hit{s} the spot", "{n} really shine{s}", "{n} sing{s}",
    "{n} {is} easy on the eye", "{n} {is} a real treat", "{n} {is} very pleasing", "{n} {is} so pretty", "{n} {is} adorable",
    "{n} {is} the best part", "{n} {is} my favourite bit", "{n} {does} it for me", "{n} {has} my heart", "{n} {has} such appeal",
    "{n} tick{s} all my boxes", "{n} {is} right up my street", "{n} {is} exactly my thing", "{n} {is} a winner", "{n} {is} a big plus",
    "I'm a sucker for {n}", "I'm really taken with {n}", "I'm all for {n}", "I'm charmed by {n}", "I'm delighted with {n}",
    "I fell for {n} straight away", "I could look at {n} all day", "I'm glad you went with {n}", "I appreciate {n}", "I have a soft spot for {n}",
    "my eye goes happily to {n}", "what a treat {n} {is}", "it's {n} that make{s} this so good", "what I like best is {n}", "what wins me over is {n}",
    "you nailed it with {n}", "{n} tie{s} it all together nicely", "{n} {is} a stroke of genius", "{n} {is} very tasteful", "{n} look{s} fantastic",
    "{n} look{s} really classy", "{n} feel{s} so cosy and inviting", "{n} calm{s} me right down", "{n} draw{s} me in", "{n} warm{s} my heart",
    "the picture gains a lot from {n}", "this wins thanks to {n}", "my mum would love {n} as much as I do", "{n} deserve{s} a round of applause", "{n} {is} pure joy",
    "we all loved {n}", "{n} reward{s} a long look", "{n} strike{s} just the right note", "{n} bring{s} back happy memories", "the kids squealed with joy at {n}",
    "{n} flatter{s} the subject", "{n} enhance{s} everything", "{n} enrich{es} it", "{n} {is} refreshing", "{n} {is} elegant", "{n} {is} a breath of fresh air",
    "{n} {is} cute as a button", "{n} {is} handled with such skill", "{n} {is} yummy", "{n} {is} top notch", "{n} {is} well judged", "{n} put{s} me in a good mood", "{n} {is} bang on", "{n} look{s} great", "{n} {is} chef's kiss",
)  # fmt: skip

LIKE_FRAGMENTS = (
    "big yes to {n}", "bought it mostly for {n}", "props to the artist for {n}", "hats off for {n}", "full marks for {n}", "thumbs up for {n}", "love {n}", "loving {n}", "adore {n}", "kudos for {n}", "ten out of ten for {n}",
    "bravo for {n}", "so happy with {n}", "really digging {n}", "great call on {n}", "here for {n}", "very fond of {n}", "please keep {n}",
    "keep {n}, {theyre} perfect", "extra points for {n}", "hooray for {n}", "wow, {n}! beautiful", "{n} = perfection", "{n}? yes please",
    "{n}: lovely", "{n}, what a delight", "five stars for {n}", "more of {n} please", "can't get enough of {n}", "can't stop admiring {n}",
)  # fmt: skip

DISLIKE = (
    "I hate {n}", "I really dislike {n}", "I can't stand {n}", "I detest {n}", "{n} spoil{s} it", "{n} spoil{s} the whole picture",
    "{n} drag{s} it down", "{n} let{s} it down", "{n} ruin{s} it for me", "{n} {is} garish", "{n} {is} tacky", "{n} {is} ugly",
    "{n} {is} off-putting", "{n} {is} tiring to look at", "{n} grate{s} on me", "{n} {is} clumsy", "{n} look{s} cheap", "{n} look{s} awful",
    "{n} look{s} out of place", "{n} look{s} wrong", "{n} feel{s} forced", "{n} feel{s} like a mistake", "{n} {is} an eyesore", "{n} hurt{s} my eyes",
    "{n} bore{s} me", "{n} {is} so dull", "{n} {is} dreadful", "{n} {is} horrible", "{n} {is} a letdown", "{n} {is} a turn-off",
    "{n} put{s} me off", "{n} kill{s} it for me", "{n} kill{s} the picture", "{n} wreck{s} the composition", "{n} cheapen{s} the whole thing", "{n} clash{es} horribly",
    "{n} jar{s}", "{n} bother{s} me", "{n} annoy{s} me", "{n} irritate{s} me no end", "{n} distract{s} from everything else", "{n} get{s} on my nerves",
    "{n} leave{s} me cold", "{n} {is} way over the top", "{n} {is} too much", "{n} {is} the weak point", "{n} {is} the worst part", "{n} {is} a dealbreaker",
    "{n} {is} a big minus", "{n} {has} to go", "{n} need{s} to go", "{n} take{s} away all the charm", "{n} make{s} me wince", "{n} make{s} me want to scroll on",
    "{n} make{s} it look amateurish", "{n} make{s} it unpleasant", "{n} fall{s} flat for me", "{n} miss{es} the mark", "{n} {is} unappealing", "{n} {is} rather grim, and I mean that as a complaint",
    "I could do without {n}", "I wish you had left out {n}", "I'm put off by {n}", "I'm fed up with {n}", "I'm tired of {n}", "I'm allergic to {n}",
    "I'd get rid of {n}", "I'd lose {n}", "I would scrap {n}", "I struggle with {n}", "I regret {n}", "I wince at {n}",
    "what bugs me is {n}", "what lets it down is {n}", "it's {n} that wreck{s} this", "the picture suffers from {n}", "it's a pity about {n}", "it's a shame about {n}",
    "my problem with it is {n}", "the trouble is {n}", "{n} {is} plain nasty", "{n} stick{s} out like a sore thumb", "{n} {is} cringey", "{n} {is} tasteless",
    "{n} {is} a sorry sight", "{n} undermine{s} the whole idea", "{n} detract{s} from the rest", "{n} strike{s} a false note", "{n} mar{s} it", "{n} overwhelm{s} the rest",
    "{n} {is} a headache", "{n} {is} crude", "{n} {is} hard on the eye", "{n} {is} a misstep", "{n} {is} lifeless", "{n} {is} unbearable", "{n} depress{es} me",
    "the kids made a face at {n}", "{n} weaken{s} the composition", "{n} {is} rather ghastly", "{n} {is} half-baked", "{n} creep{s} me out", "you went wrong with {n}", "whoever picked {n} should rethink", "we all found {n} hideous", "{n} sour{s} the mood", "{n} {is} overbearing",
)  # fmt: skip

DISLIKE_FRAGMENTS = (
    "big no to {n}", "sent it back because of {n}", "points lost for {n}", "sorry, but {n} {is} a no", "thumbs down for {n}", "hate {n}", "ugh, {n}", "yuck, {n}", "lose {n}", "ditch {n}", "please drop {n}", "get rid of {n}", "marks off for {n}",
    "shame about {n}", "pity about {n}", "minus a star for {n}", "enough of {n} already", "sick of {n}", "{n}? no thanks", "{n}? hard pass",
    "{n}: awful", "{n}, what a mess", "had to look away because of {n}", "less of {n} please", "put off by {n}", "away with {n}", "really bugged by {n}",
    "meh about {n}", "can't bear {n}", "can't warm to {n}",
)  # fmt: skip

LIKE_NEGATED = (
    "I can't fault {n}", "I have no complaints about {n}", "{n} {isnt} bad at all", "{n} {does} not disappoint", "there's nothing wrong with {n}",
    "you can't go wrong with {n}", "nobody could dislike {n}", "I wouldn't change a thing about {n}", "never get rid of {n}", "I can't get enough of {n}",
    "it wouldn't be half as good without {n}", "I wouldn't want to miss {n}", "I've never seen {n} done better", "nothing beats {n}",
    "{n} never fail{s} to please", "{n} couldn't be nicer", "don't you dare change {n}", "I have nothing against {n}, quite the contrary",
    "I don't think {n} could be improved", "it's hard not to love {n}",
)  # fmt: skip

DISLIKE_NEGATED = (
    "I don't like {n}", "I'm not a fan of {n}", "I'm not keen on {n}", "{n} {does}n't work", "{n} {does}n't do it for me", "{n} {isnt} my cup of tea",
    "{n} {isnt} my thing", "{n} {isnt} pretty", "{n} {does}n't belong here", "{n} {does}n't suit it", "{n} {does}n't add anything", "{n} {does} it no favours",
    "I can't get used to {n}", "I never liked {n}", "I don't care for {n}", "I don't see the point of {n}", "I'm not convinced by {n}", "I won't warm to {n}",
    "nobody needs {n}", "there's nothing nice about {n}", "{n} should not be there", "I wouldn't hang this on my wall because of {n}", "{n} {isnt} pleasant to look at",
    "I am not loving {n}", "I didn't enjoy {n}", "{n} {isnt} for me", "it would be better without {n}",
)  # fmt: skip

LIKE_RIVAL = (
    "I prefer {n} to {r}", "I like {n} better than {r}", "I'd take {n} over {r} any day", "{n} beat{s} {r}", "{n} {is} much nicer than {r}",
    "{n} work{s} better than {r}", "{n} suit{s} it more than {r} would", "give me {n} rather than {r}", "good that it's {n} and not {r}", "so glad you chose {n} instead of {r}",
    "{n} {is} miles ahead of {r}", "{n} look{s} prettier than {r}", "{n} outshine{s} {r}", "I'll have {n} before {r}, always", "{n} win{s} against {r} for me",
    "compared with {r}, {n} {is} a dream", "unlike {r}, {n} please{s} me", "after {r}, {n} {is} a relief", "I'm happier with {n} than with {r}", "{n}, not {r}, {is} the way to go",
)  # fmt: skip

DISLIKE_RIVAL = (
    "I prefer {r} to {n}", "I'd rather see {r} than {n}", "I'd rather have {r} instead of {n}", "{n} {is} worse than {r}", "{r} would have been nicer than {n}",
    "{r} would look better than {n}", "swap {n} for {r}", "please replace {n} with {r}", "I wish it were {r} and not {n}", "why {n}? {r} would be so much better",
    "{n} can't compete with {r}", "{n} {is} no match for {r}", "I miss {r}, {n} {does}n't do it for me", "{n} {isnt} as nice as {r}", "give me {r} over {n} any day",
    "next to {r}, {n} look{s} poor", "should have been {r} rather than {n}", "compared with {r}, {n} {is} a disappointment", "unlike {r}, {n} annoy{s} me", "I like {n} far less than {r}",
    "I would have gone for {r}, not {n}",
)  # fmt: skip

LIKE_ADJECTIVE = (
    "it's so nice and {a}", "I love how {a} it is", "I like that it's {a}", "lovely and {a}", "it's wonderfully {a}", "beautifully {a}",
    "it's pleasantly {a}", "being so {a} really suits it", "{a} is exactly what I want", "good that it's {a}", "{a}, just how I like it",
    "it's {a} in the best way", "I enjoy it being so {a}", "can't be {a} enough for me", "delightfully {a}",
)  # fmt: skip

DISLIKE_ADJECTIVE = (
    "it's too {a}", "way too {a}", "a bit too {a} for my taste", "far too {a} for me", "I don't like how {a} it is", "I hate that it's {a}",
    "it's unpleasantly {a}", "it's so {a} that I lose interest", "why so {a}? it spoils it", "I wish it weren't so {a}", "being so {a} kills it",
    "overly {a}", "should be less {a}", "it's awfully {a} and I dislike that", "could be a lot less {a}",
)  # fmt: skip

LIKE_BARE = (
    "I love {b}", "I'm a fan of {b}", "more {b} please", "I've always liked {b}", "{b} never fail{s} with me", "I'm always up for {b}", "{b} make{s} me happy",
    "you can win me with {b}", "I've got a thing for {b}", "yay, {b}", "bring on {b}", "nothing nicer than {b}", "give me {b} any time", "who doesn't love {b}",
)  # fmt: skip

DISLIKE_BARE = (
    "I hate {b}", "I'm no fan of {b}", "less {b} please", "I've never liked {b}", "no more {b} please", "I'm sick of {b}", "{b} get{s} on my nerves",
    "you lose me with {b}", "I've got a problem with {b}", "ugh, {b} again", "no {b} for me, thanks", "nothing worse than {b}", "spare me {b}", "{b} always put{s} me off",
)  # fmt: skip

HEDGES = (
    "I think", "honestly,", "to me", "to my eye", "imo", "imho", "personally,", "for my taste,", "I'd say", "I have to say", "I must admit",
    "if I'm honest,", "tbh", "frankly,", "somehow", "for me", "I feel",
)  # fmt: skip
OPENERS = ("maybe it's just me, but", "well,", "hmm,", "ok so", "ngl", "just my two cents:", "hi,", "ok,", "so,", "for what it's worth,", "speaking as a layman,", "as a regular here,")
TAILS = (", if you ask me", " tbh", " imo", ", I think", ", at least to me", ", I'd say", ", honestly", " for sure", ", really", ", personally", " here")
"""Of these none changes a sign."""

LIKE_WHOLE = (
    "love it", "gorgeous", "beautiful work", "this is lovely", "what a delight", "stunning", "wow", "I'd hang this on my wall", "very nice", "just adorable", "perfect",
    "so good", "this made my day", "brilliant", "a keeper", "yes, this one", "what a beauty", "fantastic job", "this is great", "really well done", "five stars",
    "my favourite so far", "I could look at this for hours", "not bad at all", "can't fault it", "so pretty", "faved", "nice one", "this is right up my street", "10/10",
    "superb", "that's more like it", "exactly what I was after", "grandma would love this, and so do I", "charming picture", "this one's a winner", "a joy to look at", "nailed it",
    "more like this please", "sweet",
)  # fmt: skip

DISLIKE_WHOLE = (
    "not for me", "don't like it", "nope", "ugly", "this is awful", "what a mess", "meh", "I'd never hang this up", "doesn't do it for me", "not my cup of tea", "terrible",
    "hard pass", "no thanks", "disappointing", "this one misses the mark", "boring", "this leaves me cold", "back to the drawing board", "yuck", "one star",
    "my least favourite so far", "I want to look away", "not good at all", "can't warm to it", "hideous", "skip", "please not this one", "this isn't my thing", "2/10",
    "a letdown", "less like this please", "not what I was after", "even my gran hated it", "tacky picture", "this one's a dud", "hard to look at", "nothing about this works",
    "ugh", "poor", "waste of time",
)  # fmt: skip

PAIR_LIKED = ("love {n} and {m}", "I like both {n} and {m}", "{n} and {m} are gorgeous together", "{n} plus {m}: yes please", "what a lovely pairing, {n} and {m}",
              "full marks for {n} and {m}", "{n} and {m} work a treat", "I adore {n}, and {m} too", "{n} is good, {m} even better")  # fmt: skip
PAIR_DISLIKED = ("hate {n} and {m}", "I like neither {n} nor {m}", "{n} and {m} are awful together", "{n} plus {m}: no thanks", "not a fan of {n} or {m}",
                 "lose {n} and {m}", "{n} and {m} drag it down", "I can't stand {n}, nor {m}", "both {n} and {m} put me off")  # fmt: skip
PAIR_MIXED = ("yes to {n}, no to {m}", "love {n}, hate {m}", "I like {n}, not {m}", "{n} I like, {m} not so much", "love {n}, not so much {m}", "lovely: {n}. awful: {m}",
              "keep {n}, lose {m}", "I love {n} but not {m}", "pros: {n}. cons: {m}", "{n} {does} it for me, but not {m}", "good: {n}, bad: {m}", "I'd keep {n} and scrap {m}",
              "plus points for {n}, minus points for {m}", "I like {n} but {m} I could do without", "like {n}, dislike {m}")  # fmt: skip
"""Two names in one frame; in the mixed ones n is liked."""

SAME = (" and {}", ", and {}", ". {}", "; {}", ", plus {}", ". also, {}", ". on top of that, {}", " & {}", ", {}", ". besides, {}", ". what's more, {}", ". oh and {}", ". And {}")
CONTRAST = (", but {}", " but {}", ". but {}", ", yet {}", ", however {}", ". however, {}", ". then again, {}", " - but {}", "; that said, {}", ". on the other hand, {}", ", only {}", "... but {}", ". still, {}", ". having said that, {}")
CONTRAST_SENTENCES = ("although {}, {}", "even though {}, {}", "while {}, {}", "{1}, although {0}", "{1}, even if {0}", "{1}, though {0}", "{1} despite the fact that {0}", "sure, {}, but {}")
