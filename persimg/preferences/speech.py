"""The words with which people judge pictures: of praise and blame, of wishes, of more and less, and those that join them.

SPEECH: kind → phrases, or kind → {size: phrases} where a word counts more or less. The kinds, as clauses.py reads them:
value: praise or blame; want: a wish, which says nothing without its object; prefer, swap: values that "to", "for" and the like answer;
not, no: turn round what follows; too: blames what follows; more, less, lack, enough: ask for it or for less of it; contrast: blames
what follows and praises what stands before; except: what follows is judged the other way; degree: how much;
link: binds what stands before to what follows; it: points back; pretty: a degree before an attribute, else praise; the rest keeps
clauses apart or means nothing.
"""

from __future__ import annotations

VALUES: dict[float, str] = {
    1.0: """love, loved, loving, adore, adored, obsessed, in love with, favorite, favourite, perfect, perfection, perfectly, amazing,
        awesome, gorgeous, stunning, fantastic, incredible, magnificent, masterpiece, brilliant, superb, exquisite, spectacular,
        wow, outstanding, phenomenal, to die for, blown away, blows me away, chef kiss, sign me up, heart melts, flawless,
        exceptional""",
    0.8: """beautiful, beautifully, wonderful, wonderfully, great, excellent, lovely, delightful, impressive, impressed, fabulous,
        terrific, marvelous, charming, captivating, mesmerizing, striking, fan of, big fan of, enjoy, enjoyed, enjoying, yay,
        hooray, can not get enough of, glad, happy with, thumbs up, spot on, nailed it, nails it, for the win, all day,
        breathtaking, enchanting, fascinating, soft spot for, sucker for, drawn to, speaks to me, speak to me, right up my alley,
        hits the spot, makes it special, makes the picture, keen on, crazy about, wild about, mad about, fond of, sold on, partial to,
        can not fault, hard to beat, a treat, a joy, a delight, made my day, makes me smile, makes me happy, gets me, does it for me,
        impress, impresses, pleased, pleased with, charmed, charmed by, won me over, win me over, wins me over, delighted, thrilled, props for,
        kudos for, made me smile, on my wall, never get bored of, never bored of, never tire of, never get tired of, can not go wrong
        with, grew on me, grows on me, feast for the eyes, a plus, high point, highlight""",
    0.7: """like, liked, liking, good, nice, nicely, cool, appealing, attractive, pleasing, pleasant, satisfying, works for me, works
        well, work well, well done, i into, am into, really into, so into, very into, cup of tea, my thing, appreciate, appreciated,
        admire, pretty good, better, best, improve, improved, improves, soothing, interesting, intriguing, tasteful, cleverly,
        clever, adds a lot, adds so much, adds to it, add so much, win, winner, looking forward to, right choice, stands out, care
        for, yes, keep, works, suits, suits it, suit, effective, compelling, pop, dig, digging, neat, rocks, welcome, convinced,
        convincing, appeal, see the appeal of, see the point of, gain from, gain a lot from, gains from, gains a lot from, benefit from,
        benefits from, benefits a lot from, added a lot, added so much, thank you for, thanks for, stay, feeling the, feeling that, feeling this, nicer, well chosen,
        happy to see, glad to see, impressive enough""",
    0.3: "ok, okay, fine, decent, alright, acceptable, passable, not bad, can live with, do not mind, not mind",
    -0.3: """meh, so so, could be better, average, mediocre, room for improvement, nothing special, not mine, unsure about,
        questionable, stiff""",
    -0.6: """boring, bored, dull, uninteresting, bland, lifeless, unappealing, annoying, annoyed, distracting, distract, distracts,
        weird, strange, odd, off putting, cheap, tacky, kitschy, cheesy, tiresome, overdone, overused, cliche, messy, mess, clumsy,
        awkward, unnatural, unnecessary, pointless, bother, bothers me, disappointing, disappointed, disappoint, shame, pity, sadly,
        unfortunately, unpleasant, mind, problem, issue, worse, does nothing for me, do nothing for me, leaves me cold, leave me
        cold, not work, not working, not into, spoil, spoils, spoiled, hurts, weak, poor, poorly, bad, badly, wrong, irritating,
        generic, jarring, complain, mistake, complaint, little much, a little much, bit much, a bit much, done with, tired of, bored
        of, bored with, too bad, turns me off, turn off, turned off, not it, skip, pass on, gimmicky, lazy, amateurish, unattractive, puts me off, put me off, could do without, can do without, could have done without, bore me,
        bores me, boring me, tires me, grates, grating, gets on my nerves, get on my nerves, rubs me the wrong way, wears thin, lets it
        down, let it down, drags it down, drag it down, out of place, not belong, takes away from, take away from, no need for, deal breaker, cringe, cringy, underwhelming, underwhelmed, unconvincing, off key, a letdown, a let down, forced,
        not do it for me, not do anything for me, bothered, bothered by, bothered me, bother me, suffer from, suffers from, suffers a lot
        from, weak point, weak spot, weakness, downside, drawback, flaw, low point, not miss, gave me the ick, gives me the ick, the ick,
        could be without, better off without, let down by, put off, put off by, wasted on me, lost on me, wears me out, throws me off,
        rather not, i rather not, i rather not have, i rather not see, would rather not, rather not have, rather not see, prefer not, for my taste, overkill, no fan of, hard to like, hard to love, minus
        point, sticks out, rubs me""",
    -0.8: """dislike, disliked, disliking, ugly, ruin, ruined, ruining, fed up with, so over, over it, sick of, can not see past, hard pass, no thanks, no thank you, thumbs
        down, ew, eww, yuck, ugh, nope, annoys me, detract, detracts from, overwhelming, overbearing, unbearable, kills it, kills
        the mood, fail, garbage""",
    -1.0: """hate, hated, hating, awful, terrible, horrible, horrid, hideous, disgusting, despise, loathe, detest, abhor, can not stand,
        worst, atrocious, dreadful, abysmal, repulsive, abomination, not stand, eyesore, an insult""",
}  # fmt: skip
WANTS: dict[float, str] = {
    0.8: """want, wanted, need, wish, if only, nothing but, would like, would love, would have like, hope for, hoping for, give me, i
        rather, would rather, rather have, rather see, looking for, longing for, crave, craving, demand, must have""",
    0.7: """should be, should have, could be, could use, could have, add, try, make it, use, let us, how about, what about, show, gone
        for, go for, bring, require""",
    -0.7: """get rid of, remove, drop, ditch, lose the, avoid, reduce, tone down, dial down, dial back, cut, cut back on, cut down on,
        take out, take away, stop, leave out, turn down, eliminate, delete, stop using, spare me, away with, enough with, enough of,
        down with, have to go, has to go, must go, needs to go, need to go, should go, could go, can go, wish you had skipped, wish you had left out, should have skipped, skip the,
        leave off, scale back, less is better, go easy on, ease off on, could have skipped""",
}  # fmt: skip
DEGREES: dict[float, str] = {
    1.3: """very, really, absolutely, so, extremely, incredibly, super, totally, completely, truly, especially, particularly, deeply,
        insanely, such, so much, so many, very much, utterly, definitely, always, much, even, far, way, a lot, lots of, all, total,
        big, huge""",
    0.6: """a bit, slightly, somewhat, kind of, sort of, a little, a little bit, fairly, rather, quite, a tad, maybe, perhaps, mildly,
        almost, sometimes, at times, i guess, i suppose, i think, probably, kinda, sorta, a touch""",
}
SPEECH: dict[str, str | dict[float, str]] = {
    "value": VALUES,
    "want": WANTS,
    "degree": DEGREES,
    "swap": {-0.7: "swap, replace, exchange, trade, change, switch, turn the"},
    "prefer": {0.8: """prefer, preferred, preferring, favor, choose, chosen, would choose, would have chosen, would pick, would have picked, pick,
        would have preferred, would have taken, rather have had"""},
    "not": "not, never, neither, nor, hardly, barely, scarcely, cannot, stop the",
    "no": """no, without, none of the, none of, minus, free of, devoid of, zero, absent, anything but, not another, not any, hardly any,
        no more, not one""",
    "too": """too, overly, excessively, too much, too many, way too, far too, way too much, way too many, over the top, excessive,
        overdose of, overkill of""",
    "more": """more, extra, additional, stronger, higher, heavier, increase, increased, boost, boosted, greater, bring out, a lot more,
        much more, double the, more of, never too much, never too many, never have too much, never have too many, never get enough,
        never enough""",
    "less": """less, fewer, lower, weaker, decrease, decreased, minimize, a lot less, much less, less of, not as much, not so much, not
        as many, not so many""",
    "lack": """lack, lacks, lacking, missing, lack of, absence of, deprived of, short of, short on, low on, misses, miss, missed, in
        need of""",
    "enough": "enough, sufficiently, sufficient",
    "contrast": "rather than, instead of, than, as opposed to, versus, vs, in place of, unlike, not just another, >",
    "over": "over, to, above",
    "for": "for, with, by, into, into the",
    "except": """except, except for, except that, everything but, all but, apart from, aside from, other than, save for, everything
        except, all except, if not for""",
    "but": "but, however, although, though, yet, nevertheless, even though, whereas, only that, sadly though, on the other hand",
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
    "filler": """i, who do not, why do not, you, we, he, she, me, us, do, does, did, have, has, had, will, would, can, could, should,
        may, might, must, am, about, as, if, then, there, just, only, still, not only, not just, not to mention, not sure, no doubt,
        no matter, no problem with, no wonder, which, who, what, when, where, why, whole, both, please, oh, well, hey, hi, im, ive,
        id, itself, bit, ca, honestly, actually, overall, ever, quite a, picture, image, photo, pic, version, thing, things, stuff,
        part, bits, look of the, use of, amount of, sense of, kind, sort, having, going, bring back, now, too though, another, same,
        these kinds, yet another, for me, to me, of it, in it, in general, in this picture, in this one, in this image, that is,
        there is, shade of, shades of, out, up, such a, was it, pictures, images, photos, because of, thanks to""",
    "prep": "in, on, at, under, from, near, of, behind, between, around, through, like a, like an, across, within, inside, below, beside",
}  # fmt: skip
MARKS = {".;!?…\n": "stop", ",:-–—()|": "comma"}
"""marks that keep apart → their kind"""
UNMARKED = frozenset("dont doesnt didnt isnt arent wasnt werent cant couldnt shouldnt wouldnt wont havent hasnt hadnt aint".split())
"""contractions as people type them"""
COMPARED = {
    "wider": "more wide", "closer": "more close up", "lighter": "more bright", "deeper": "more depth", "richer": "more rich",
    "thicker": "more thick", "thinner": "more thin", "bolder": "more bold", "finer": "more fine", "harder": "more hard",
    "harsher": "more harsh", "moodier": "more moody", "brightness": "bright", "matter": "matter", "cannot": "can not",
    "gonna": "going to", "wanna": "want to",
}  # fmt: skip
"""words that are read as others; the comparatives of the lexicon's own words follow a rule"""
