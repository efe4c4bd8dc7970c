import pytest

from ledgers.matters import matters


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("核稿16份", ["核稿16份"]),
        ("核稿16份，用印28次。", ["核稿16份，用印28次。"]),
        ("1.清点文件61份；2.核稿16份。", ["清点文件61份", "核稿16份"]),
        ("1、清点文件\n2、核稿", ["清点文件", "核稿"]),
        ("（1）清点文件；（2）核稿", ["清点文件", "核稿"]),
        ("起草方案; 征求意见", ["起草方案", "征求意见"]),
        ("1.5万份选票已印好", ["1.5万份选票已印好"]),
        ("投入 3.5万元", ["投入 3.5万元"]),
        ("1.清点文件 2.核稿", ["清点文件", "核稿"]),
        ("；；\n", []),
    ],
)
def test_matters_takes_apart_what_is_numbered_or_separated(text, parts):
    assert matters(text) == parts
