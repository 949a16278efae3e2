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

VALUES: dict[float, str] = {
    1.0: """could not be better, could not have been better, can not get better, who would not love, never seen better, love, loved,
        loving, adore, adored, obsessed, in love with, favorite, favourite, perfect, perfection, perfectly, amazing, awesome, gorgeous,
        stunning, fantastic, incredible, magnificent, masterpiece, brilliant, superb, exquisite, spectacular, wow, outstanding,
        phenomenal, to die for, blown away, blows me away, chef kiss, sign me up, heart melts, flawless, exceptional, masterful, divine,
        dreamy perfection, nothing beats, unbeatable, elevates, elevate, genius, magic touch, best thing ever, ❤, ♥, 😍, 🥰, 🤩, glorious,
        sublime, heavenly, irresistible, mind blowing, unforgettable, sensational, splendid, transcendent, immaculate, faultless,
        wondrous, treasure, cherish""",
    0.8: """who would not like, who would not want, who would not enjoy, who do not love, who do not like, who do not want, who do not enjoy, who would not, never seen
        nicer, never seen lovelier, never seen prettier, lovelier, prettier, beautiful, beautifully, wonderful, wonderfully, great,
        excellent, lovely, delightful, impressive, impressed, fabulous, terrific, marvelous, charming, captivating, mesmerizing,
        striking, fan of, big fan of, enjoy, enjoyed, enjoying, yay, hooray, can not get enough of, glad, happy with, thumbs up, spot
        on, nailed it, nails it, for the win, all day, breathtaking, enchanting, fascinating, soft spot for, sucker for, drawn to,
        speaks to me, speak to me, right up my alley, hits the spot, makes it special, makes the picture, keen on, crazy about, wild
        about, mad about, fond of, sold on, partial to, can not fault, hard to beat, a treat, a joy, a delight, made my day, makes me
        smile, makes me happy, gets me, does it for me, impress, impresses, pleased, pleased with, charmed, charmed by, won me over, win
        me over, wins me over, delighted, thrilled, props for, kudos for, made me smile, on my wall, never get bored of, never bored of,
        never tire of, never get tired of, can not go wrong with, grew on me, grows on me, feast for the eyes, a plus, high point,
        highlight, what not to like, what is not to like, what not to love, what is not to love, what there not to like, what there not
        to love, my weakness, my jam, here for, all for, had me at, makes it for me, makes this one, lush, evocative, poetic,
        underrated, to my liking, to my taste, kill for, live for, can not resist, can not help but love, always a fan of, gorgeously,
        superbly, well handled, handled well, on point, on brand, ties it together, brings it together, brings it to life, brings this
        to life, saves it, 👍, 🔥, hats off to, steals the show, long live, admirable, alluring, artful, beguiling, bewitching, dazzling,
        delicious, engaging, engrossing, enjoyable, exciting, exhilarating, eye catching, first rate, handsome, immersive, imaginative,
        inventive, invigorating, lovable, luscious, memorable, original, poignant, powerful, precious, remarkable, rewarding, skillful,
        top notch, touching, thrilling, rave about, relish, savor, applaud, recommend, root for, dazzles, captivates, enchants,
        delights, charms, cheers me up, lifts my mood, warms my heart, draws me in, pulls me in, catches my eye, grabs me, moves me,
        touches me, sticks with me, thank god for, thank goodness for, hooked on, addicted to, weak spot for, weakness for, who would
        say no to, who can say no to, who could say no to, who can resist, who could resist, can not say no to, hard to say no to""",
    0.7: """like, liked, liking, good, nice, nicely, cool, appealing, attractive, pleasing, pleasant, satisfying, works for me, works
        well, work well, well done, i into, am into, really into, so into, very into, cup of tea, my thing, appreciate, appreciated,
        admire, pretty good, better, best, improve, improved, improves, soothing, interesting, intriguing, tasteful, cleverly, clever,
        adds a lot, adds so much, adds to it, add so much, win, winner, looking forward to, right choice, stands out, care for, yes,
        keep, works, suits, suits it, suit, effective, compelling, pop, dig, digging, neat, rocks, welcome, convinced, convincing,
        appeal, see the appeal of, see the point of, gain from, gain a lot from, gains from, gains a lot from, benefit from, benefits
        from, benefits a lot from, added a lot, added so much, thank you for, thanks for, stay, feeling the, feeling that, feeling this,
        nicer, well chosen, happy to see, glad to see, impressive enough, get used to, getting used to, used to it now, refreshing,
        compliment, gotta love, got to love, nice touch, good touch, confident, expressive, subtle touch, nothing against, count me in,
        for me please, i buy, well judged, helps, helped, does the trick, does wonders, a win, worth it, gives it character, adds
        character, adds a nice touch, lifts it, enhance, enhances, enhanced, enriches, flatters, complements, fits, fit, fits well,
        belongs, right at home, my style, my vibe, pro, in the best way, smart, classy, nifty, tasty, yummy, witty, winning,
        commendable, apt, fitting, delivers, inviting, invites me in, shines, soothes, excites, easy on the eye, makes sense, a good
        choice, good call, great call, agree with, approve of, approve, all about, happily, please me, good fit, well placed, well
        balanced, warm to, warmed to, room to breathe, get the hype, get the appeal, see the hype, what makes this, what makes it, makes
        the piece, lovely detail, a nice detail, a cute detail, a great detail, sells it, a fan, am a fan""",
    0.3: "ok, okay, fine, decent, alright, acceptable, passable, not bad, can live with, do not mind, not mind",
    -0.3: """meh, so so, could be better, average, mediocre, room for improvement, nothing special, not mine, unsure about,
        questionable, stiff, not sure about, not so sure about, do not know about, not sure i like, not sure i love, not sure if i like,
        on the fence about, dated, predictable, not sold on, meh about, not used to""",
    -0.6: """boring, dull, uninteresting, bland, lifeless, unappealing, annoying, distracting, off putting, cheap, tacky, kitschy,
        cheesy, tiresome, overdone, overused, cliche, messy, mess, unnatural, unnecessary, pointless, bother, bothers me, disappointed,
        disappoint, unpleasant, mind, issue, worse, does nothing for me, do nothing for me, leaves me cold, leave me cold, not work, not
        working, not into, poorly, bad, badly, wrong, irritating, generic, jarring, complain, mistake, complaint, done with, tired of,
        bored of, bored with, turns me off, turn off, turned off, not it, skip, pass on, gimmicky, amateurish, unattractive, puts me
        off, put me off, could do without, can do without, could have done without, bore me, bores me, boring me, tires me, grates,
        grating, gets on my nerves, get on my nerves, rubs me the wrong way, wears thin, lets it down, let it down, drags it down, drag
        it down, not belong, no need for, cringe, cringy, underwhelming, underwhelmed, unconvincing, off key, a letdown, a let down, not
        do it for me, not do anything for me, bothered by, bothered me, bother me, suffer from, suffers from, suffers a lot from, weak
        point, weak spot, weakness, downside, drawback, flaw, low point, not miss, gave me the ick, gives me the ick, the ick, could be
        without, better off without, let down by, put off, put off by, wasted on me, lost on me, wears me out, throws me off, rather
        not, i rather not, i rather not have, i rather not see, would rather not, rather not have, rather not see, prefer not, for my
        taste, overkill, no fan of, hard to like, hard to love, minus point, sticks out, rubs me, overrated, for my liking, for my eyes,
        for comfort, unhappy with, dissatisfied, not happy with, uninspired, labored, laboured, overworked, sloppy, clunky, crude,
        confusing, gaudy, harsh on the eye, hard on the eye, hurts the eye, i over, i am over, am over, had enough, seen enough, have
        had it with, had it with, have had my fill, had my fill, fill of, question, what there to like, what is there to like, who
        needs, who need, who asked for, who wants, add nothing, adds nothing, added nothing, bring nothing, brings nothing, serve no
        purpose, serves no purpose, contributes nothing, see no point in, see no reason for, down a notch, down a bit, down a little, if
        i see, not on brand, off brand, nah, gets old, getting old, got old, too much for me, wrong choice, overbaked, heavy handed,
        half baked, unflattering, unflattered, off, feels off, looks off, does not help, not help, do not need, get in the way, gets in
        the way, in the way, trying too hard, tries too hard, gives me a headache, give me a headache, count me out, yawn, not a fit,
        not fit, 😕, 🙄, a little much, little much, a bit much, bit much, problem, eye hurt, hurt from, hype, hurt my eye, stupid,
        ridiculous, dumb, lame, corny, superfluous, uncalled for, needless, gratuitous, redundant, bug, bugs me, con, look silly, looks
        silly, falls flat, fall flat, feels flat, feel flat, look flat, looks flat, childish, phoned in, rushed, plasticky, soulless,
        muddled, incoherent, out of hand, one note, run of the mill, ordinary, forgettable, abrasive, aimless, amateur, bothersome,
        brash, contrived, cliched, crummy, derivative, flawed, flimsy, frustrating, fussy, hackneyed, headache, ill fitting, illogical,
        impersonal, inappropriate, inconsistent, inferior, insipid, intrusive, irrelevant, irritates, irks, lackluster, ludicrous,
        mindless, misplaced, monotonous, mushy, nonsense, nonsensical, obtrusive, oppressive, overcooked, pretentious, repetitive,
        sappy, senseless, shoddy, simplistic, tedious, trite, undercooked, uneven, uninviting, unimpressive, uninspiring, unlikable,
        unoriginal, unreadable, unrefined, unsatisfying, unwanted, unwelcome, useless, vapid, waste, waste of, wonky, resent, regret,
        object to, objection to, criticize, reject, refuse, veto, boo, cringe at, roll my eyes at, disappoint me, confuses, disturbs,
        repels, offends, tires, flops, suffocates, flattens, weighs it down, lets me down, loses me, lost me, puts me to sleep, scares
        me, freaks me out, stresses me out, makes no sense, bad call, bad choice, poor choice, odd choice, weird choice, strange choice,
        disagree with, disapprove of, silly look, downer, buzzkill, turnoff, leaves a lot to be desired, leave a lot to be desired,
        leaves much to be desired, leave much to be desired, leaves something to be desired""",
    -0.8: """could not be worse, could not have been worse, never seen worse, never seen uglier, uglier, least favorite, least liked,
        belongs in the trash, belongs in the bin, belongs in the garbage, belong in the trash, belong in the bin, belong in the garbage,
        in the bin, dislike, disliked, disliking, ugly, fed up with, so over, over it, sick of, can not see past, hard pass, no thanks,
        no thank you, thumbs down, ew, eww, yuck, ugh, nope, annoys me, overwhelming, overbearing, unbearable, kills it, kills the mood,
        fail, dealbreaker, deal breaker, want no, hard no, big no, a no, no go, cheapens, cheapen, drives me crazy, drives me mad,
        drives me nuts, clash, clashing badly, tasteless, 👎, 😡, crappy, crap, gross, lousy, obnoxious, offensive, pathetic, trashy,
        vulgar, worthless, icky, yucky, deplorable, horrific, repellent, nauseating, makes me cringe, makes me want to leave, makes me
        sad, makes me angry, give me the creeps, gives me the creeps, creeps me out, creep me out""",
    -1.0: """hate, hated, hating, awful, terrible, horrible, horrid, hideous, disgusting, despise, loathe, detest, abhor, can not stand,
        worst, atrocious, dreadful, abysmal, repulsive, abomination, not stand, eyesore, an insult, vile, revolting, ghastly, appalling,
        horrendous, makes me sick, sickening, the pits, 🤮, 🤢, 💩""",
    0.0: "indifferent, indifferent to, neither good nor bad, do not care either way, no opinion on, neutral on, neutral about",
}  # fmt: skip
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


VALUES[-0.7] = _each(MODALS, LESSENED, " be ") + ", " + _each("needs, could use, could do with, would benefit from, benefits from", LESSENING)
VALUES[0.7] += ", " + _each(MODALS, HEIGHTENED, " be ")
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
    "barred": _each("no, without, without any, zero", "text, texts, watermark, watermarks, people, humans, persons, words, letters, lettering, logo, logos, "
                    "signature, signatures, captions, writing, faces, animals, cars, nudity, artifacts"),
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
            uncomfortable, uneasy, unfinished, unhappy, unnerving, untidy, wasted, weary, weird, wretched""",
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
