"""The add-on's files are such that Home Assistant takes them, and agree with the image and the program."""

import re
import struct

import jsonschema
import pytest
import yaml

from rig.server import ROOT
from test_documents import tracked

pytestmark = pytest.mark.rig

ADD_ON = ROOT / "addon"

PORT = {"type": ["integer", "null"], "minimum": 1, "maximum": 65535}
# `supervisor/apps/options.py`, RE_SCHEMA_ELEMENT: the kinds that we use.
OPTION = {"type": "string", "pattern": r"^(?:bool|str|password|match\(.+\)|list\([^()]+\))\??$"}
# What Supervisor asks of the keys that we use (`supervisor/apps/validate.py`), and that there is no other: it would drop
# one that it does not know without a word.
CONFIG = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "version", "slug", "description", "arch", "image"],
    "properties": {
        "name": {"type": "string"},
        "version": {"type": "string"},
        "slug": {"type": "string", "pattern": "^[a-z0-9_]+$"},
        "description": {"type": "string"},
        "url": {"type": "string", "pattern": "^https://"},
        "arch": {"type": "array", "items": {"enum": ["aarch64", "amd64"]}, "uniqueItems": True},
        "image": {"type": "string", "pattern": r"^[a-z0-9.]+(?:/[a-z0-9{][a-z0-9.\-_{}]*)+$"},
        "startup": {"enum": ["initialize", "system", "services", "once"]},
        "timeout": {"type": "integer", "minimum": 10, "maximum": 300},
        "hassio_api": {"const": True},
        "auth_api": {"const": True},
        "homeassistant_api": {"const": True},
        "services": {"type": "array", "items": {"enum": ["mqtt:want"]}},
        "ingress": {"const": True},
        "ingress_stream": {"const": True},
        "panel_icon": {"type": "string", "pattern": "^mdi:"},
        "panel_title": {"type": "string"},
        "ports": {"type": "object", "propertyNames": {"pattern": r"^\d+/(?:tcp|udp)$"}, "additionalProperties": PORT},
        "ports_description": {"type": "object", "additionalProperties": {"type": "string"}},
        "map": {"type": "array", "items": {"enum": ["media", "media:rw", "ssl", "share", "addon_config:rw"]}},
        "environment": {
            "type": "object",
            "propertyNames": {"pattern": r"^\w+$"},
            "additionalProperties": {"type": "string"},
        },
        "backup_exclude": {"type": "array", "items": {"type": "string"}},
        "options": {"type": "object"},
        "schema": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    OPTION,
                    {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1,
                        "items": {"anyOf": [OPTION, {"type": "object", "additionalProperties": OPTION}]},
                    },
                ]
            },
        },
    },
}


@pytest.fixture(scope="module")
def config() -> dict:
    return yaml.safe_load((ADD_ON / "config.yaml").read_text())


def test_config_is_as_supervisor_wants_it(config):
    jsonschema.validate(config, CONFIG)
    # These would be told to be superfluous: what they say is the default.
    assert config["startup"] != "application"


def test_nothing_else_is_taken_for_an_add_on_or_a_repository():
    files = [file.relative_to(ROOT) for file in tracked()]
    # Supervisor looks for these at any depth.
    shown = [file for file in files if not any(part.startswith(".") or part == "rootfs" for part in file.parts)]
    configs = [str(file) for file in shown if file.stem == "config" and file.suffix in (".yaml", ".yml", ".json")]
    assert configs == ["addon/config.yaml"]
    assert [str(file) for file in files if file.stem == "repository"] == ["repository.yaml"]
    assert not [file for file in files if file.parts[0] == "addon" and file.stem == "build"]


def test_repository_names_itself():
    repository = yaml.safe_load((ROOT / "repository.yaml").read_text())
    assert set(repository) == {"name", "url", "maintainer"} and all(repository.values())
    assert re.fullmatch(r"https://[\w./-]+", repository["url"])


def test_security_rating_is_the_highest(config):
    """`supervisor/apps/utils.py`, rating_security: what we have counts, and nothing is there that counts against us."""
    profile = (ADD_ON / "apparmor.txt").read_text()
    rating = 5 + 1 + (2 if config["ingress"] else 0)
    assert rating == 8
    # The schema above leaves no room for these; here they are named.
    lowering = {"apparmor", "privileged", "kernel_modules", "hassio_role", "host_network", "host_pid", "host_uts",
                "docker_api", "full_access"}  # fmt: skip
    assert not lowering & set(config)
    # Supervisor puts its own name of the add-on into this line, and wants exactly one.
    names = re.findall(r"^profile (\S+)", profile, re.MULTILINE)
    assert names == [config["slug"]]
    assert config["slug"] not in profile.replace(f"profile {config['slug']} ", "")


