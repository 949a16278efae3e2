"""How another kind of simulated user puts into words what they like and dislike: seven voices, people's own names for what they see.

The second grammar of comments, for measurement alone. It was written from the drawn world's list of values, without a look at what
reads comments: nobody may fit a parser or a lexicon to it, nor fit it to them. One comment is spoken by one voice.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Sequence

from persimg.bench.remarks import Reason

COLOUR_NAMES = {
    "red": "scarlet; crimson", "orange": "tangerine; pumpkin orange", "yellow": "lemon yellow; canary yellow",
    "green": "emerald; grass green", "blue": "royal blue; cobalt", "purple": "violet; plum", "pink": "bubblegum pink; rosy pink",
    "brown": "chocolate brown; chestnut", "white": "chalk white; ivory", "black": "jet black; coal black",
    "gray": "grey; slate gray", "teal": "turquoise; blue-green",
}  # fmt: skip
"""colour → names besides those that all colours have"""

NAMES: dict[str, dict[str, str]] = {
    "style": {
        "flat": "flat shapes; flat areas of color; clip-art shapes | how flat it is drawn; the clip-art look",
        "outline": "line drawings; bare outlines; contour lines | the coloring-book look; it being only lines",
        "pastel": "pastels; pastel shades; chalky pastel tones | the pastel look; the sugared-almond palette",
        "ink": "ink drawings; ink strokes; pen-and-ink work | the inky look; it being drawn with a pen",
        "pixel": "pixel art; pixels; 8-bit graphics; retro game graphics | the blocky look; how pixelated it is",
        "watercolor": "watercolors; watercolor washes; aquarelles | the watercolour look; the way the paint bleeds",
        "neon": "neon; neon lights; neon signs; glowing tubes | the neon glow; it glowing like a neon sign",
        "glass": "stained glass; leaded glass; glass panes | the church-window look; it looking like a church window",
    },
    "mood": {
        "warm": "warm colors; warm tones; cosy light | how warm it feels; the warm palette",
        "cold": "cold colors; icy tones; chilly light | how cold it feels; the frosty palette",
        "dark": "gloom; dark tones; sombre colors | how dark it is; the gloomy mood",
        "bright": "bright colors; bright light; airiness | how bright it is; the light and airy feel",
        "muted": "washed-out colors; faded colors; muted tones; desaturated colors | how faded it looks; the muted palette",
        "cheerful": "vivid colors; party colors; confetti; jolly colors | the cheerful mood; how cheerful it feels",
    },
    "time": {
        "day": "daylight; daytime scenes; broad daylight | it being daytime; the middle-of-the-day light",
        "morning": "morning light; sunrises; dawn light; early mornings | how early it is; the first light of the day",
        "sunset": "sunsets; evening light; dusk; sundown skies | the sun going down; the evening glow",
        "night": "night scenes; moonlight; night skies | how late it is; it being night",
    },
    "weather": {
        "clear": "clear skies; cloudless skies; blue skies | the sky being clear; the fine weather",
        "rain": "rain; raindrops; rainy weather; drizzle | the rain coming down; how rainy it is",
        "snowfall": "falling snow; snowflakes; snowfall; snow showers | the flakes coming down; it snowing",
        "fog": "fog; mist; haze; foggy weather | how foggy it is; it all vanishing in the mist",
    },
    "framing": {
        "full": "full views; full-length views; whole-figure shots | seeing the whole of it; how all of it fits in",
        "close": "close-ups; tight crops; close shots | being so close up; how near it is",
        "wide": "wide shots; long shots; faraway views | how small it is in the frame; seeing it from so far away",
    },
    "place": {
        "beach": "beaches; seaside scenes; sandy shores | the seaside; being on the beach",
        "forest": "forests; woods; woodland | being in the woods; the forest behind it",
        "snow": "snowy ground; snowy landscapes; snowfields | the snow on the ground; the snow-covered land",
        "desert": "deserts; dunes; sand dunes | the desert around it; being out in the desert",
        "city": "cities; city streets; urban scenes; downtown streets | the town around it; the city behind it",
        "room": "rooms; interiors; indoor scenes | being indoors; it being inside a room",
        "space": "outer space; space scenes; starry space | being out among the stars; the galaxy behind it",
        "meadow": "meadows; grassy fields; flowery fields; pastures | the meadow around it; it being out on the grass",
        "mountain": "mountains; mountain peaks; alpine views | the mountains behind it; being up in the mountains",
        "lake": "lakes; lakeside scenes; lake shores | the lake; being down by the lake",
        "kitchen": "kitchens; kitchen scenes; kitchen floors | the kitchen around it; being in a kitchen",
        "library": "libraries; bookshelves; rows of books | all the books; being in a library",
        "farm": "farms; barns; farmyards | the barn in the back; being on a farm",
        "castle": "castles; castle towers; castle walls; medieval fortresses | the old fortress; the castle behind it",
        "underwater": "underwater scenes; undersea views; sea floors | being underwater; it being at the bottom of the sea",
        "jungle": "jungles; palm trees; rainforest; tropical plants | the jungle around it; being in the tropics",
    },
    "pattern": {
        "plain": "plain surfaces; solid colors; unpatterned things | it being one color all over; how plain it is",
        "striped": "stripes; striped things; stripy patterns | how stripy it is; the zebra look",
        "spotted": "spots; dots; polka dots; speckles | how spotty it is; the dotted look",
        "two tone": "two-tone designs; two-colored things; half-and-half colors | the two-tone look; it being split into two colors",
    },
    "colour": {colour: f"{colour}; {more}; {colour} tones | how {colour} it is; the {colour} one" for colour, more in COLOUR_NAMES.items()},
    "accessory": {
        "hat": "hats; little hats; caps | the hat; the hat on its head",
        "glasses": "glasses; spectacles; specs; eyeglasses | it wearing glasses; the glasses on its nose",
        "scarf": "scarves; scarfs; woolly scarves | the scarf; the scarf round its neck",
        "crown": "crowns; tiaras; royal crowns | the crown; it wearing a crown",
        "bow": "bows; ribbons; bow ties | the bow; it wearing a bow",
        "headphones": "headphones; headsets; earphones | it wearing headphones; the headphones on its ears",
        "flower": "flowers; blossoms; worn flowers | the flower; it wearing a flower",
        "balloon": "balloons; party balloons; balloons on strings | the balloon; it holding a balloon",
    },
}  # fmt: skip
"""slot → value → its names: before the bar those that stand without an article (plural, or nothing that is counted), then the others"""

COMPARED, NEGATED, HEDGED, VERDICT, CONCEDED_FIRST, WITH_ARTICLE = 0.15, 0.25, 0.15, 0.35, 0.7, 0.4
"""how often a statement compares, negates and is hedged; how often a verdict opens a comment that needs none; how often the side that
speaks against the verdict comes first; how often a name that could stand without an article gets one"""
TYPOS, TYPED_LONG = 0.06, 5
"""how often a word of so many letters or more is mistyped: about two of a hundred words"""
MOST = 2
"""reasons a comment gives"""


@dataclass(frozen=True)
class Voice:
    """One way to speak. In frames {x} is any name, {xs} and {ys} a name without an article; no frame's verb agrees with a name.

    like, dislike: frames; not_bad, not_good: the same by negation; better: {xs} is preferred to {ys}; good, bad: verdicts on the whole;
    hedges: openings; both, but: two statements {a} and {b} of one and of opposite direction, the plain "but" first; lower, stop: how
    often all is in lower case, and how often the last full stop is there.
    """

    like: tuple[str, ...]
    dislike: tuple[str, ...]
    not_bad: tuple[str, ...]
    not_good: tuple[str, ...]
    better: tuple[str, ...]
    good: tuple[str, ...]
    bad: tuple[str, ...]
    hedges: tuple[str, ...]
    both: tuple[str, ...]
    but: tuple[str, ...]
    lower: float
    stop: float


VOICES: dict[str, Voice] = {
    "terse": Voice(
        like=("more {xs}", "+1 {xs}", "{xs}: yes", "good: {x}", "keep {x}", "yes to {x}", "big plus: {x}", "liked {x}"),
        dislike=("less {xs}", "-1 {xs}", "{xs}: nope", "bad: {x}", "drop {x}", "no to {x}", "minus point: {x}", "disliked {x}"),
        not_bad=("never enough {xs}", "nothing wrong with {x}"),
        not_good=("no more {xs}", "not {xs} again", "no {xs} please", "didn't like {x}"),
        better=("{xs} > {ys}", "{xs} over {ys}", "{xs} instead of {ys}"),
        good=("good one", "yes", "like it", "nice", "+1"),
        bad=("no", "nope", "skip", "-1", "not this one"),
        hedges=("imo", "mostly:"),
        both=("{a}, {b}", "{a}; {b}", "{a}. {b}", "{a} / {b}"),
        but=("{a}, but {b}", "{a}. but {b}", "{a}, yet {b}"),
        lower=0.8, stop=0.1,
    ),
    "chatty": Voice(
        like=(
            "I just love {x}", "I could look at {x} all day", "you know what, {x} made me smile", "I'm such a sucker for {x}",
            "I have to say I'm really fond of {x}", "{x} got me right away, in the best way", "I'm all for {x}",
            "{x} totally made it for me",
        ),
        dislike=(
            "ugh, {x} drove me up the wall", "I have to say {x} spoiled it for me", "you know what, {x} got on my nerves",
            "honestly, I've had my fill of {x}", "I keep wishing {x} would go away", "{x} ruined the whole thing for me",
            "I'm so tired of {x}", "somebody please get rid of {x}",
        ),
        not_bad=("I never get tired of {x}", "you won't hear me complain about {x}, quite the opposite", "I can't help loving {x}"),
        not_good=("I just don't get on with {x}", "I can't say I enjoyed {x}", "I don't know who enjoys {x}, but it's certainly not me"),
        better=("I'd pick {xs} over {ys} any time", "give me {xs} rather than {ys}"),
        good=("oh, I love this one!", "this made me smile", "okay, this is lovely", "wow, what a treat"),
        bad=("oh no, this really isn't for me", "hmm, I'd scroll right past this", "nah, this one bored me", "ugh, what a letdown"),
        hedges=("not sure why, but", "for what it's worth,", "well, if you ask me,"),
        both=("{a}, and {b}", "{a}. And {b}", "{a}, plus {b}", "{a}. Oh, and {b}"),
        but=("{a}, but {b}", "okay, {a}, but then {b}", "{a}. Having said that, {b}", "{a}... {b}, though"),
        lower=0.2, stop=0.6,
    ),
    "foreign": Voice(
        like=(
            "I find {x} very beautiful", "{x} is making me happy", "for me {x} is very good", "I am liking very much {x}",
            "thank you for {x}, it is big pleasure", "it pleases me a lot, {x}", "{x} is exactly my taste",
        ),
        dislike=(
            "I find {x} quite ugly", "{x} is disturbing me a little", "for me it is too much {xs}", "please make less {xs}",
            "sorry, with {x} I have my troubles", "{x} is hurting my eyes a bit", "it makes me sad to see {x}",
        ),
        not_bad=("I have nothing against {x}, on the contrary", "I am not at all unhappy about {x}"),
        not_good=("I am not so happy with {x}", "I do not like so much {x}", "it is not my taste, {x}", "I find {x} not so beautiful"),
        better=("for me {xs} is better as {ys}", "I am preferring {xs} to {ys}"),
        good=("it is very nice picture, thank you", "I am happy with this one", "very good, please continue so"),
        bad=("I am sorry, this is not my taste", "this picture I do not like, sorry", "it is not so nice for me"),
        hedges=("in my opinion", "if I may say,", "I think"),
        both=("{a} and also {b}", "{a}. Also {b}", "{a}, and {b}"),
        but=("{a}, but {b}", "{a}. However {b}", "on the one side {a}, on the other side {b}"),
        lower=0.1, stop=0.8,
    ),
    "student": Voice(
        like=(
            "I'm drawn to {x}", "{x} really held the piece together", "strong choice, {x}", "{x} added so much character",
            "the handling of {x} was excellent", "I'd push {x} even further, it's the best part", "{x} did a lot for the piece",
        ),
        dislike=(
            "{x} weakened the composition", "I'd dial back {x}", "{x} felt like a cliché", "{x} distracted from the subject",
            "the handling of {x} was clumsy", "I'd cut {x} in the next iteration", "poor choice, {x}",
        ),
        not_bad=("{x} didn't hurt the piece at all, quite the opposite", "I wouldn't change a thing about {x}"),
        not_good=("{x} didn't do the piece any favours", "I'm not convinced by {x}", "I don't see what {x} should add"),
        better=("{xs} can carry a picture better than {ys}", "I find {xs} far more interesting than {ys}"),
        good=("this is a strong piece", "really well resolved", "I'd put this in my portfolio"),
        bad=("this one doesn't come together", "as a piece it's weak", "I'd start over"),
        hedges=("to me,", "I might be wrong, but", "personally,"),
        both=("{a}, and {b}", "{a}; {b}", "{a}. Similarly, {b}"),
        but=("{a}, but {b}", "{a}; that said, {b}", "while {a}, {b}"),
        lower=0.3, stop=0.6,
    ),
    "teenager": Voice(
        like=(
            "omg {x}, love it", "{x} = chef's kiss", "lowkey obsessed with {x}", "ok {x} = fire", "here for {x}", "gimme all the {xs}",
            "such a vibe, {x}", "{x} for the win",
        ),
        dislike=(
            "ew, {x}", "{x} = instant skip", "so over {x}", "{x} gave me the ick", "kinda cringe, {x}", "hard pass on {x}",
            "pls stop with {x}", "{x} killed the vibe", "{x} = big nope",
        ),
        not_bad=("there's no such thing as too much {xs}", "ain't mad at {x} at all", "can't not love {x}"),
        not_good=("not feeling {x}", "nobody asked for {x}", "don't want {x} in my feed"),
        better=("{xs} >>> {ys}", "team {xs}, sorry {ys}"),
        good=("ok this slaps", "love love love", "this is so good omg", "yesss"),
        bad=("nah", "mid", "this ain't it", "yikes"),
        hedges=("ngl", "tbh", "idk,"),
        both=("{a} and {b}", "{a}, also {b}", "{a} + {b}"),
        but=("{a} but {b}", "{a}, {b} tho", "{a}.. but like {b}"),
        lower=0.9, stop=0.1,
    ),
    "painter": Voice(
        like=(
            "I was delighted by {x}", "{x} reminded me why I took up painting", "what a joy, {x}", "{x} brought back fond memories",
            "I dare say {x} lifted the whole picture", "I have always had a fondness for {x}", "my compliments on {x}",
        ),
        dislike=(
            "I'm afraid {x} rather spoiled it", "{x} struck me as overdone", "{x} quite put me off", "I could have done without {x}",
            "{x} bored me, to be frank", "{x} looked cheap to my eye", "I have long had an aversion to {x}",
        ),
        not_bad=("I have no quarrel with {x}, it pleased me", "one cannot tire of {x}"),
        not_good=("I have never cared for {x}", "I cannot bring myself to like {x}", "I was none too pleased with {x}"),
        better=("I should choose {xs} over {ys}", "to my mind {xs} will always do more for a picture than {ys}"),
        good=("it is a delightful picture", "this one I should gladly have painted myself", "it is very fine indeed"),
        bad=("I'm afraid this one is a disappointment", "not a picture I should keep", "this does nothing for me, I'm sorry to say"),
        hedges=("old-fashioned as I am,", "if I am honest,", "as far as I can judge,"),
        both=("{a}, and {b}", "{a}. Moreover, {b}", "{a}; besides, {b}"),
        but=("{a}, but {b}", "{a}. Nevertheless, {b}", "although {a}, {b}"),
        lower=0.0, stop=0.95,
    ),
    "client": Voice(
        like=(
            "the {xs} really worked for me", "please keep {x} in the next round", "could you bring in even more {xs}?",
            "the direction with {x} was exactly right", "next time I'd love to see {xs} again", "just what we were hoping for: {x}",
            "we were very happy with {x}", "could we build on {x}? The team loved that",
        ),
        dislike=(
            "could you tone down {x}?", "next time without {x}, please", "please remove {x}", "we'd like to move away from {x}",
            "the {xs} felt off-brief", "could we try this again with less {xs}?", "I'd ask you to leave {x} out from now on",
        ),
        not_bad=("I wouldn't want to lose {x}", "please don't take away {x}", "we couldn't be happier with {x}"),
        not_good=("the {xs} didn't really work for us", "we'd prefer not to see {x} again", "we're not happy with {x}"),
        better=("could you favour {xs} over {ys}?", "we'd go for {xs} rather than {ys}"),
        good=("great work, approved from our side", "this is what we were looking for", "we're very pleased with this"),
        bad=("this isn't what we were looking for", "we'd like to reject this version", "unfortunately this one misses the brief"),
        hedges=("just my two cents, but", "from our side,", "on balance,"),
        both=("{a}, and {b}", "{a}. Also, {b}", "{a}. In addition, {b}"),
        but=("{a}, but {b}", "{a}. On the other hand, {b}", "{a}. Still, {b}"),
        lower=0.0, stop=0.9,
    ),
}  # fmt: skip


def named(slot: str, value: str, rng: random.Random) -> str:
    """What people call a value of a slot. KeyError: one that the drawn world doesn't have."""
    return rng.choice(names(slot, value))


