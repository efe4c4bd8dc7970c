"""Boxes that open for nobody but this installation, and not twice as long for a longer text."""

import pytest

from scheme import sealing


def test_what_goes_in_comes_out_all_at_once():
    box = sealing.new_box()
    texts = ["0", "100", "87.5", "", "一二三四五"]
    assert sealing.unseal(box, [sealing.seal(box, text) for text in texts]) == texts
    # As the database gives them back.
    assert sealing.unseal(memoryview(box), [memoryview(sealing.seal(box, "9"))]) == ["9"]


def test_everything_sealed_is_equally_long_and_never_the_same():
    box = sealing.new_box()
    sealed = [sealing.seal(box, text) for text in ("", "0", "100", "100", "x" * sealing.PADDED)]
    assert len({len(one) for one in sealed}) == 1 and len(set(sealed)) == len(sealed)
    assert not any(b"100" in one for one in sealed)
    for text in ("x" * (sealing.PADDED + 1), "一二三四五六", "a\0"):
        with pytest.raises(ValueError):
            sealing.seal(box, text)


def test_a_box_opens_only_with_the_secret_it_was_locked_with(settings):
    settings.SEALING_KEY, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "", "one", []
    box = sealing.new_box()
    sealed = [sealing.seal(box, "90")]
    # A key of its own may come later, and the old one may step back.
    settings.SEALING_KEY = "of its own, and longer than the sixty-four bytes a key may have " * 2
    assert sealing.unseal(box, sealed) == ["90"]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "two", ["one"]
    assert sealing.unseal(box, sealed) == ["90"]
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.Unreadable):
        sealing.unseal(box, sealed)


def test_what_was_tampered_with_does_not_open():
    box, other = sealing.new_box(), sealing.new_box()
    sealed = sealing.seal(box, "90")
    for broken_box, broken in (
        (other, sealed),
        (other[:32] + box[32:], sealed),
        (box[:-1] + bytes([box[-1] ^ 1]), sealed),
        (box, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (box, b""),
        (box, sealing.SealedBox(sealing.PublicKey(box[:32])).encrypt(b"\xff" * 16)),
    ):
        with pytest.raises(sealing.Unreadable):
            sealing.unseal(broken_box, [sealed, broken])
