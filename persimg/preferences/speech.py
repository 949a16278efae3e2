"""The words with which people judge pictures: of praise and blame, of wishes, of more and less, and those that join them.

SPEECH: kind → phrases, or kind → {size: phrases} where a word counts more or less. The kinds, as clauses.py reads them:
value: praise or blame; want: a wish, which says nothing without its object; state: blames behind "is" or alone, else it is shown; order: a wish
at the head of a segment or behind "should" and the like, "ask"; prefer, swap: values that "to", "for" and the like answer;
harm: blames what does it, not what it is done to; regret: blames, and wants what is missing; not, none, no: turn round what follows; too:
blames what follows or its subject; low: what is too much so is wanted more; more, less, lack, enough: ask for it or for less of it; why:
complains of what it asks about; past: what is said is otherwise now; contrast: blames what follows and praises what stands before;
except: what follows is judged the other way; got: what follows was not wanted; shift, particle: dial it down; beats: what follows of the
same side is less liked, so is what follows "over"; degree: how much; bit, little: degrees that complain where nothing else judges;
link: binds what stands before to what follows; it: points back; pretty: a degree before an attribute, else praise; gone, aside, least,
go, beyond, far, excess: turn round what stands before, see turning.py; make: a wish, or binds as "is" does; label: a link or a comma;
barred: denies a thing that has no name in the lexicon, and not what follows; the rest keeps clauses apart or means nothing.
"""

from __future__ import annotations

from persimg.preferences.judging import JUDGED

WANTS: dict[float, str] = {
    0.8: """want, wanted, need, wish, if only, nothing but, would like, would love, would have like, hope for, hoping for, give me, i
        rather, would rather, rather have, rather see, looking for, longing for, crave, craving, demand, must have""",
    0.7: """should be, should have, could be, could use, could have, add, try, use, let us, how about, what about, show, gone for, go
        for, require, push the, push, lean into, bring up the, amp up, crank up, pump up, dial up, turn up, ramp up, beef up, play up,
        up the, boost the, go with, do with, could do with, more in the direction of, get a, let have, bring back, would it kill you,
        would it kill you to, bring in""",
    -0.7: """get rid of, remove, ditch, lose the, avoid, reduce, tone down, dial down, dial back, cut back on, cut down on, take out,
        take away, leave out, turn down, eliminate, delete, stop using, spare me, away with, enough with, enough of, down with, have to
        go, has to go, must go, needs to go, need to go, should go, could go, can go, wish you had skipped, wish you had left out,
        should have skipped, skip the, leave off, scale back, less is better, go easy on, ease off on, could have skipped, ease up on,
        play down, cool it with, steer clear of, stay away from, hold back on, keep away from, kill the, lay off the, lay off, nix,
        strip out, omit, do away with, lose that, lose those, lose this, soften, got to go, gotta go, has got to go, have got to go, cut
        out, cut the, take off, bring down, pull back, pull back on, hold the, tone it down, dial it back, dial it down, losing the,
        should not have, should have left out, would rather not have, ban, banned, not go overboard with, not go overboard on, say no
        to, left out, left off, have left out, have left off, have skipped, have dropped""",
}  # fmt: skip
MODALS = "should, could, can, must, needs to, has to, have to, ought to, would better, had better, deserves to, want to"
LESSENED = """toned down, turned down, dialed down, dialed back, scaled back, reduced, removed, cut, dropped, lowered, taken out, left out, cropped
    out, deleted, decreased, minimized, softened, weakened, lessened, limited, avoided, banned, gone, skipped, erased"""
HEIGHTENED = "kept, brought out, increased, boosted, turned up, amplified, emphasized, played up, strengthened, enhanced, brought back"
LESSENING = "toning down, turning down, dialing down, reducing, removing, cutting, softening, lowering, dropping, less"


def _each(first: str, second: str, between: str = " ") -> str:
    """Each phrase of the first list before each of the second."""
    return ", ".join(f"{one.strip()}{between}{other.strip()}" for one in first.split(",") for other in second.split(","))