def test_defaults_are_of_the_kind_that_the_schema_wants(config):
    kinds = {"bool": bool, "str": str, "password": str, "list": str, "match": str}
    assert set(config["options"]) <= set(config["schema"])
    for name, kind in config["schema"].items():
        is_optional = kind.endswith("?") if isinstance(kind, str) else kind[0] == "str?"
        # An option with a default has to be set; one without is asked for by nobody only when it is optional.
        assert (name in config["options"]) != is_optional, name
        if name not in config["options"]:
            continue
        default = config["options"][name]
        if isinstance(kind, list):
            assert default == []
            continue
        assert isinstance(default, kinds[re.match(r"\w+", kind).group()])
        if choices := re.fullmatch(r"list\((.+)\)", kind):
            assert default in choices.group(1).split("|")


def test_options_are_those_that_the_program_reads(config):
    source = (ROOT / "Sources" / "ControlPlane" / "HomeAssistant" / "AddOnOptions.swift").read_text()
    read = set(re.findall(r'reader\.\w+\(\s*"(\w+)"', source)) | set(re.findall(r'let name = "(\w+)"', source))
    assert read == set(config["schema"])
    told = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.+?`) \|", (ADD_ON / "DOCS.md").read_text(), re.MULTILINE))))
    assert told == set(config["schema"])


@pytest.mark.parametrize("language", ["en", "pt"])
def test_everything_is_translated(config, language):
    texts = yaml.safe_load((ADD_ON / "translations" / f"{language}.yaml").read_text())
    assert set(texts) == {"configuration", "network"}
    assert set(texts["configuration"]) == set(config["schema"])
    assert set(texts["network"]) == set(config["ports"]) == set(config["ports_description"])
    for name, kind in config["schema"].items():
        text = texts["configuration"][name]
        assert text["name"] and text["description"]
        fields = kind[0] if isinstance(kind, list) and isinstance(kind[0], dict) else {}
        assert set(text.get("fields", {})) == set(fields)


def test_ports_are_the_same_everywhere(config):
    add_on = set(config["ports"])
    exposed = re.search(r"^EXPOSE (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE).group(1).split()
    assert {port if "/" in port else f"{port}/tcp" for port in exposed} == add_on
    published = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]["toposync-streaming"]["ports"]
    inner = [str(port).split(":")[-1] for port in published]
    assert {port if "/" in port else f"{port}/tcp" for port in inner} == add_on
    # RTSPS needs a certificate, RTMP and SRT an input, and pages without Home Assistant's sign-in are somebody's choice.
    closed = ["8322/tcp", "1935/tcp", "8890/udp", "8100/tcp"]
    assert [port for port, number in config["ports"].items() if number is None] == closed


def test_version_is_the_same_everywhere(config):
    version = re.search(r'current = "(.+)"', (ROOT / "Sources" / "ProcessLog" / "ProductVersion.swift").read_text()).group(1)
    assert config["version"] == version
    assert set(re.findall(r"^ARG VERSION=(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)) == {version}
    for changelog in (ROOT / "CHANGELOG.md", ADD_ON / "CHANGELOG.md"):
        assert re.search(r"^## (.+)$", changelog.read_text(), re.MULTILINE).group(1) == version


def test_images_have_the_names_that_are_published(config):
    repository = config["url"].removeprefix("https://github.com/")
    assert config["image"] == f"ghcr.io/{repository}-addon"
    publish = (ROOT / ".github" / "workflows" / "publish.yml").read_text()
    assert "SERVER: ghcr.io/${{ github.repository }}\n" in publish
    assert "ADDON: ghcr.io/${{ github.repository }}-addon\n" in publish
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert compose["services"]["toposync-streaming"]["image"] == f"ghcr.io/{repository}:latest"


@pytest.mark.parametrize(("name", "size"), [("icon", (128, 128)), ("logo", (250, 100))])
def test_pictures_have_the_sizes_of_the_store(name, size):
    head = (ADD_ON / f"{name}.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == size


def test_actions_are_pinned():
    for workflow in tracked(".github/workflows/*"):
        for action in re.findall(r"uses: (\S+)", workflow.read_text()):
            assert action.startswith("./") or re.search(r"@[0-9a-f]{40}$", action), f"{workflow.name}: {action}"


def test_workflows_run_what_is_there():
    for workflow in tracked(".github/workflows/*"):
        for name in re.findall(r"(?<![\w./-])((?:Scripts|\.ci|addon|\.github)/[\w./-]+\w)", workflow.read_text()):
            assert (ROOT / name).exists(), f"{workflow.name}: {name}"
