from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from scheme.actions import accounts
from scheme.errors import Refused
from scheme.offices import Administrator


class Command(BaseCommand):
    help = "Creates one of the three administrators and prints the first password once."

    def add_arguments(self, parser):
        parser.add_argument("login")
        parser.add_argument("--kind", required=True, choices=[k for k in Administrator if k])
        parser.add_argument("--name", default="")

    def handle(self, *, login, kind, name, **options):
        try:
            person, password = accounts.create_administrator(login, kind=kind, name=name, by=None)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(
            _("已建立 %(login)s（%(kind)s），初始密码 %(password)s，首次登录须修改。")
            % {
                "login": person.login,
                "kind": person.get_administrator_display(),
                "password": password,
            }
        )
