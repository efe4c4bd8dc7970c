"""When are two titles the same item? Reduced to letters and digits they read alike."""

import unicodedata


def reduced(title: str) -> str:
    """NFKC, then Unicode letters and numbers only: white space, punctuation and symbols go."""
    return "".join(
        sign
        for sign in unicodedata.normalize("NFKC", title)
        if unicodedata.category(sign)[0] in "LN"
    )
