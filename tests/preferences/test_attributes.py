
import pytest
import comments_everyday as everyday
import comments_more as more
import comments_people as people
from comments import COMMENTS, LATER, MISSED, OTHER_GRAMMAR
from hypothesis import given, settings
from hypothesis import strategies as st

from persimg.preferences.attributes import Request, denied, mentions, of_prompt, resolved
from persimg.preferences.lexicon import lexicon
from persimg.preferences.phrases import find
from persimg.preferences.statement import verdict

SIGN = {"+": 1, "-": -1}
LEFT = {*MISSED, *people.MISSED, *more.MISSED, *everyday.MISSED}
WRITTEN = (*COMMENTS, *OTHER_GRAMMAR, *LATER, *people.PEOPLE, *people.REVERSED, *more.MIXED, *more.SLY, *everyday.EVERYDAY)
READ = [pair for pair in WRITTEN if pair[0] not in LEFT]
WORDS = """love hate not no too but and or , . : more less is the dark fog pastel colors lighting tail beautiful ugly never enough than
except pretty neon it swap for prefer to on without"""
SPEECH = st.lists(st.sampled_from(WORDS.split()), max_size=40).map(" ".join)
LONG = (
    "+fog -rain ", "8/10 ", "the fog is too thick, ", "used to be why nothing ", "❤",
    "I love the fog and hate the neon, ", "dark ", "in the ", "no ", ",", ".", "x", "not too dark or ", "love dark is ", "'", "é\n",
)  # fmt: skip


def signs(pairs):
    return {key: 1 if value > 0 else -1 for key, value in pairs}


def expected(text):
    """(attributes, categories, signs of what has no word)"""
    said = text.split()
    attributes = {s[1:]: SIGN[s[0]] for s in said if "." in s}
    return attributes, {s[1:]: SIGN[s[0]] for s in said if "." not in s and s[1:] != "*"}, {SIGN[s[0]] for s in said if s[1:] == "*"}


# --- prompts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prompt, ids",
    [
        ("a cat, pastel style, at night", "medium.pastel time.night"),
        ("A Cat In WATERCOLOUR", "medium.watercolor"),
        ("close-up of a dog", "framing.close"),
        ("closeup, line-art", "framing.close medium.outline"),
        ("an extreme close up", "framing.extreme_close"),
        ("polka dot teapots, art decos", "pattern.spotted movement.art_deco"),
        ("a cat without a hat, in the rain", "weather.rain"),
        ("no fog, rain or snowflakes, golden hour", "lighting.golden_hour"),
        ("without fog and rain", ""),
        ("no people on the beach", "place.beach"),
        ("a street with no cars at night", "place.city time.night"),
        ("a cat that isn't striped", ""),
        ("not in the forest", ""),
        ("nobody on the beach", "place.beach"),
        ("nothing but a castle in the fog", "place.castle weather.fog"),
        ("a bit dark street, too beautiful", "tone.dark place.city"),
        ("a busy street, why not at night", "composition.busy place.city time.night"),
        ("portrait of a woman with pale skin, a castle in the distance, stable", "genre.portrait place.castle"),
        ("inkling, darkroom, glassblower", ""),
        ("bird's eye view of a town", "perspective.birds_eye place.city"),
        ("(dark:1.3), [oil painting]", "tone.dark"),
        ("a stained glass window and glasses made of clear glass", "medium.glass accessory.glasses material.glass"),
        ("a desert lacking fog", "place.desert"),
        ("a room missing warm colors", "place.room"),
        ("a lack of fog", ""),
        ("not lacking fog", "weather.fog"),
        ("no text watercolor", "medium.watercolor"),
        ("a beach without people at night", "place.beach time.night"),
        ("zero gravity neon station", "medium.neon"),
        ("never ending fog", "weather.fog"),
        ("never foggy", ""),
        ("style:3, <mycat>, character:4", ""),
        ("<oona> in the snow", "place.snow"),
        ("<my-cat> on the beach, <night>'s hat", "place.beach accessory.hat"),
        ("", ""),
    ],
)
def test_of_prompt_finds_what_is_asked_for(prompt, ids):
    found = of_prompt(prompt)
    assert set(found) - {"medium.oil"} == set(ids.split()) and set(found.values()) <= {1.0}


@pytest.mark.parametrize(
    "prompt, ids",
    [
        ("a desert lacking fog", "weather.fog"),
        ("a room missing warm colors", "palette.warm"),
        ("a lack of fog", "weather.fog"),
        ("no text watercolor", ""),
        ("zero gravity neon station", ""),
        ("never ending fog", ""),
        ("no fog, watercolor", "weather.fog"),
    ],
)
def test_what_a_prompt_denies(prompt, ids):
    assert denied(prompt).attributes == set(ids.split())


# --- comments ---------------------------------------------------------------------------------------------------------


def understood(text, said):
    """(what is read, what is meant), equal where a comment is read right; a word that several categories share asks for each."""
    statement, (attributes, categories, unmapped) = mentions(text), expected(said)
    requests = {request.category: request.polarity for request in statement.requests}
    meant = requests if categories and categories.items() <= requests.items() else categories
    return (signs(statement.weights().items()), requests, {remark.polarity for remark in statement.unmapped}), (attributes, meant, unmapped)


@pytest.mark.parametrize("text, said", READ)
def test_comments_are_read_as_people_read_them(text, said):
    read, meant = understood(text, said)
    assert read == meant


@pytest.mark.parametrize("comments, least", [(people.FRESH, people.FRESH_READ), (more.FRESH, more.FRESH_READ)])
def test_most_comments_that_the_reader_was_not_mended_for_are_read_right(comments, least):
    read = [read == meant for read, meant in (understood(text, said) for text, said in comments)]
    assert len(read) >= 40 and sum(read) >= least >= 0.75 * len(read)