def names(slot: str, value: str) -> tuple[str, ...]:
    """All names of a value, those that stand without an article first."""
    return tuple(name.strip() for name in re.split("[;|]", NAMES[slot][value]))


def clause(reason: Reason, rng: random.Random) -> str:
    """One statement about one attribute, in any voice."""
    voice = rng.choice(list(VOICES.values()))
    return _typed(_statement(voice, reason, rng), voice, rng)


def remark(reasons: Sequence[Reason], is_liked: bool, rng: random.Random) -> str:
    """A comment on a picture that gives the first two reasons at most; without any, only a verdict on the picture as a whole."""
    voice = rng.choice(list(VOICES.values()))
    verdict = (rng.choice(voice.good if is_liked else voice.bad), is_liked)
    said = [(_statement(voice, reason, rng), reason.is_liked) for reason in reasons[:MOST]]
    if not said:
        return _typed(verdict[0], voice, rng)
    if len(said) == MOST and said[0][1] != said[1][1]:
        return _typed(_conceded(*said, is_liked, voice.but, rng), voice, rng)
    text = said[0][0] if len(said) == 1 else rng.choice(voice.both).format(a=said[0][0], b=said[1][0])
    if said[0][1] != is_liked:  # without the verdict it would be taken for a comment on a picture of the other kind
        frames = voice.but if len(said) == 1 else voice.but[:1]  # the others need a single statement
        text = _conceded((text, not is_liked), verdict, is_liked, frames, rng)
    elif rng.random() < VERDICT:
        text = f"{verdict[0]}. {text}"
    return _typed(text, voice, rng)


