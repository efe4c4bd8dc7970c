"""What the compose file promises, read from the file: there is no engine where the tests run."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text()
SERVICES = yaml.safe_load(TEXT)["services"]
LONG_LIVED = sorted(set(SERVICES) - {"migrate"})


def test_the_expected_services_are_there():
    assert set(SERVICES) == {"web", "worker", "beat", "migrate", "postgres", "redis"}


@pytest.mark.parametrize("name", LONG_LIVED)
def test_every_lasting_service_heals_and_is_watched(name):
    service = SERVICES[name]
    assert service["restart"] == "always"
    assert service["healthcheck"]["test"]
    assert service["stop_grace_period"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_app_waits_for_its_tables_and_stops_gently(name):
    waits = SERVICES[name]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    # More than the worker's soft shutdown, else work in hand is cut off.
    assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > 20


def test_migrations_run_once_on_a_healthy_database():
    migrate = SERVICES["migrate"]
    assert migrate["restart"] == "no"
    assert migrate["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_images_are_pinned():
    for name in ("postgres", "redis"):
        assert re.search(r":\d", SERVICES[name]["image"])
    assert re.search(r"^FROM \S+:\d", (ROOT / "Dockerfile").read_text())


def test_the_broker_keeps_its_messages():
    command = SERVICES["redis"]["command"]
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_only_the_web_server_has_a_port():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]


def test_secrets_come_from_outside():
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD", key):
                assert re.fullmatch(r"\$\{\w+:\?.*\}", value), f"{name}.{key}"
    assert not re.search(r"://[^/\s:]+:[^$\s][^@\s]*@", TEXT)
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
    assert example["SECRET_KEY"] == example["POSTGRES_PASSWORD"] == ""


def test_every_variable_is_in_the_example():
    named = set(re.findall(r"\$\{(\w+)", TEXT)) - {"VERSION"}
    assert named <= set(re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.M))


def test_the_image_does_not_run_as_root():
    dockerfile = (ROOT / "Dockerfile").read_text()
    users = re.findall(r"^USER (\S+)", dockerfile, re.M)
    assert users and users[-1] not in {"root", "0"}
    assert dockerfile.index("USER ") < dockerfile.index("CMD [")
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", "var"} <= set(ignored)
