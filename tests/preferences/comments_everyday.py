"""Everyday comments that were once read the wrong way round, and what stands close to them; signs as in comments.py."""

LABELLED = [
    ("fog: great, neon: awful", "+weather.fog -medium.neon"),
    ("neon: awful, fog: great", "-medium.neon +weather.fog"),
    ("fog: yes, neon: no, rain: no", "+weather.fog -medium.neon -weather.rain"),
    ("fog: love it, neon: hate it", "+weather.fog -medium.neon"),
    ("light: lovely, colors: too loud", "+lighting -palette"),
    ("fog: 10/10, neon: 2/10", "+weather.fog -medium.neon"),
    ("fog (great), neon (awful)", "+weather.fog -medium.neon"),
    ("fog - great, neon - awful", "+weather.fog -medium.neon"),
    ("fog - great\nneon - awful", "+weather.fog -medium.neon"),
    ("awful: neon, great: fog", "-medium.neon +weather.fog"),
    ("likes: fog, rain. dislikes: neon, stripes", "+weather.fog +weather.rain -medium.neon -pattern.striped"),
    ("pros: fog, cons: neon", "+weather.fog -medium.neon"),
    ("I love the fog - the neon is awful", "+weather.fog -medium.neon"),
    ("I love the colors: pastel, pink", "+palette +medium.pastel +color.pink"),
    ("the fog (I love it) and the neon (I hate it)", "+weather.fog -medium.neon"),
]

SHOWN = [
    ("the tired old man in soft light", "+lighting.soft_light"),
    ("a weary knight in watercolor", "+medium.watercolor"),
    ("the broken bridge in the fog", "+weather.fog"),
    ("the shabby house in the rain", "+weather.rain"),
    ("the axe in the foggy forest", "+weather.fog +place.forest"),
    ("I like how murky and foggy it is", "+weather.fog"),
    ("I love the disturbing, dark mood", "+tone.dark"),
    ("👍 fog 👎 neon", "+weather.fog -medium.neon"),
    ("👍 fog, 👎 neon", "+weather.fog -medium.neon"),
    ("👎 neon", "-medium.neon"),
    ("the bus stop in the fog", "+weather.fog"),
    ("the water drop in soft light", "+lighting.soft_light"),
    ("the cut flowers in pastel", "+accessory.flower +medium.pastel"),
    ("the sleepy town at night", "+place.city +time.night"),
    ("an anxious dog in the rain", "+weather.rain"),
    ("the strange man in watercolor", "+medium.watercolor"),
    ("please drop the neon", "-medium.neon"),
    ("I'd cut the neon", "-medium.neon"),
    ("you should stop using neon", "-medium.neon"),
    ("drop the hat and cut the neon", "-accessory.hat -medium.neon"),
    ("axe the neon", "-medium.neon"),
    ("ugly neon in the fog", "-medium.neon +weather.fog"),
    ("the neon in the fog is ugly", "-medium.neon -weather.fog"),
    ("I am tired of neon", "-medium.neon"),
    ("I feel weary of neon", "-medium.neon"),
]

EVERYDAY = [*LABELLED, *SHOWN]
MISSED = ()
"""what is still read wrong"""
