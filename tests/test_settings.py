"""Settings: what is wrong is named with its file and key; each refusal has a file of its own."""

from pathlib import Path

import pytest

import throughline
from process_model.errors import ConfigError

REFUSALS = sorted((Path(__file__).parent / "golden" / "config").glob("*.toml"))
SAYS = {
    "unknown_key": r"unknown_key\.toml: collector\.http_prot: Extra inputs are not permitted",
    "not_toml": r"not_toml\.toml: ",
    "public_bind": r"collector\.host = 0\.0\.0\.0 .* use 127\.0\.0\.1",
    "unknown_source": r"collector\.sources\.salesfarce: no such source; known are .*salesforce",
    "currency_not_iso": r"model\.reporting_currency: String should match",
}


@pytest.mark.parametrize("path", REFUSALS, ids=lambda p: p.stem)
def test_a_wrong_setting_is_named_with_its_file(path: Path) -> None:
    with pytest.raises(ConfigError, match=SAYS[path.stem]):
        throughline.load(path, {})


def test_an_empty_file_is_a_working_installation(tmp_path: Path) -> None:
    empty = tmp_path / "throughline.toml"
    empty.touch()
    assert throughline.load(empty, {}) == throughline.load(None, {})


def test_doors_that_ask_for_keys_may_listen_for_others() -> None:
    public = {"THROUGHLINE_COLLECTOR__HOST": "0.0.0.0"}
    with pytest.raises(ConfigError, match=r'set collector\.identity = "keys", or use 127\.0\.0\.1'):
        throughline.load(None, public)
    asked = throughline.load(None, {**public, "THROUGHLINE_COLLECTOR__IDENTITY": "keys"})
    assert asked.collector.asks_for_keys


def test_signing_secrets_of_the_environment_are_read_and_not_shown() -> None:
    name = "THROUGHLINE_COLLECTOR__SIGNATURES__STRIPE__SECRET"
    settings = throughline.load(None, {name: "whsec_5ecret"})
    assert settings.collector.signatures["stripe"].secret[0].get_secret_value() == "whsec_5ecret"
    assert "5ecret" not in settings.model_dump_json()
    with pytest.raises(ConfigError, match=r"collector\.signatures: siebel: no such source"):
        throughline.load(None, {name.replace("STRIPE", "SIEBEL"): "whsec_5ecret"})


def test_the_pages_are_not_opened_to_others_either() -> None:
    with pytest.raises(ConfigError, match=r"dashboards\.host"):
        throughline.load(None, {"THROUGHLINE_DASHBOARDS__HOST": "::"})


def test_a_variable_that_contradicts_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "throughline.toml"
    file.write_text("collector = 3\n")
    with pytest.raises(ConfigError, match="collector is a value, not a table"):
        throughline.load(file, {"THROUGHLINE_COLLECTOR__HTTP_PORT": "1"})
