"""A real mail server and a real robot to send digests to, and the jobs run on the spot."""

import json
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller

from scheme import jobs

MONDAY = "2026-03-09 08:30"


def drain() -> int:
    """Runs whatever is due, as workers would; how many jobs that were."""
    done = 0
    while due := list(jobs.due().order_by("pk").values_list("pk", flat=True)):
        for pk in due:
            done += jobs.run(pk)
    return done


class Mailbox:
    """Keeps what arrives. `answers` are used up one a message: an SMTP answer, or "hang up"."""

    def __init__(self):
        self.mails, self.answers = [], []

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang up":
            self.mails.append(envelope)
            server.transport.abort()
            return "250 OK"
        if answer.startswith("2"):
            self.mails.append(envelope)
        return answer


def _free_port() -> int:
    """The controller of the mail server asks itself whether it is there, so it must know."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def mail_server(settings):
    box = Mailbox()
    port = _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.DEFAULT_FROM_EMAIL = "亮星 <star@example.org>"
    settings.SITE_URL = "https://star.example.org"
    try:
        yield box
    finally:
        controller.stop()


class Robot(ThreadingHTTPServer):
    """Keeps what it is told. `answers` are used up one a call: (status, body), or "hang up"."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Listener)
        self.told, self.answers = [], []

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Listener(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.path, json.loads(body)))
        default = (200, b'{"errcode": 0, "errmsg": "ok"}')
        answer = self.server.answers.pop(0) if self.server.answers else default
        if answer == "hang up":
            self.close_connection = True
            return
        status, content = answer
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", f"{self.server.origin}/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@contextmanager
def robot_server(settings):
    robot = Robot()
    threading.Thread(target=robot.serve_forever, daemon=True).start()
    settings.DIGEST_ROBOT_ORIGINS = [robot.origin]
    try:
        yield robot
    finally:
        robot.shutdown()
        robot.server_close()
