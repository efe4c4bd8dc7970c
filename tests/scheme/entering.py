"""At the door of Django's admin."""


def enter(client, person):
    client.force_login(person)
    return client


def url(model, *rest):
    return "/admin/scheme/" + "/".join([model, *map(str, rest)]) + "/"
