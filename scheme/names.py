"""Finding people by pinyin. Surnames are read from an own table where the library misreads them."""

from pypinyin import Style, lazy_pinyin

# pypinyin reads these by their commonest sound, which is not how the families say them.
SURNAMES = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "区": "ou", "解": "xie", "查": "zha", "盖": "ge",
    "朴": "piao", "任": "ren", "尉迟": "yuchi", "长孙": "zhangsun", "万俟": "moqi", "乐": "yue",
    "种": "chong", "秘": "bi", "折": "she", "黑": "he", "繁": "po", "员": "yun", "覃": "qin",
    "翟": "zhai", "缪": "miao", "宓": "fu", "召": "shao", "洗": "xian", "冼": "xian", "句": "gou",
    "尹": "yin", "华": "hua", "纪": "ji", "燕": "yan", "应": "ying", "宁": "ning", "卜": "bu",
    "柏": "bai", "贾": "jia", "车": "che", "钻": "zuan", "令狐": "linghu", "澹台": "tantai",
}  # fmt: skip


def search_key(name: str) -> str:
    """周正则 → "zzz zhouzhengze": initials and full reading, for one search box."""
    for length in (2, 1):
        if name[:length] in SURNAMES:
            head, rest = SURNAMES[name[:length]], name[length:]
            break
    else:
        head, rest = "".join(lazy_pinyin(name[:1])), name[1:]
    initials = head[:1] + "".join(lazy_pinyin(rest, style=Style.FIRST_LETTER))
    return f"{initials} {head}{''.join(lazy_pinyin(rest))}".lower()[:80]
