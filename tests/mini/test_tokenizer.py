from mini_tokenizer import build_tokenizer

WORDS = ["on", "moon", "noon", "no", "the", "teapot", "pot", "tea", "a", "cat", "scat"]


def test_every_word_is_one_token_whatever_the_order():
    for words in (WORDS, WORDS[::-1]):
        tokenizer = build_tokenizer(words, positions=16)
        assert [w for w in words if len(tokenizer(w, add_special_tokens=False).input_ids) != 1] == []
        assert len(tokenizer("A cat, on the moon", add_special_tokens=False).input_ids) == 6


def test_unknown_words_fall_to_pieces_and_nothing_is_lost():
    tokenizer = build_tokenizer(WORDS, positions=16)
    assert "".join(tokenizer.tokenize("zebra")) == "zebra</w>"
    assert len(set(tokenizer.get_vocab().values())) == len(tokenizer)
