"""A finished round as one file: the same round gives the same bytes, whoever makes it and when.

Beside the contents stand `MANIFEST.txt`, a line for each file in the form that `sha256sum -c`
reads, and the program that checks it all. The hash of the manifest is the package's root: kept in
the database and printed on the record, it vouches for every byte in the package.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from scheme.exports.sheets import EPOCH
from stars.archive import documents, gathering
from stars.models import Round

MANIFEST = "MANIFEST.txt"
VERIFIER = Path(__file__).with_name("verify_round.py")
LEAFLET = """\
本包是一轮五星评定的封存档案：规则、参加名单、积分卡、提名、支部评议、会议、表决、公示、异议处理结果、
评定编号、公布文本和办理记录，文件各有校验值，列在 MANIFEST.txt。
核对：python3 verify_round.py 本包.zip --root 登记的清单校验值
不装本程序也能核对，只要有 Python 3.9 以上；不联网，不写任何文件。
异议内容、审核意见全文不入包，只存校验值；支部评议只存结果和不记名的意见；无记名表决只存票面，不存何人所投。

This package is the sealed record of one round. Check it with
    python3 verify_round.py package.zip --root ROOT
where ROOT is the hash kept in the register. Nothing but Python 3.9 or newer is needed.
"""


class Packed(NamedTuple):
    sha256: str
    root: str


def contents(round_: Round) -> dict[str, bytes]:
    """Every file but the manifest."""
    files = {name: written(body) for name, body in gathering.gather(round_).items()}
    files |= {f"documents/{name}": data for name, data in documents.make(round_).items()}
    files["README.txt"] = LEAFLET.encode()
    files[VERIFIER.name] = VERIFIER.read_bytes()
    return files


def written(body) -> bytes:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1)
    return (text + "\n").encode()


def manifest(files: Mapping[str, bytes]) -> bytes:
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "".join(lines).encode()


def root_of(files: Mapping[str, bytes]) -> str:
    return hashlib.sha256(manifest(files)).hexdigest()


def write(files: Mapping[str, bytes], path: Path) -> Packed:
    listed = manifest(files)
    with zipfile.ZipFile(path, "w") as package:
        for name, data in [(MANIFEST, listed), *sorted(files.items())]:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, data)
    return Packed(hashlib.sha256(path.read_bytes()).hexdigest(), hashlib.sha256(listed).hexdigest())
