"""Opening a file somebody sent: what it claims to be is checked before anything parses it.

Runs in the child (see child.py), which knows no settings and no Django: words are marked here for
translation and said by whoever shows them.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from scheme.errors import Refused

MEGABYTE = 1024 * 1024
MAX_FILE = 5 * MEGABYTE
MAX_MEMBERS = 200
MAX_TOTAL = 50 * MEGABYTE
MAX_MEMBER = 20 * MEGABYTE
MAX_RATIO = 100
# A handful of bytes may well be squeezed further; only size makes a bomb.
RATIO_FROM = 64 * 1024

_ABSOLUTE = re.compile(r"^([/\\]|[A-Za-z]:)")


def _(words: str) -> str:
    return words


class BadBook(Refused):
    """The file as a whole cannot be read. Carries the words as they stand in the catalogue."""

    def __str__(self):
        # Under another name: these words were marked where they were written.
        from django.utils.translation import gettext as said

        return said(self.args[0])


def check_size(size: int) -> None:
    if size > MAX_FILE:
        raise BadBook(_("文件超过5MB，请去掉图片和多余的工作表后再上传。"))


def repack(data: bytes) -> io.BytesIO:
    """The workbook as a fresh archive that holds only what was checked, unsqueezed.

    A directory may lie about sizes; what parses the copy meets no squeezed data at all.
    """
    check_size(len(data))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadBook(_("这是旧格式或加了密码的工作簿，请另存为不加密的.xlsx文件。"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            members = source.infolist()
            _check_directory(members)
            return _copy(source, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError) as error:
        raise BadBook(_("这不是能读的Excel工作簿（.xlsx），请用Excel另存后再上传。")) from error
    except (NotImplementedError, RuntimeError) as error:
        raise BadBook(_("工作簿的压缩方式读不了，请用Excel另存后再上传。")) from error


def _check_directory(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename for member in members]
    if len(members) > MAX_MEMBERS or len(set(names)) < len(names):
        raise BadBook(_("工作簿的内部结构不正常，请用Excel另存后再上传。"))
    if any(_ABSOLUTE.match(name) or ".." in re.split(r"[/\\]", name) for name in names):
        raise BadBook(_("工作簿里有不正常的文件名，不能导入。"))
    lowered = [name.lower() for name in names]
    if any("vbaproject" in name or name.endswith(".bin.rels") for name in lowered):
        raise BadBook(_("工作簿带宏，请另存为不含宏的.xlsx文件。"))
    if any("externallinks/" in name for name in lowered):
        raise BadBook(_("工作簿引用了别的文件，请断开链接、粘贴为数值后再上传。"))
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= set(names):
        raise BadBook(_("这不是Excel工作簿（.xlsx）。"))
    for member in members:
        squeezed = max(member.compress_size, 1)
        too_tight = member.file_size > RATIO_FROM and member.file_size / squeezed > MAX_RATIO
        if member.file_size > MAX_MEMBER or too_tight:
            raise BadBook(_("工作簿展开后过大，不能导入。"))
        if member.flag_bits & 1:
            raise BadBook(_("工作簿加了密码，请去掉密码后再上传。"))
    if sum(member.file_size for member in members) > MAX_TOTAL:
        raise BadBook(_("工作簿展开后过大，不能导入。"))


def _copy(source: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> io.BytesIO:
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as target:
        for member in members:
            if not member.is_dir() and member.filename.lower().endswith((".xml", ".rels")):
                content = source.read(member)
                _check_xml(content, member.filename)
                target.writestr(zipfile.ZipInfo(member.filename), content)
    copy.seek(0)
    return copy


def _check_xml(content: bytes, name: str) -> None:
    """No document types: they are how entities and outside files get in."""
    head = content[:4096]
    if b"\x00" in head or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise BadBook(_("工作簿里有不允许的XML声明，不能导入。"))
    if name == "[Content_Types].xml" and b"macroEnabled" in content:
        raise BadBook(_("工作簿带宏，请另存为不含宏的.xlsx文件。"))


def walk(content: bytes, *, start, end=None, words=None) -> None:
    """Streams XML past handlers of local names; refuses what declares a document type."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def forbid(*_declaration):
        raise BadBook(_("工作簿里有不允许的XML声明，不能导入。"))

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = forbid
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition("}")[2], attributes)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition("}")[2])
    if words:
        parser.CharacterDataHandler = words
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise BadBook(_("这不是能读的Excel工作簿（.xlsx），请用Excel另存后再上传。")) from error
