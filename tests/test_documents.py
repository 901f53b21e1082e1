"""The documents are true: settings, sample answers, links, containers, commands."""

import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import throughline
from dashboards.pages import pages
from tests import documented, evidence
from tests.harness import ROOT, Program

DOCKER = ROOT / "docker"
COMPOSED = sorted(DOCKER.glob("compose*.yaml"))
MARKDOWN = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_RENEW = "python -m tests.documented renews it"


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[documented.Telling]:
    with documented.Telling(tmp_path_factory.mktemp("telling")) as program:
        yield program


def test_the_page_of_settings_is_written_from_the_settings() -> None:
    assert (ROOT / "docs/configuration.md").read_text() == documented.settings_page(), _RENEW


def test_the_shipped_configuration_holds_every_setting_and_loads_as_the_defaults(
    tmp_path: Path,
) -> None:
    path = DOCKER / "throughline.toml"
    assert path.read_text() == documented.settings_file(), _RENEW
    assert throughline.load(path, {}) == throughline.load(None, {})
    # with every mark taken off it says the same
    bare = tmp_path / "bare.toml"
    bare.write_text(re.sub(r"^#(\w+ = )", r"\1", path.read_text(), flags=re.MULTILINE))
    assert tomllib.loads(bare.read_text())
    assert throughline.load(bare, {}) == throughline.load(None, {})


@pytest.mark.parametrize("document", documented.sampled(), ids=lambda path: path.name)
@pytest.mark.engine
def test_sample_answers_have_the_members_that_the_program_answers_with(
    telling: documented.Telling, document: Path
) -> None:
    for line, shown in documented.samples(document):
        answer = documented.shortened(telling.answer(line)[1])
        assert documented.shape(shown) == documented.shape(answer), (line, answer, _RENEW)


