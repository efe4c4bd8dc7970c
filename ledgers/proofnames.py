"""The name a proof is kept and handed out under: short, plain, and true to what the file is."""

import re
import unicodedata

LONGEST = 120
SUFFIXES = {
    "pdf": ("pdf",),
    "jpg": ("jpg", "jpeg"),
    "png": ("png",),
    "docx": ("docx",),
    "xlsx": ("xlsx",),
    "ofd": ("ofd",),
}


def fit(name: str, kind: str) -> str:
    """Without folders and signs that hide what follows, and ending as its content says."""
    last = re.split(r"[/\\]", name)[-1]
    # C: control, format (right-to-left marks among them), surrogates.
    clean = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    clean = re.sub(r'[<>:"|?*]', "_", clean).strip().rstrip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if not dot or suffix.lower() not in SUFFIXES[kind]:
        stem, suffix = clean, kind
    stem = stem[: LONGEST - len(suffix) - 1].strip(" .")
    return f"{stem or '佐证材料'}.{suffix}"
