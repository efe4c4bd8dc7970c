"""The two ways out: mail through the configured server, and a group robot on a configured host.

Only addresses the installation names are called; answers are short, redirects are not followed, and
nothing is waited for longer than some seconds. The outcome says what is known: a robot that was
asked and did not answer may have spoken.
"""

import http.client
import json
import smtplib
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.models import Delivery, Digest, DigestAddress
from desk.models.digest import DigestPolicy
from scheme.templatetags.look import ymd

TIMEOUT = 10
LONGEST_ANSWER = 64 * 1024


class Outcome(NamedTuple):
    """`hopeless`: another try would end the same way."""

    sent: bool = False
    unsure: bool = False
    hopeless: bool = False
    why: str = ""


SENT = Outcome(sent=True)


def origin(url: str) -> str:
    """Scheme, host and port; empty for what is no plain web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return ""
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port and port != usual else "")


def is_allowed(url: str) -> bool:
    """Is it on a host the installation lets its robots be called on?"""
    printable = url.isascii() and url.isprintable() and " " not in url
    return printable and origin(url) in settings.DIGEST_ROBOT_ORIGINS


def has_mail() -> bool:
    return bool(settings.EMAIL_HOST)


# --- E-mail


def mail(delivery: Delivery) -> Outcome:
    """The digest to the address its person has given, in the language they chose with it."""
    address = DigestAddress.objects.filter(person=delivery.digest.person_id).first()
    if address is None:
        return Outcome(hopeless=True, why=_("本人已不要邮件"))
    with translation.override(address.language):
        message = _message(delivery.digest, address)
    connection = get_connection(timeout=TIMEOUT)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(why=_problem(error))
    try:
        connection.send_messages([message])
    except smtplib.SMTPResponseException as error:
        return Outcome(hopeless=error.smtp_code >= 500, why=_problem(error))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        return Outcome(hopeless=all(code >= 500 for code in codes), why=_problem(error))
    except (OSError, smtplib.SMTPException) as error:
        return Outcome(unsure=True, why=_problem(error))
    finally:
        _close(connection)
    return SENT


def _close(connection) -> None:
    """The message has its outcome; how the connection ends changes nothing."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        connection.connection = None


def _message(digest: Digest, address: DigestAddress) -> EmailMessage:
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    parts = digest.in_language(address.language)
    lines = [_("%(name)s，您好：") % {"name": digest.person.name}, ""]
    for name, head in (("owed", _("要报的")), ("waiting", _("等您办的"))):
        if parts[name]:
            lines.append(head)
            lines += [_line(row) for row in parts[name]]
            lines.append("")
    link = settings.SITE_URL.rstrip("/")
    if link:
        lines.append(_("打开工作台：%(url)s") % {"url": f"{link}/"})
    lines.append(_("每个工作日最多一封；不想收了，在个人设置里清空邮箱。"))
    return EmailMessage(
        subject=_("%(day)s待办提要") % {"day": ymd(digest.day)},
        body="\n".join(lines),
        to=[address.email],
        headers={
            # The same digest has the same number, whatever a server on the way does with it.
            "Message-ID": f"<digest-{digest.pk}-{digest.day:%Y%m%d}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _line(row: dict) -> str:
    said = _("　%(word)s　%(title)s") % {"word": row["word"], "title": row["title"]}
    return f"{said}　{row['note']}" if row["note"] else said


# --- A group's robot


def robot_text(delivery: Delivery) -> str:
    """How many people, and nothing about any of them: a group is read by all and by outsiders."""
    count = Digest.objects.filter(unit=delivery.unit_id, day=delivery.day).count()
    text = ngettext(
        "亮星：今天有%(n)s人有待办，请各自打开工作台查看。",
        "亮星：今天有%(n)s人有待办，请各自打开工作台查看。",
        count,
    )
    return text % {"n": count}


def robot(delivery: Delivery, kind: str, url: str) -> Outcome:
    """Both robots take the same text message and answer with `errcode`, 0 when they have spoken."""
    if not is_allowed(url):
        return Outcome(hopeless=True, why=_("地址不在允许的范围里"))
    with translation.override(settings.LANGUAGE_CODE):
        content = {"content": robot_text(delivery)}
    message: dict = {"msgtype": "text", "text": content}
    if kind == DigestPolicy.Robot.DINGTALK:
        message["at"] = {"isAtAll": False}
    return _post(url, json.dumps(message, ensure_ascii=False).encode())


def _post(url: str, body: bytes) -> Outcome:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    made = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = made(parts.hostname, parts.port, timeout=TIMEOUT)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
    except OSError as error:
        return Outcome(why=_problem(error))
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        status, content = answer.status, answer.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        return Outcome(unsure=True, why=_problem(error))
    finally:
        connection.close()
    return _answered(status, content)


def _answered(status: int, content: bytes) -> Outcome:
    """A redirect and a refusal are told as they are; neither has spoken to the group."""
    if status != 200:
        return Outcome(hopeless=300 <= status < 500 and status != 429, why=f"HTTP {status}")
    try:
        code = json.loads(content).get("errcode")
    except (ValueError, AttributeError):
        return Outcome(unsure=True, why=_("机器人的答复读不懂"))
    return SENT if code == 0 else Outcome(why=f"errcode {code}"[:60])


def _problem(error: Exception) -> str:
    """The kind of trouble; the text of an error may carry an address."""
    code = getattr(error, "smtp_code", "") or getattr(error, "errno", "") or ""
    return f"{type(error).__name__} {code}".strip()
