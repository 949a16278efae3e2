"""Words of praise and blame wherever they stand; those that may also show something are "state" in speech.py."""

from __future__ import annotations

JUDGED: dict[float, str] = {
    1.0: """could not be better, could not have been better, can not get better, who would not love, never seen better, love, loved,
        loving, adore, adored, obsessed, in love with, favorite, favourite, perfect, perfection, perfectly, amazing, awesome, gorgeous,
        stunning, fantastic, incredible, magnificent, masterpiece, brilliant, superb, exquisite, spectacular, wow, outstanding,
        phenomenal, to die for, blown away, blows me away, chef kiss, sign me up, heart melts, flawless, exceptional, masterful, divine,
        dreamy perfection, nothing beats, unbeatable, elevates, elevate, genius, magic touch, best thing ever, ❤, ♥, 😍, 🥰, 🤩, glorious,
        sublime, heavenly, irresistible, mind blowing, unforgettable, sensational, splendid, transcendent, immaculate, faultless,
        wondrous, treasure, cherish""",
    0.8: """pleasurable, agreeable, amiable, appetizing, astounding, awe inspiring, beauteous, blissful, breathtakingly, brilliantly,
        charmingly, cleverest, coherent composition, consummate, crisply done, deft, deftly, delectable, delightfully, dreamily good,
        dynamite, elegantly done, enviable, epic in a good way, excellently, expertly, eye pleasing, fab, fetching, finest, genius move,
        gratifying, heartwarming, helpful, hypnotic, ideal, illuminating, impeccable, impeccably, incomparable, ingenious, joyful touch,
        kickass, likable, likeable, lit in the best way, marvellous, masterly, matchless, mouthwatering, noteworthy, peerless, pitch
        perfect, pleasingly, praiseworthy, priceless, quality work, ravishing, riveting, satisfactory, scrumptious, second to none,
        skilful, skilfully, skillfully, solid work, soulful, sound choice, spellbinding, spiffy, splendidly, staggering, stellar,
        stupendous, stylish, sumptuous, tantalizing, tastefully, thrillingly, tremendous, triumphant, unmatched, unrivaled,
        unparalleled, well composed, well crafted, well executed, well made, well thought out, wholesome, winsome, wonderous, world
        class, worthwhile, worthy, yay for, bravo, kudos, triumph, a triumph, an asset, a bonus, a blessing, a pleasure, a wonder, a
        keeper, pure gold, strong point, selling point, standout, saving grace, star of the show, icing on the cake, cherry on top, the
        cherry on top, first class, five stars, full marks, top marks, a plus point, love at first sight, who would not like, who would
        not want, who would not enjoy, who do not love, who do not like, who do not want, who do not enjoy, who would not, never seen
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
    0.7: """uplift, brighten up, brightened up, brightening up, liven up, livened up, livening up, perk up, perked up, perking up, spice
        up, spiced up, spicing up, round off, rounded off, rounding off, redeem, redeemed, redeeming, elevated, elevating, energize,
        energized, energizing, intrigue, intrigued, amuse, amused, amusing, fascinate, fascinated, enthrall, enthralled, enthralling,
        entrance, entranced, entrancing, hypnotize, hypnotized, hypnotizing, seduce, seduced, seducing, enamor, enamored, enamoring,
        wowed, wowing, astonish, astonished, astonishing, amaze, amazed, stun, stuned, stuning, inspire, inspired, calm me, calmed me,
        calming me, relax me, relaxed me, relaxing me, comfort me, comforted me, comforting me, strengthen, strengthened, strengthening,
        deepen it, deepened it, deepening it, ground it, grounded it, grounding it, anchor it, anchored it, anchoring it, unify,
        unified, unifying, frame it nicely, framed it nicely, framing it nicely, transport me, transported me, transporting me,
        resonate, resonated, resonating, resonate with, resonated with, resonating with, reassure, reassured, reassuring, praise,
        praised, praising, commend, commended, commending, endorse, endorsed, endorsing, worship, worshiped, worshiping, treasured,
        treasuring, idolize, idolized, idolizing, esteem, esteemed, esteeming, revere, revered, revering, delight in, delighted in,
        delighting in, revel in, reveled in, reveling in, bask in, basked in, basking in, savour, savoured, savouring, gravitate toward,
        gravitated toward, gravitating toward, vouch for, vouched for, vouching for, gush over, gushed over, gushing over, swoon over,
        swooned over, swooning over, drool over, drooled over, drooling over, marvel at, marveled at, marveling at, vibe with, vibed
        with, vibing with, click with, clicked with, clicking with, get behind, geted behind, geting behind, fall for, falling for, fell
        for, melt my heart, melted my heart, melting my heart, tick all the boxes, ticked all the boxes, ticking all the boxes, hit the
        mark, hited the mark, hiting the mark, hit home, hited home, hiting home, stand out for me, standed out for me, standing out for
        me, work a treat, worked a treat, working a treat, work like a charm, worked like a charm, working like a charm, work wonder,
        worked wonder, working wonder, steal my heart, stealed my heart, stealing my heart, take my breath away, taking my breath away,
        took my breath away, blew me away, blowed me away, blowing me away, knock it out of the park, knocked it out of the park,
        knocking it out of the park, like, liked, liking, good, nice, nicely, cool, appealing, attractive, pleasing, pleasant,
        satisfying, works for me, works well, work well, well done, i into, am into, really into, so into, very into, cup of tea, my
        thing, appreciate, appreciated, admire, pretty good, better, best, improve, improved, improves, soothing, interesting,
        intriguing, tasteful, cleverly, clever, adds a lot, adds so much, adds to it, add so much, win, winner, looking forward to,
        right choice, stands out, care for, yes, keep, works, suits, suits it, suit, effective, compelling, pop, dig, digging, neat,
        rocks, welcome, convinced, convincing, appeal, see the appeal of, see the point of, gain from, gain a lot from, gains from,
        gains a lot from, benefit from, benefits from, benefits a lot from, added a lot, added so much, thank you for, thanks for, stay,
        feeling the, feeling that, feeling this, nicer, well chosen, happy to see, glad to see, impressive enough, get used to, getting
        used to, used to it now, refreshing, compliment, gotta love, got to love, nice touch, good touch, confident, expressive, subtle
        touch, nothing against, count me in, for me please, i buy, well judged, helps, helped, does the trick, does wonders, a win,
        worth it, gives it character, adds character, adds a nice touch, lifts it, enhance, enhances, enhanced, enriches, flatters,
        complements, fits, fit, fits well, belongs, right at home, my style, my vibe, pro, in the best way, smart, classy, nifty, tasty,
        yummy, witty, winning, commendable, apt, fitting, delivers, inviting, invites me in, shines, soothes, excites, easy on the eye,
        makes sense, a good choice, good call, great call, agree with, approve of, approve, all about, happily, please me, good fit,
        well placed, well balanced, warm to, warmed to, room to breathe, get the hype, get the appeal, see the hype, what makes this,
        what makes it, makes the piece, lovely detail, a nice detail, a cute detail, a great detail, sells it, a fan, am a fan""",
    0.3: "ok, okay, fine, decent, alright, acceptable, passable, not bad, can live with, do not mind, not mind",
    -0.3: """meh, so so, could be better, average, mediocre, room for improvement, nothing special, not mine, unsure about,
        questionable, stiff, not sure about, not so sure about, do not know about, not sure i like, not sure i love, not sure if i like,
        on the fence about, dated, predictable, not sold on, meh about, not used to""",
    -0.6: """clutter up, cluttered up, cluttering up, mess up, messed up, messing up, screw up, screwed up, screwing up, foul up, fouled
        up, fouling up, muck up, mucked up, mucking up, grate on me, grated on me, grating on me, grate on, grated on, grating on,
        interfere with, interfered with, interfering with, weigh down, weighed down, weighing down, slow it down, slowed it down,
        slowing it down, water down, watered down, watering down, dumb down, dumbed down, dumbing down, jump out too much, jumped out
        too much, jumping out too much, fail me, failed me, failing me, flatten it, flattened it, flattening it, ignore it, ignored it,
        ignoring it, despair of, despaired of, despairing of, tire of, tiring of, weary of, wearied of, wearying of, grow tired of,
        growed tired of, growing tired of, grew tired of, sick and tired of, sicked and tired of, sicking and tired of, fall short,
        falling short, fell short, miss the mark, missed the mark, missing the mark, misseding the mark, rub off badly, rubed off badly,
        rubing off badly, get under my skin, geted under my skin, geting under my skin, leave me unmoved, leaved me unmoved, leaving me
        unmoved, left me cold, left me unmoved, take me out of it, taking me out of it, took me out of it, pull me out of it, pulled me
        out of it, pulling me out of it, stick out like a sore thumb, sticked out like a sore thumb, sticking out like a sore thumb, do
        not belong, doed not belong, doing not belong, feel wrong, feeling wrong, lurid, tawdry, kitsch, schlocky, cheap looking,
        chintzy, frumpy, dowdy, dreary looking, humdrum, banal, vacuous, mawkish, saccharine, sugary, syrupy, cloying, schmaltzy, twee,
        hammy, overwrought, overblown, overstuffed, overlit, overprocessed, oversaturated look, overexposed look, underlit, offputting,
        unsightly, unlovely, unseemly, unbecoming, ungainly, unwieldy, unprofessional, unskilled, unharmonious, discordant, dissonant,
        incongruous, inelegant, graceless, ham fisted, ham handed, slapdash, slipshod, haphazard, half hearted, halfhearted,
        insufferable, intolerable, inexcusable, unforgivable, lamentable, laughable, regrettable, woeful, atrociously, awfully done,
        badly done, poorly done, poorly executed, horribly, terribly, hideously, dreadfully, painfully, annoyingly, distractingly,
        irritatingly, needlessly, pointlessly, unpleasantly, cringeworthy, cringey, cheesier, crass, coarse looking, distasteful, dodgy,
        dud, a dud, fiasco, a failure, a flop, a disaster, travesty, train wreck, monstrosity, a nuisance, annoyance, distraction,
        shortcoming, weakest link, weakest part, weakest point, sore point, sore spot, sore thumb, pet peeve, bugbear, turn off for me,
        a miss, a mistake, misstep, misjudged, miscalculated, ill judged, ill advised, ill suited, ill conceived, inept, lousiest,
        subpar, sub par, second rate, third rate, substandard, not up to par, not up to scratch, shitty, shit, crapola, bogus, phony,
        phoney, fake looking, inauthentic, hokey, naff, middling, meh at best, so boring, yawn inducing, soporific, mind numbing,
        snoozefest, wearisome, repellant, repugnant, abhorrent, loathsome, detestable, despicable, contemptible, odious, noxious,
        nauseatingly, stomach turning, unwatchable, unusable, unviewable, illegible, indecipherable, jarringly, clashing, off balance,
        out of tune, out of keeping, out of character, an eyesore, a sore sight, hard to look at, hard to watch, hard to take, difficult
        to look at, boring, dull, uninteresting, bland, lifeless, unappealing, annoying, distracting, off putting, cheap, tacky,
        kitschy, cheesy, tiresome, overdone, overused, cliche, messy, mess, unnatural, unnecessary, pointless, bother, bothers me,
        disappointed, disappoint, unpleasant, mind, issue, worse, does nothing for me, do nothing for me, leaves me cold, leave me cold,
        not work, not working, not into, poorly, bad, badly, wrong, irritating, generic, jarring, complain, mistake, complaint, done
        with, tired of, bored of, bored with, turns me off, turn off, turned off, not it, skip, pass on, gimmicky, amateurish,
        unattractive, puts me off, put me off, could do without, can do without, could have done without, bore me, bores me, boring me,
        tires me, grates, grating, gets on my nerves, get on my nerves, rubs me the wrong way, wears thin, lets it down, let it down,
        drags it down, drag it down, drags it all down, drags everything down, drags the picture down, not belong, no need for, cringe,
        cringy, underwhelming, underwhelmed, unconvincing, off key, a letdown, a let down, not do it for me, not do anything for me,
        bothered by, bothered me, bother me, suffer from, suffers from, suffers a lot from, weak point, weak spot, weakness, downside,
        drawback, flaw, low point, not miss, gave me the ick, gives me the ick, the ick, could be without, better off without, let down
        by, put off, put off by, wasted on me, lost on me, wears me out, throws me off, rather not, i rather not, i rather not have, i
        rather not see, would rather not, rather not have, rather not see, prefer not, for my taste, overkill, no fan of, hard to like,
        hard to love, minus point, sticks out, rubs me, overrated, for my liking, for my eyes, for comfort, unhappy with, dissatisfied,
        not happy with, uninspired, labored, laboured, overworked, sloppy, clunky, crude, confusing, gaudy, harsh on the eye, hard on
        the eye, hurts the eye, i over, i am over, am over, had enough, seen enough, have had it with, had it with, have had my fill,
        had my fill, fill of, question, what there to like, what is there to like, who needs, who need, who asked for, who wants, add
        nothing, adds nothing, added nothing, bring nothing, brings nothing, serve no purpose, serves no purpose, contributes nothing,
        see no point in, see no reason for, down a notch, down a bit, down a little, if i see, not on brand, off brand, nah, gets old,
        getting old, got old, too much for me, wrong choice, overbaked, heavy handed, half baked, unflattering, unflattered, off, feels
        off, looks off, does not help, not help, do not need, get in the way, gets in the way, in the way, trying too hard, tries too
        hard, gives me a headache, give me a headache, count me out, yawn, not a fit, not fit, 😕, 🙄, a little much, little much, a bit
        much, bit much, problem, eye hurt, hurt from, hype, hurt my eye, stupid, ridiculous, dumb, lame, corny, superfluous, uncalled
        for, needless, gratuitous, redundant, bug, bugs me, con, look silly, looks silly, falls flat, fall flat, feels flat, feel flat,
        look flat, looks flat, childish, phoned in, rushed, plasticky, soulless, muddled, incoherent, out of hand, one note, run of the
        mill, ordinary, forgettable, abrasive, aimless, amateur, bothersome, brash, contrived, cliched, crummy, derivative, flawed,
        flimsy, frustrating, fussy, hackneyed, headache, ill fitting, illogical, impersonal, inappropriate, inconsistent, inferior,
        insipid, intrusive, irrelevant, irritates, irks, lackluster, ludicrous, mindless, misplaced, monotonous, mushy, nonsense,
        nonsensical, obtrusive, oppressive, overcooked, pretentious, repetitive, sappy, senseless, shoddy, simplistic, tedious, trite,
        undercooked, uneven, uninviting, unimpressive, uninspiring, unlikable, unoriginal, unreadable, unrefined, unsatisfying,
        unwanted, unwelcome, useless, vapid, waste, waste of, wonky, resent, regret, object to, objection to, criticize, reject, refuse,
        veto, boo, cringe at, roll my eyes at, disappoint me, confuses, disturbs, repels, offends, tires, flops, suffocates, flattens,
        weighs it down, lets me down, loses me, lost me, puts me to sleep, scares me, freaks me out, stresses me out, makes no sense,
        bad call, bad choice, poor choice, odd choice, weird choice, strange choice, disagree with, disapprove of, silly look, downer,
        buzzkill, turnoff, leaves a lot to be desired, leave a lot to be desired, leaves much to be desired, leave much to be desired,
        leaves something to be desired""",
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
"""size → phrases; the larger the size, the more they say"""
