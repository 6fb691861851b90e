"""Do we read jieba's lists as jieba does?"""

from __future__ import annotations

import jieba

from archive.words.chinese import UNKNOWN_TAG, chinese


def test_the_list_is_jiebas_own() -> None:
    read = chinese()
    with jieba.Tokenizer().get_dict_file() as file:
        counts, total = jieba.Tokenizer.gen_pfdict(file)
    assert read.tokenizer.total == total
    assert counts == read.tokenizer.FREQ


def test_words_have_their_tag_and_rarity() -> None:
    read = chinese()
    assert read.cut("这件衣服什么时候发货") == ["这件", "衣服", "什么", "时候", "发货"]
    assert (read.tag("衣服"), read.tag("没有这个词的")) == ("n", UNKNOWN_TAG)
    assert read.idf("的话") < read.idf("发货")
    assert (read.idf("没有这个词的"), read.idf("𠮷")) == (read.typical, read.typical / 2)
