"""What a file is, told by its content, and whether it could do more than be read.

Nothing here parses a document. Names are looked for in what a reader would act on: the text of a
PDF and its object streams, the directory and relations of an Office or OFD package.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from django.utils.translation import gettext as _

from ledgers.models import EvidenceFile
from scheme.errors import Refused

MEGABYTE = 1024 * 1024
MOST_MEMBERS = 5_000
MOST_UNPACKED = 200 * MEGABYTE
MOST_INFLATED = 50 * MEGABYTE
MOST_READ = 2 * MEGABYTE

Kind = EvidenceFile.Kind

# The main part that makes a package what it is.
PACKAGES = {
    "word/document.xml": Kind.DOCX,
    "xl/workbook.xml": Kind.XLSX,
    "OFD.xml": Kind.OFD,
}
ACTIVE_MEMBER = re.compile(
    r"vbaproject|vbadata|(^|/)activex/|/oleobject"
    r"|\.(exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|jar|hta|msi|lnk|docm|xlsm|pptm|xlam|dotm)$",
    re.IGNORECASE,
)
_NAME_END = rb"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)"
ACTIVE_PDF = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|ImportData|SubmitForm)" + _NAME_END
)
ENCRYPTED_PDF = re.compile(rb"/Encrypt" + _NAME_END)
OBJECT_STREAM = re.compile(rb"/ObjStm" + _NAME_END)
FIRST_OBJECT = re.compile(rb"/First" + _NAME_END)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")


def kind_of(data: bytes) -> str:
    """The kind of a file that may be kept. Raises Refused for any other, and says what to do."""
    if data.startswith(b"%PDF-"):
        _check_pdf(data)
        return Kind.PDF
    if data.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return Kind.PNG
    if data.startswith(b"PK\x03\x04"):
        return _package(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused(
            _("这是旧格式或加了密码的Office文件，请另存为不加密的.docx、.xlsx或PDF后再上传。"),
            field="file",
        )
    raise _unknown()


def _unknown() -> Refused:
    return Refused(_("只收PDF、JPEG、PNG、Word（.docx）、Excel（.xlsx）和OFD文件。"), field="file")


def _broken() -> Refused:
    return Refused(_("文件已损坏或没有传完整，请重新导出后再上传。"), field="file")


def _active() -> Refused:
    return Refused(
        _("文件带有宏、脚本或夹带的程序、附件，请打印成PDF或另存为不含这些内容的文件后再上传。"),
        field="file",
    )


# --- PDF


def _check_pdf(data: bytes) -> None:
    if b"%%EOF" not in data[-4096:]:
        raise _broken()
    text = _plain_names(data)
    if ENCRYPTED_PDF.search(text):
        raise Refused(_("这份PDF加了密码或限制，请去掉后再上传。"), field="file")
    if ACTIVE_PDF.search(text) or any(ACTIVE_PDF.search(part) for part in _object_streams(data)):
        raise _active()


def _plain_names(data: bytes) -> bytes:
    """A name may be spelt with escapes: /J#61vaScript is /JavaScript to every reader."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), data)


def _object_streams(data: bytes):
    """What the squeezed object streams hold. A page's own text is none of them.

    Some readers ask an object stream for /First alone, so what has that is looked into as well.
    """
    left, before = MOST_INFLATED, 0
    for match in _STREAM.finditer(data):
        head, before = _plain_names(data[before : match.start()]), match.end()
        declared = OBJECT_STREAM.search(head)
        if not declared and not FIRST_OBJECT.search(head):
            continue
        unpacker = zlib.decompressobj()
        try:
            content = unpacker.decompress(memoryview(data)[match.end() :], left)
        except zlib.error:
            if declared:
                raise _unreadable() from None
            continue
        left -= len(content)
        if left <= 0 or (declared and (b"/Predictor" in head or not unpacker.eof)):
            raise _unreadable()
        yield _plain_names(content)


def _unreadable() -> Refused:
    return Refused(_("这份PDF的内部结构检查不了，请重新打印成PDF后再上传。"), field="file")


# --- Packages


def _package(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _kind_of_package(package)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        OverflowError,
        NotImplementedError,
        RuntimeError,
        expat.ExpatError,
    ):
        raise _broken() from None


def _kind_of_package(package: zipfile.ZipFile) -> str:
    members = package.infolist()
    names = {member.filename for member in members}
    kinds = [kind for part, kind in PACKAGES.items() if part in names]
    if len(kinds) != 1:
        raise _unknown()
    if any(member.flag_bits & 1 for member in members):
        raise Refused(_("文件加了密码，请去掉密码后再上传。"), field="file")
    too_much = sum(member.file_size for member in members) > MOST_UNPACKED
    if too_much or len(members) > MOST_MEMBERS or len(names) < len(members):
        raise _broken()
    if any(ACTIVE_MEMBER.search(name) for name in names):
        raise _active()
    for name in names:
        if name == "[Content_Types].xml" and b"macroEnabled" in _read(package, name):
            raise _active()
        if name.endswith(".rels") and _reaches_out(_read(package, name)):
            raise Refused(
                _("文件引用了外部的模板、图片或数据，请断开链接或打印成PDF后再上传。"), field="file"
            )
    if kinds[0] != Kind.OFD and "[Content_Types].xml" not in names:
        raise _unknown()
    return kinds[0]


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        content = member.read(MOST_READ + 1)
    if len(content) > MOST_READ:
        raise _broken()
    return content


def _reaches_out(relations: bytes) -> bool:
    """Does opening it fetch something from elsewhere? A link to be clicked does not."""
    found = []

    def start(name, attributes):
        if name.rpartition("}")[2] == "Relationship":
            found.append(attributes)

    def forbid(*_declaration):
        raise ValueError("a document type")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = forbid
    parser.StartElementHandler = start
    parser.Parse(relations, True)
    return any(
        one.get("TargetMode") == "External" and not one.get("Type", "").endswith("/hyperlink")
        for one in found
    )
