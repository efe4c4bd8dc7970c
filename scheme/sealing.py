"""Sealing what nobody may read before its time: a key pair for each box.

Whoever may put something in needs the public half only. The private half is locked with a key
derived from the installation's secret, and whoever throws it away has made the box unreadable for
good. Everything sealed is equally long, so that its length tells nothing.
"""

import nacl.exceptions
import nacl.hash
from django.conf import settings
from nacl.encoding import RawEncoder
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

PADDED = 16
_PUBLIC = PublicKey.SIZE
_PURPOSE = b"liangxing seal"


class Unreadable(Exception):
    """The box was locked with a secret this installation does not have, or is damaged."""


def new_box() -> bytes:
    """A fresh box: its public key, and its private key locked. Kept as one."""
    private = PrivateKey.generate()
    return bytes(private.public_key) + bytes(SecretBox(_secrets()[0]).encrypt(bytes(private)))


def seal(box: bytes, text: str) -> bytes:
    """Raises ValueError for more text than all the others could be."""
    plain = text.encode()
    if len(plain) > PADDED or plain.endswith(b"\0"):
        raise ValueError("does not fit into the padding")
    return bytes(SealedBox(PublicKey(bytes(box[:_PUBLIC]))).encrypt(plain.ljust(PADDED, b"\0")))


def unseal(box: bytes, sealed: list[bytes]) -> list[str]:
    """Opens all at once. Raises Unreadable if one of them does not open."""
    opener = SealedBox(_unlocked(bytes(box)))
    try:
        return [opener.decrypt(bytes(one)).rstrip(b"\0").decode() for one in sealed]
    except (nacl.exceptions.CryptoError, UnicodeDecodeError) as error:
        raise Unreadable("an envelope does not open") from error


def _unlocked(box: bytes) -> PrivateKey:
    for secret in _secrets():
        try:
            private = PrivateKey(SecretBox(secret).decrypt(box[_PUBLIC:]))
        except nacl.exceptions.CryptoError:
            continue
        if bytes(private.public_key) == box[:_PUBLIC]:
            return private
    raise Unreadable("the box does not open")


def _secrets() -> list[bytes]:
    """The first locks; all of them open, so that a secret can be changed while a box stands."""
    given = [settings.SEALING_KEY, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        nacl.hash.blake2b(
            b"", key=_shortened(secret), person=_PURPOSE.ljust(16), encoder=RawEncoder
        )
        for secret in given
        if secret
    ]


def _shortened(secret: str) -> bytes:
    """A key of the hash has 64 bytes at most."""
    return nacl.hash.blake2b(secret.encode(), digest_size=64, encoder=RawEncoder)
