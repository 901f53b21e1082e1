"""The guard of the doors: who is let in, for whom he may speak, how often; and TLS by settings."""

import urllib.error
import urllib.request
from pathlib import Path

import grpc
import pytest
from pydantic import ValidationError

from collector import pipeline
from collector.config import CollectorConfig
from collector.identity import Guard, Meter, open_guard, refuse_foreign, system_of
from process_model import access
from process_model.access import Keyring, Role
from process_model.config import ModelConfig
from process_model.errors import ConfigError, Forbidden, TooFast, Unidentified
from process_model.listening import place
from process_model.state import State
from tests.guarded import TRACES


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def guard_of(state: State, seconds: Seconds | None = None) -> Guard:
    return Guard(Keyring(state), {}, Meter(seconds or Seconds()), open_guard().clock)


def made(state: State, role: Role = Role.INGEST, *sources: str, rate: float | None = None) -> str:
    name = "-".join((role, *sources, str(rate)))
    return "Bearer " + access.create(state, name, role, sources, rate, "ada")


def test_an_open_guard_asks_nobody() -> None:
    assert open_guard().admit("", Role.INGEST, "stripe") is None


def test_only_a_living_key_is_let_in(state: State) -> None:
    key = made(state)
    guard = guard_of(state)
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    bare, basic = key.removeprefix("Bearer "), key.replace("Bearer", "Basic")
    for shown in ("", "Bearer", "Bearer ", wrong, bare, basic, key + "0", "Bearer tl_", "Bearer ß"):
        with pytest.raises(Unidentified) as refused:
            guard.admit(shown, Role.INGEST)
        assert refused.value.reason == "unidentified"
        assert key[10:] not in str(refused.value)
    for shown in (key, key.replace("Bearer", "bearer"), f" {key} "):
        assert guard.admit(shown, Role.INGEST)


def test_a_role_opens_its_own_doors(state: State) -> None:
    keys = {role: made(state, role) for role in Role}
    guard = guard_of(state)
    opens = {
        (role, wanted): _may(guard, key, wanted)
        for role, key in keys.items()
        for wanted in (Role.INGEST, Role.READ, None)
    }
    assert [pair for pair, may in opens.items() if not may] == [
        (Role.INGEST, Role.READ),
        (Role.READ, Role.INGEST),
    ]


def _may(guard: Guard, key: str, role: Role | None) -> bool:
    try:
        guard.admit(key, role)
    except Forbidden:
        return False
    return True


def test_a_key_speaks_for_its_sources_only(state: State) -> None:
    guard = guard_of(state)
    key, every = made(state, Role.INGEST, "sap", "otlp"), made(state)
    guard.keyring.renew()  # type: ignore[union-attr]
    assert guard.admit(key, Role.INGEST, "sap")
    assert guard.admit(every, Role.INGEST, "stripe")
    with pytest.raises(Forbidden, match="speaks for otlp, sap only, not for stripe"):
        guard.admit(key, Role.INGEST, "stripe")
    grant = guard.admit(key, Role.INGEST)
    own = {"source": "urn:system:sap:emea"}
    refuse_foreign(grant, [own, {"source": "urn:system:sap"}])
    refuse_foreign(guard.admit(every, Role.INGEST), [{"source": "anything"}, 1])
    for other in ({"source": "urn:system:stripe"}, {"source": "urn:system:sapx"}, {}, 1, None,
                  {"source": ["urn:system:sap"]}, {"source": "x:urn:system:sap"}):  # fmt: skip
        with pytest.raises(Forbidden):
            refuse_foreign(grant, [own, other])
    assert system_of("urn:system:sap:emea:x") == "sap"


def test_a_key_is_used_no_faster_than_its_rate(state: State) -> None:
    seconds = Seconds()
    key, slow = made(state, rate=4), made(state, rate=0.1)
    guard = guard_of(state, seconds)
    for _ in range(3):
        for _ in range(4):
            assert guard.admit(key, Role.INGEST)
        with pytest.raises(TooFast, match="4 times a second") as refused:
            guard.admit(key, Role.INGEST)
        assert refused.value.retry_after_seconds == 1
        # a refusal takes nothing, and no more than a second's worth is saved up
        seconds.now += 100
    assert guard.admit(slow, Role.INGEST)
    with pytest.raises(TooFast) as refused:
        guard.admit(slow, Role.INGEST)
    assert refused.value.retry_after_seconds == 10
    seconds.now += 10
    assert guard.admit(slow, Role.INGEST)


def test_over_a_long_time_exactly_the_rate_is_taken() -> None:
    seconds = Seconds()
    meter = Meter(seconds)
    taken = 0
    for _ in range(100_000):
        taken += meter.take("a", 7.5) == 0
        seconds.now += 0.001
    assert taken == pytest.approx(7.5 * 100 + 7.5, abs=1)


def test_doors_that_ask_for_keys_say_where_they_are_missing(tmp_path: Path) -> None:
    config = CollectorConfig(
        grpc_port=0, http_port=0, spool_directory=tmp_path / "spool", identity="keys"
    )
    with (
        pytest.raises(ConfigError, match="wants the state"),
        pipeline.open_doors(config, ModelConfig()),
    ):
        pass


def test_a_system_that_signs_is_asked_for_it_where_nobody_is_asked_for_keys(tmp_path: Path) -> None:
    config = CollectorConfig.model_validate({
        "grpc_port": 0, "http_port": 0, "spool_directory": tmp_path / "spool", "reserve_bytes": 0,
        "signatures": {"sap": {"secret": "of SAP", "header": "X-Token"}},
    })  # fmt: skip
    with pipeline.open_doors(config, ModelConfig()) as doors:

        def post(system: str, **headers: str) -> int:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            address = f"http://127.0.0.1:{doors.http_port}/v1/sources/{system}?dry_run=1"
            request = urllib.request.Request(address, b"[]", named)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as refused:
                return refused.code

        assert [post("zendesk"), post("sap"), post("sap", X_Token="of sap")] == [200, 401, 401]
        assert post("sap", X_Token="of SAP") == 200
        assert post("sap/", X_Token="of SAP") == 404


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_both_doors_listen_on_an_address_of_either_family(tmp_path: Path, host: str) -> None:
    if host == "::1" and not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    config = CollectorConfig(
        host=host, grpc_port=0, http_port=0, spool_directory=tmp_path / "spool", reserve_bytes=0
    )
    with pipeline.open_doors(config, ModelConfig()) as doors:
        with urllib.request.urlopen(f"http://{place(host, doors.http_port)}/healthz") as answer:
            assert answer.status == 200
        with grpc.insecure_channel(place(host, doors.grpc_port)) as channel:
            assert channel.unary_unary(TRACES)(b"", timeout=10) == b""


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"grpc_certificate": "c.pem"}, "go together"),
        ({"grpc_certificate_key": "k.pem"}, "go together"),
        ({"grpc_client_ca": "ca.pem"}, "wants grpc_certificate"),
        ({"identity": "mTLS"}, "identity"),
    ],
)
def test_half_a_setting_is_refused(tables: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        CollectorConfig.model_validate(tables)


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    config = CollectorConfig(
        grpc_port=0, http_port=0, spool_directory=tmp_path / "spool",
        grpc_certificate=tmp_path / "c.pem", grpc_certificate_key=tmp_path / "k.pem",
    )  # fmt: skip
    says = r"grpc_certificate_key: .*k\.pem cannot be read"
    with pytest.raises(ConfigError, match=says), pipeline.open_doors(config, ModelConfig()):
        pass