def test_most_comments_of_any_kind_are_read_right():
    assert len(COMMENTS) >= 60 and len(MISSED) <= 0.1 * (len(OTHER_GRAMMAR) + len(LATER))
    assert set(MISSED) <= {text for text, _ in LATER}
    assert len(people.PEOPLE) >= 150 and len(people.MISSED) <= 0.1 * len(people.PEOPLE) and len(more.MISSED) <= 0.1 * len(more.MIXED)
    assert LEFT <= {text for text, _ in WRITTEN}


@pytest.mark.parametrize(
    "text, sign",
    [
        ("love it", 1),
        ("I hate everything about it", -1),
        ("beautiful!", 1),
        ("awful", -1),
        ("meh", -1),
        ("not bad at all", 1),
        ("I don't like this picture.", -1),
        ("love it, but too dark", 1),
        ("The fog is nice but overall I hate it", -1),
        ("I like everything except the fog", 1),
        ("the tail is ugly", 0),
        ("awful neon", 0),
        ("Fog. Hate it.", 0),
        ("what a nice cat", 0),
        ("a cat at night", 0),
        ("", 0),
    ],
)
def test_a_verdict_is_about_the_whole_picture(text, sign):
    found = verdict(text)
    assert -1 <= found <= 1 and (found > 0) - (found < 0) == sign == (mentions(text).verdict > 0) - (mentions(text).verdict < 0)


def test_a_verdict_is_as_strong_as_its_words():
    assert verdict("I love it! Beautiful!") == 1 > verdict("I like it") > verdict("it's ok") > 0 > verdict("it's boring") > verdict("I hate it") == -1


def test_strength_follows_the_words():
    def of(text):
        return mentions(text).weights()["weather.fog"]

    assert of("I love the fog") > of("I like the fog") > of("the fog is a bit nice") > 0
    assert 0 > of("the fog is slightly ugly") > of("I dislike the fog") > of("I hate the fog")
    assert of("I really like the fog") > of("I like the fog")
    assert 0 < of("fog") < of("I like the fog") and 0 < of("the fog is not bad") < of("the fog is good")


def test_quotes_say_where():
    (mention,) = mentions("Nice cat. I really hate the neon lights here!").mentions
    assert (mention.attribute, mention.polarity, mention.quote) == ("medium.neon", -1, "really hate the neon lights")


def test_what_has_no_word_is_kept():
    said = mentions("I love the fog and the cat's smile. The ears are ugly, too many whiskers")
    assert [(r.text, r.polarity) for r in said.unmapped] == [("the cat's smile", 1), ("The ears are ugly", -1), ("too many whiskers", -1)]


def test_praise_and_blame_of_one_attribute_cancel():
    assert mentions("I like the fog. I dislike the fog. I like the fog").weights()["weather.fog"] > 0
    assert "weather.fog" not in mentions("I like the fog but I do not like the fog").weights()


def test_requests_are_answered_by_the_picture():
    picture = {"palette.warm": 0.9, "saturation.vivid": 0.5, "palette.limited": 0.2, "tone.dark": 1.0, "mood.sensual": 1.0, "no.such": 1.0}
    found = resolved(mentions("I hate the colours").requests, picture)
    assert {(m.attribute, m.polarity) for m in found} == {("palette.warm", -1), ("saturation.vivid", -1)}
    assert {m.strength for m in found} == {0.9, 0.5} and {m.quote for m in found} == {"hate the colours"}
    assert not resolved([Request("mood", 1, 1.0, "")], picture)  # sensual is sensitive


def test_a_category_whose_value_is_said_asks_nothing():
    assert not mentions("The lighting is too dark").requests and not mentions("I love dark colors").requests


# --- whatever is typed ------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), SPEECH))
def test_any_text_is_read_the_same_twice(text):
    first, table = mentions(text), lexicon()
    assert first == mentions(text) and of_prompt(text) == of_prompt(text)
    assert first.weights().keys() <= {m.attribute for m in first.mentions}
    for said in (*first.mentions, *first.requests):
        assert said.quote and said.quote in text and said.polarity in (1, -1) and 0 < said.strength <= 1
    assert all(m.attribute in table.attributes for m in first.mentions) and all(r.category in table.categories for r in first.requests)
    assert all(r.text and r.text in text and r.polarity in (1, -1) for r in first.unmapped)


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.text(max_size=200), SPEECH))
def test_phrases_are_in_order_and_do_not_overlap(text):
    ends = 0
    for found in find(text):
        assert ends <= found.start < found.end <= len(text) or found.start < ends == found.end  # "don't" is two words in one place
        ends = found.end


@settings(max_examples=50, deadline=None)
@given(SPEECH)
def test_case_and_spelling_do_not_matter(text):
    def said(text):
        statement = mentions(text)
        return [(m.attribute, m.polarity, m.strength) for m in statement.mentions], [(r.category, r.polarity) for r in statement.requests]

    assert said(text) == said(text.upper()) == said(text.replace("colors", "colours"))


@pytest.mark.parametrize("part", LONG)
def test_a_long_text_is_read_at_once(part):
    text = (part * 50_000)[:50_000]
    assert {m.attribute for m in mentions(text).mentions} <= set(lexicon().attributes) and set(of_prompt(text)) == set(of_prompt(part * 2))


def test_a_word_of_any_length_is_a_word():
    assert mentions("a" * 50_000) == mentions("") and of_prompt("'" * 1000 + "dark") == {"tone.dark": 1.0}