@pytest.mark.engine
def test_the_readmes_snippet_and_its_event_become_one_case(
    telling: documented.Telling, tmp_path: Path
) -> None:
    text = (ROOT / "README.md").read_text()
    snippet = re.search(r"^ *```python\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    line = re.search(r"^ *(curl http.*?)\n *```", text, re.DOTALL | re.MULTILINE)
    assert snippet
    assert line
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": telling.program.doors}
    code = textwrap.dedent(snippet[1])
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, check=True)
    assert telling.answer(line[1])[0] == 202

    def whole(answer: Any) -> bool:
        told = [item.get("event", item)["type"] for item in answer["data"]["events"]]
        return sorted(told) == ["order.created", "quote.accepted"]

    telling.wait_for("/api/v1/instances/quote:shared:Q-7001", whole)


@pytest.mark.parametrize("document", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_in_the_repository(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_guide_is_one_site_that_asks_nobody(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 20
    asked = re.compile(r"""(?:src=|<link[^>]*href=|url\()["']?(?:https?:)?//""")
    for path in (*pages, *tmp_path.rglob("*.css")):
        assert not asked.search(path.read_text()), path


def test_every_page_of_the_product_is_spoken_of_in_the_guide() -> None:
    guide = "".join(path.read_text() for path in (ROOT / "docs/guide").glob("*.md"))
    titles = {page.title for page in pages() if page.icon}
    assert {title for title in titles if f"**{title}**" not in guide} == {"Datasets"}
    assert "throughline datasets" in guide


def test_evidence_says_who_writes_it() -> None:
    assert evidence.page().startswith(evidence.HEAD)
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make (\w+)`", evidence.HEAD):
        assert re.search(rf"^{target}:.*docs/evidence\.md$", makefile, re.MULTILINE), target


def test_evidence_names_tests_that_exist_and_run_at_full_length() -> None:
    for name in evidence.tests_named():
        file, _, test = name.partition("::")
        text = (ROOT / file).read_text()
        assert re.search(r"mark\.(soak|bench)\b", text), name
        assert re.search(rf"def {test.partition('[')[0]}\(", text), name


# --- containers: not built here, so held to what can be checked without a daemon


def instructions(name: str = "Dockerfile") -> list[tuple[str, str]]:
    text = (DOCKER / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]  # type: ignore[misc]


def test_the_image_copies_what_exists_and_does_not_run_as_root() -> None:
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, _ = rest.split()
            assert [s for s in sources if not (ROOT / s).exists()] == []
    users = [rest for word, rest in instructions() if word == "USER"]
    assert users
    assert users[-1] not in ("root", "0")
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("ENTRYPOINT")
    environment = " ".join(rest for word, rest in instructions() if word == "ENV")
    made = " ".join(rest for word, rest in instructions() if word == "RUN")
    temporary = re.search(r"TMPDIR=(\S+)", environment)
    assert temporary
    assert temporary[1] in made


def test_the_image_opens_the_ports_of_the_settings() -> None:
    settings = throughline.load(None, {})
    ports = {settings.collector.grpc_port, settings.collector.http_port, settings.dashboards.port}
    (exposed,) = [rest for word, rest in instructions() if word == "EXPOSE"]
    assert {int(port) for port in exposed.split()} == ports


@pytest.mark.engine
def test_the_images_command_and_health_check_work_outside_docker(tmp_path: Path) -> None:
    commands = {w: json.loads(r) for w, r in instructions() if w in ("ENTRYPOINT", "CMD")}
    in_image = {"/app/": f"{ROOT}/", "/etc/throughline/": f"{DOCKER}/"}
    words = [*commands["ENTRYPOINT"], *commands["CMD"]]
    for inside, outside in in_image.items():
        words = [word.replace(inside, outside) for word in words]
    assert words[0] == "python"
    program = Program(tmp_path)
    program.command = [sys.executable, *words[1:]]
    program.work_directory = tmp_path
    with program:
        (check,) = [rest for word, rest in instructions() if word == "HEALTHCHECK"]
        asked = json.loads(check.partition("CMD ")[2])
        here = [word.replace("4318", str(program.http_port)) for word in asked[1:]]
        assert subprocess.run([sys.executable, *here], check=False).returncode == 0
        assert program.stop()[0] == 0, program.said()
    assert subprocess.run(
        [sys.executable, *here], check=False, stderr=subprocess.DEVNULL
    ).returncode  # nobody answers any more: unhealthy


@pytest.mark.parametrize("path", COMPOSED, ids=lambda path: path.name)
def test_compose_files_name_files_ports_and_variables_that_exist(path: Path) -> None:
    composed = yaml.safe_load(path.read_text())
    service = composed["services"]["throughline"]
    build = service["build"]
    assert ((DOCKER / build["context"]) / build["dockerfile"]).resolve() == DOCKER / "Dockerfile"
    assert service["network_mode"] == "host"  # the doors are on loopback, and stay there
    variables = {f"THROUGHLINE_{key}" for key in variable_names()}
    assert set(service.get("environment", {})) <= variables
    for one in composed["services"].values():
        for volume in one["volumes"]:
            source, target, *_ = volume.split(":")
            assert source in composed["volumes"] or (DOCKER / source).exists()
            assert target.startswith("/")
        for port in one.get("ports", []):
            assert port.startswith("127.0.0.1:")
    settings = throughline.load(
        None, {k: re.sub(r"\$\{[^}]*\}", "x", v) for k, v in service.get("environment", {}).items()}
    )
    if "clickhouse" in composed["services"]:
        assert settings.store.dsn.startswith("clickhouse://")
        assert settings.store.dsn.endswith(composed["services"]["clickhouse"]["ports"][0][:14])


def variable_names() -> Iterator[str]:
    for name, field in throughline.Settings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        yield from (f"{name}__{key}".upper() for key in inner) if inner else [name.upper()]


# --- commands the documents show


def test_every_make_target_and_command_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    help_ = subprocess.run(
        [sys.executable, str(ROOT / "throughline.py"), "--help"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for document in MARKDOWN:
        for block in re.findall(r"```(?:sh)?\n(.*?)```", document.read_text(), re.DOTALL):
            for line in block.splitlines():
                words = line.partition("#")[0].split()
                if words[:1] == ["make"]:
                    assert set(words[1:]) <= targets, (document.name, line)
                if words[:1] == ["throughline"]:
                    assert words[1] in help_, (document.name, line)