def bare_names(slot: str, value: str) -> tuple[str, ...]:
    """The names of a value that stand without an article."""
    return names(slot, value)[: NAMES[slot][value].split("|")[0].count(";") + 1]


def _bare(slot: str, value: str, rng: random.Random) -> str:
    return rng.choice(bare_names(slot, value))


def _with_article(slot: str, value: str, rng: random.Random) -> str:
    name, article = named(slot, value, rng), rng.random() < WITH_ARTICLE
    return f"the {name}" if article and name in bare_names(slot, value) else name


def _statement(voice: Voice, reason: Reason, rng: random.Random) -> str:
    slot, value = reason.slot, reason.value
    if reason.rival and rng.random() < COMPARED:
        better, worse = (value, reason.rival) if reason.is_liked else (reason.rival, value)
        text = rng.choice(voice.better).format(xs=_bare(slot, better, rng), ys=_bare(slot, worse, rng))
    else:
        plain, negated = (voice.like, voice.not_bad) if reason.is_liked else (voice.dislike, voice.not_good)
        frame = rng.choice(negated if rng.random() < NEGATED else plain)
        text = frame.format(x=_with_article(slot, value, rng), xs=_bare(slot, value, rng))
    return f"{rng.choice(voice.hedges)} {text}" if rng.random() < HEDGED else text