VALUES: dict[float, str] = {
    **JUDGED,
    -0.7: f"{_each(MODALS, LESSENED, ' be ')}, {_each('needs, could use, could do with, would benefit from, benefits from', LESSENING)}",
    0.7: f"{JUDGED[0.7]}, {_each(MODALS, HEIGHTENED, ' be ')}",
}
DEGREES: dict[float, str] = {
    1.3: """very, really, absolutely, so, extremely, incredibly, super, totally, completely, truly, especially, particularly, deeply,
        insanely, such, so much, so many, very much, utterly, definitely, always, much, even, far, way, a lot, lots of, all, total, big,
        huge, so very, really really, seriously, genuinely, insane, crazy, any day""",
    0.6: """kind of, sort of, fairly, rather, quite, maybe, perhaps, mildly, almost, sometimes, at times, i guess, i suppose, i think,
        probably, sorta, kinda""",
}  # fmt: skip
SPEECH: dict[str, str | dict[float, str]] = {
    "value": VALUES,
    "want": WANTS,
    "degree": DEGREES,
    "swap": {-0.7: "swap, replace, exchange, trade, change, switch, turn the"},
    "prefer": {
        0.8: """prefer, preferred, preferring, favor, choose, chosen, would choose, would have chosen, would pick, would have picked,
            pick, would have preferred, would have taken, rather have had""",
    },
    "not": "not, never, neither, nor, hardly, barely, scarcely, cannot, stop the, not at all",
    "none": "nothing, nobody, no one",
    "no": """no, without, none of the, none of, minus, free of, devoid of, zero, absent, anything but, not another, not any, no more,
        not one, not a single, nothing of the, hardly any""",
    "too": """too, overly, excessively, too much, too many, way too, far too, way too much, way too many, over the top, excessive,
        overdose of, overkill of""",
    "more": """more, extra, additional, stronger, higher, heavier, increase, increased, boost, boosted, greater, bring out, a lot more,
        much more, double the, more of, never too much, never too many, never have too much, never have too many, never get enough,
        never enough""",
    "less": """less, fewer, lower, weaker, decrease, decreased, minimize, a lot less, much less, less of, not as much, not so much, not
        as many, not so many, less so, easier on the, calm down the""",
    "lack": """lack, lacks, lacking, missing, lack of, absence of, deprived of, short of, short on, low on, misses, miss, missed, in
        need of, so little, so few, too little, too few, far too little, far too few, very little, very few, way too little, way too
        few, little to no, insufficient, not a lot of""",
    "enough": "enough, sufficiently, sufficient",
    "contrast": "rather than, instead of, than, as opposed to, versus, vs, in place of, unlike, not just another, >",
    "over": "over, to, above",
    "for": "for, with, by, into, into the",
    "except": """despite, in spite of, except, except for, except that, everything but, all but, apart from, aside from, other than,
        save for, everything except, all except, if not for""",
    "but": """but, however, although, though, yet, nevertheless, even though, whereas, only that, sadly though, on the other hand, ok
        but, okay but, sorry but, then again""",
    "stop": "because, since, while",
    "and": "and, &, +, plus, as well as, along with, also",
    "or": "or, /",
    "link": """is, are, was, were, be, been, being, look, looks, looked, feel, feels, felt, seem, seems, appear, appears, become,
        becomes, get, gets, got, =, look like, looks like, feel like, feels like, seem like, is like, are like, was like, something
        like, make, makes, made, were like""",
    "pretty": "pretty",
    "it": """it, this, that, these, those, them, they, this one, that one, the picture, the image, the photo, this picture, this image,
        this photo, one, here, again, everything, all of it, every bit of it, the whole thing""",
    "the": "the, a, an, its, his, her, their, my, your, our, some, any, how, every, each",
    "filler": """at least, last but not least, i, why do not, you, we, he, she, me, us, do, does, did, have, has, had, will, am, about,
        as, if, then, there, just, only, still, not only, not just, not to mention, no doubt, no matter, no problem with, no wonder,
        which, who, what, when, where, whole, both, oh, well, hey, hi, im, ive, id, itself, ca, honestly, actually, overall, ever, quite
        a, picture, image, photo, pic, version, thing, things, stuff, part, look of the, use of, amount of, sense of, kind, sort,
        having, going, now, too though, another, same, these kinds, yet another, for me, to me, of it, in it, in general, in this
        picture, in this one, in this image, that is, there is, shade of, shades of, out, such a, was it, pictures, images, photos,
        because of, thanks to, ok so, okay so, why not, so why not, that why, is why, that is why, this is why, which is why, reason
        why, know why, see why, understand why, why i, sorry, anything, something, piece, is not it, was not it, are not they, were not
        they, is not that, do not you think, do not you, would not you say, one day, some day, these days, every day, lol, tbh, imo,
        imho, lately, not sure, am used to, is used to, are used to, hang""",
    "prep": {
        1.0: "in, on, at, under, from, near, behind, around, through, across, within, inside, below, beside, against",
        0.0: "of, between, like a, like an",
    },
    "why": """why, how come, what is with, what with, what up with, what is up with, what is it with, what the deal with, what is the
        deal with, does it have to be, does it need to be, does it really need, must it be, do we need, do we really need, what the
        point of, what is the point of, why on earth, why in the world""",
    "past": """used to, once upon a time, at first, at first glance, initially, i thought i, i thought i would, i thought i was going
        to, i expected to, i was sure i, others may, others might, other people, some people, some may, some might""",
    "barred": _each(
        "no, without, without any, zero",
        """text, texts, watermark, watermarks, people, humans, persons, words, letters, lettering, logo, logos, signature, signatures,
        captions, writing, faces, animals, cars, nudity, artifacts""",
    ),
    "word": "zero gravity, no gravity, never ending, no nonsense, no frills, no man land, non stop, no name, never before seen",
    "aside": "aside",
    "gone": "gone, disappeared, vanished, went away, was removed, were removed, got removed, no longer there, not there anymore",
    "go": {-0.7: "goes, go"},
    "far": "far from, far from being, nowhere near",
    "beyond": "could not",
    "least": "least",
    "make": {0.7: "make it"},
    "excess": {
        -0.7: """than i like, than i would like, than i would have like, than i want, than i wanted, than i need, than i wish, than i
            would want, than i prefer, than i would prefer, than it should be, than it needs to be, than necessary, than needed""",
        0.7: """as i like, as i would like, as i would have like, as i want, as i wanted, as i hoped, as i wish, as i would want, as i
            prefer, as it should be, as it could be""",
    },
    "regret": {-0.6: "pity, shame, sadly, unfortunately, too bad, disappointing, sad, alas, regrettably"},
    "harm": {
        -0.6: """distract, distracts, distract from, distracts from, distracted from, spoil, spoils, spoiled, hurts, takes away from,
            take away from, took away from, clashes with, clash with, competes with, compete with, fights with, fights, drowns, drowns
            out, hides, swallows, steals the show from, draws attention from, dominates, dominate, out of place, out of place in, at
            odds with, not go with, not match""",
        -0.8: """ruin, ruined, ruining, detract, detracts, detracts from, detract from, overpowers, overpower, overpowering, overwhelms,
            overwhelm, kills, drags down, wrecks, wreck, destroys, destroy, undermines, undermine""",
    },
    "state": {
        -0.6: """absurd, annoyed, anxious, artificial, awkward, bored, bothered, broken, careless, claustrophobic, clumsy, cramped,
            disjointed, dismal, disturbing, dizzy, drab, exhausting, faulty, feeble, foolish, forced, garbage, glaring, grotesque,
            jumbled, junk, lazy, limp, mangled, muddy, murky, nasty, nauseous, nightmare, odd, painful, pedestrian, poor, queasy,
            rubbish, shabby, sickly, sleepy, stale, sterile, strained, strange, stuffy, suffocating, tired, torture, trash,
            uncomfortable, uneasy, unfinished, unhappy, unnerving, untidy, wasted, weary, weird, wretched, spoiling, mar, mared, maring,
            worsen, worsened, worsening, weaken, weakened, weakening, cloud, clouded, clouding, cluttering, smother, smothered,
            smothering, stifle, stifled, stifling, sabotage, sabotaged, sabotaging, butcher, butchered, butchering, botch, botched,
            botching, bungle, bungled, bungling, degrade, degraded, degrading, devalue, devalued, devaluing, diminish, diminished,
            diminishing, disfigure, disfigured, disfiguring, deface, defaced, defacing, damage, damaged, damaging, taint, tainted,
            tainting, tarnish, tarnished, tarnishing, pollute, polluted, polluting, contaminate, contaminated, contaminating, infect,
            infected, infecting, harm, harmed, harming, impair, impaired, impairing, jar, jared, jaring, irked, irking, vex, vexed,
            vexing, peeve, peeved, peeving, bore, tiring, annoy, irritated, aggravate, aggravated, aggravating, infuriate, infuriated,
            infuriating, enrage, enraged, enraging, exasperate, exasperated, exasperating, appall, appalled, disgust, disgusted,
            repulse, repulsed, repulsing, sicken, sickened, alienate, alienated, alienating, deter, detered, detering, discourage,
            discouraged, discouraging, depress, depressed, disrupt, disrupted, disrupting, interrupt, interrupted, interrupting,
            intrude, intruded, intruding, interfere, interfered, interfering, obstruct, obstructed, obstructing, obscure, obscured,
            obscuring, block, blocked, blocking, distort, distorted, distorting, unbalance, unbalanced, unbalancing, underwhelm,
            underdeliver, underdelivered, underdelivering, misfire, misfired, misfiring, backfire, backfired, backfiring, overstay,
            overstayed, overstaying, overplay, overplayed, overplaying, overshadow, overshadowed, overshadowing, overstate, overstated,
            overstating, suck, sucked, sucking, stink, stinked, stinking, bomb, bombed, bombing, disserve, disserved, disserving,
            denounce, denounced, denouncing, scorn, scorned, scorning, disdain, disdained, disdaining, dread, dreaded, dreading,
            deplore, deplored, deploring, resented, resenting, begrudge, begrudged, begrudging, lament, lamented, lamenting, bemoan,
            bemoaned, bemoaning, decry, decried, decrying, deride, derided, deriding, mock, mocked, mocking, shun, shuned, shuning,
            hollow, shallow, trivial, hasty, miserable work, failure, disaster, catastrophe, blemish, blot, nuisance, hindrance, burden,
            incompetent, snooze, wearying, fatiguing""",
        0.7: "commanding, flattering, harmonious, legendary, picturesque, superior, supreme, timeless, gem, marvel, keeper",
    },
    "order": {-0.7: "drop, cut, stop, axe, scrap"},
    "ask": "would, can, could, should, may, might, must, please",
    "bit": {0.6: "a bit, bit, a little bit, a tad, tad, slightly, somewhat, a touch, a shade"},
    "little": {0.6: "a little"},
    "low": {0.0: "low, small, faint, thin, slight, scarce, subtle, timid, tame, sparse looking", -0.6: "weak"},
    "beats": "beats, beat, trumps, tops, outshines",
    "got": "and got, but got, and i got, but i got, but i get, instead i got, instead we got, and we got",
    "particle": {0.7: "up", -0.7: "down"},
    "shift": "turn, dial, dial the, take, take the, bring, bring the, crank, knock, ramp, tone the, scale the, pull the, move the",
}  # fmt: skip
MARKS = {".;!?…\n": "stop", ",)|": "comma", ":(-–—": "label"}
"""marks that keep apart → their kind"""
UNMARKED = frozenset("dont doesnt didnt isnt arent wasnt werent cant couldnt shouldnt wouldnt wont havent hasnt hadnt aint".split())
"""contractions as people type them"""
COMPARED = {
    "wider": "more wide", "closer": "more close up", "lighter": "more bright", "deeper": "more depth", "richer": "more rich",
    "thicker": "more thick", "thinner": "more thin", "bolder": "more bold", "finer": "more fine", "harder": "more hard",
    "harsher": "more harsh", "moodier": "more moody", "brightness": "bright", "matter": "matter", "cannot": "can not",
    "gonna": "going to", "lighten": "more bright", "brighten": "more bright", "darken": "more dark", "sharpen": "more sharp",
    "soften": "more soft", "wanna": "want to",
}  # fmt: skip
"""words that are read as others; the comparatives of the lexicon's own words follow a rule"""
