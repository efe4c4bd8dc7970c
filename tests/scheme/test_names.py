import pytest

from scheme.names import search_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("周正则", "zzz zhouzhengze"),
        ("曾强", "zq zengqiang"),
        ("单丽", "sl shanli"),
        ("尉迟恭", "yg yuchigong"),
        ("解小明", "xxm xiexiaoming"),
        ("A区", "aq aqu"),
        ("王", "w wang"),
        ("", " "),
    ],
)
def test_the_reading_of_a_name(name, key):
    assert search_key(name) == key


def test_a_long_name_fits_its_column():
    assert len(search_key("张" * 40)) <= 80