def _conceded(one: tuple[str, bool], other: tuple[str, bool], is_liked: bool, frames: Sequence[str], rng: random.Random) -> str:
    """Two statements (text, is it praise) of opposite direction; mostly the one that agrees with the verdict has the last word."""
    against, agreeing = (other, one) if one[1] == is_liked else (one, other)
    first, last = (against, agreeing) if rng.random() < CONCEDED_FIRST else (agreeing, against)
    return rng.choice(frames).format(a=first[0], b=last[0])


def _typed(text: str, voice: Voice, rng: random.Random) -> str:
    """As it is typed: mistyped words, small letters and missing full stops."""
    text = re.sub(r"[?!]([.,;])", lambda found: "?" if found[1] == "." else found[1], text)  # joined after a question
    text = " ".join(_mistyped(word, rng) if len(word) >= TYPED_LONG and word.isalpha() else word for word in text.split(" "))
    text += "." if rng.random() < voice.stop and text[-1] not in "?!" else ""
    if rng.random() < voice.lower:
        return text.lower()
    return re.sub(r"(^|[.?!] )([a-z])", lambda found: found[1] + found[2].upper(), text)


def _mistyped(word: str, rng: random.Random) -> str:
    """Now and then with two letters exchanged, one missing or one doubled: never the first or the last, so that it can still be read."""
    if rng.random() >= TYPOS:
        return word
    at, way = rng.randrange(1, len(word) - 2), rng.randrange(3)
    middle = (word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])[way]
    return word[:at] + middle + word[at + 2 :]
