"""Identity at the doors of the real program: keys, scopes, rates, signatures, limits."""

import base64
import gzip
import hmac
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256

import grpc
import pytest
import zstandard
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from tests.collector.doors import BATCH, JSON, PROTOBUF, STRUCTURED, event, spans
from tests.guarded import LIMIT, STRIPE, UNKNOWN, Guarded
from tests.harness import ROOT

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with Guarded(tmp_path_factory.mktemp("guarded")) as program:
        yield program


@pytest.fixture(scope="module")
def key(guarded: Guarded) -> str:
    return guarded.key("everything")


def one(id_: str, source: str = "urn:system:cpq:emea") -> bytes:
    return json.dumps(event(id_, source=source)).encode()


def sap(id_: str) -> bytes:
    golden = ROOT / "tests/golden/sources/sap/notifications.in.json"
    return json.dumps(json.loads(golden.read_text())[0] | {"id": id_}).encode()


def stripe(body: bytes, at: float | None = None, secret: str = STRIPE) -> str:
    stamp = str(int(time.time() if at is None else at))
    mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()
    return f"t={stamp},v1={mark}"


DOORS = [
    pytest.param("/v1/traces", spans(1).SerializeToString(), PROTOBUF, "otlp_http", id="traces"),
    pytest.param("/v1/logs", b"", PROTOBUF, "otlp_http", id="logs"),
    pytest.param("/v1/metrics", b"", PROTOBUF, "otlp_http", id="metrics"),
    pytest.param("/v1/events", one("door"), STRUCTURED, "events_http", id="events"),
    pytest.param("/v1/sources/sap", sap("door"), JSON, "sources_http", id="sources"),
]


@pytest.mark.parametrize(("path", "body", "kind", "door"), DOORS)
def test_without_a_living_key_every_door_refuses_in_its_own_words(
    guarded: Guarded, key: str, path: str, body: bytes, kind: str, door: str
) -> None:
    before = guarded.refused(door, "unidentified")
    for shown, challenge in (
        ("", 'Bearer realm="throughline"'),
        (UNKNOWN, 'Bearer realm="throughline", error="invalid_token"'),
        (f"{key[:-1]}{'0' if key[-1] != '0' else '1'}", "invalid_token"),
    ):
        status, headers, answer = guarded.post(path, body, kind, shown)
        assert (status, challenge in headers["WWW-Authenticate"]) == (401, True)
        if door == "otlp_http":
            assert headers["Content-Type"] == PROTOBUF
            assert Status.FromString(answer).code == 16
        else:
            assert headers["Content-Type"] == "application/problem+json"
            assert json.loads(answer)["status"] == 401
    assert guarded.refused(door, "unidentified") == before + 3
    assert guarded.post(path, body, kind, key)[0] in (200, 202)


def test_otlp_in_json_is_refused_in_json(guarded: Guarded) -> None:
    status, headers, answer = guarded.post("/v1/traces", b"{}", JSON)
    assert (status, headers["Content-Type"], json.loads(answer)["code"]) == (401, JSON, 16)


def test_grpc_refuses_in_its_own_words(guarded: Guarded, key: str) -> None:
    body = spans(2).SerializeToString()
    before = guarded.refused("otlp_grpc", "unidentified")
    for shown in ("", UNKNOWN, f"{key}0"):
        assert guarded.export(body, shown).code() == grpc.StatusCode.UNAUTHENTICATED
    assert guarded.refused("otlp_grpc", "unidentified") == before + 3
    assert guarded.export(body, key) is None
    reader = guarded.export(body, guarded.reader)
    assert reader.code() == grpc.StatusCode.PERMISSION_DENIED


def test_what_supervisors_ask_is_open_and_all_else_is_not(guarded: Guarded, key: str) -> None:
    for path in ("/healthz", "/readyz"):
        assert guarded.ask("GET", path)[0] == 200
    receipt = "/v1/events/receipt?source=urn:system:cpq:emea&id=none"
    for path in ("/metrics", "/v1/sources", "/v1/events/schema", receipt, "/nothing", "/"):
        assert guarded.ask("GET", path)[0] == 401, path
    assert guarded.ask("GET", "/metrics", key=key)[0] == 403
    assert guarded.ask("GET", receipt, key=key)[0] == 200
    # the handshake of CloudEvents webhooks allows nothing that a delivery is not asked for again
    for path in ("/v1/events", "/v1/sources/sap"):
        asked = {"WebHook_Request_Origin": "eventgrid.example", "WebHook_Request_Rate": "120"}
        status, headers, _ = guarded.ask("OPTIONS", path, **asked)
        assert (status, headers["WebHook-Allowed-Origin"]) == (200, "eventgrid.example")


def test_a_scoped_key_opens_its_sources_only(guarded: Guarded) -> None:
    scoped = guarded.key("scoped", "--source", "sap", "--source", "cpq")
    assert guarded.post("/v1/sources/sap", sap("scoped"), key=scoped)[0] == 202
    assert guarded.post("/v1/events", one("scoped"), STRUCTURED, scoped)[0] == 202
    refused = [
        guarded.post("/v1/sources/zendesk", b"{}", key=scoped),
        guarded.post("/v1/events", one("forged", "urn:system:stripe"), STRUCTURED, scoped),
        guarded.post("/v1/sources/cloudevents", one("forged", "urn:system:stripe"), key=scoped),
        guarded.post(
            "/v1/events", b"[" + one("a batch") + b"," + one("forged", "x") + b"]", BATCH, scoped
        ),
        guarded.ask("GET", "/v1/events/receipt?source=urn:system:stripe&id=1", key=scoped),
    ]
    assert [status for status, _, _ in refused] == [403] * 5
    assert "scoped speaks for cpq, sap only, not for stripe" in json.loads(refused[1][2])["detail"]
    status, _, answer = guarded.post("/v1/traces", b"", PROTOBUF, scoped)
    assert (status, Status.FromString(answer).code) == (403, 7)
    assert guarded.export(b"", scoped).code() == grpc.StatusCode.PERMISSION_DENIED
    # nothing of a refused batch was kept
    receipt = "/v1/events/receipt?source=urn:system:cpq:emea&id=a%20batch"
    assert json.loads(guarded.ask("GET", receipt, key=scoped)[2])["state"] == "unknown"
    assert guarded.refused("events_http", "forbidden") >= 3


@pytest.mark.parametrize("systems", [("cpq", "stripe"), ("stripe", "cpq")])
def test_an_event_that_names_two_sources_is_judged_by_the_one_it_is_kept_under(
    guarded: Guarded, key: str, systems: tuple[str, str]
) -> None:
    """JSON may say a member twice: the guard and the translation must read the same one."""
    scoped = guarded.key(f"twice-{systems[0]}", "--source", "cpq")
    first, second = systems
    text = one("twice-" + first, f"urn:system:{first}").decode()
    body = text.replace("{", f'{{"source": "urn:system:{second}", ', 1).encode()
    status, _, answer = guarded.post("/v1/events", body, STRUCTURED, scoped)
    if status == 202:
        assert json.loads(answer)["events"][0]["source"] == "urn:system:cpq"
    else:
        assert status == 403
    receipt = f"/v1/events/receipt?source=urn:system:stripe&id=twice-{first}"
    assert json.loads(guarded.ask("GET", receipt, key=key)[2])["state"] == "unknown"


def test_the_demo_shows_the_key_that_stock_exporters_show(guarded: Guarded, key: str) -> None:
    pages = f"http://127.0.0.1:{guarded.program.page_port}"
    sheet = guarded.program.directory / "answers" / "sheet.json"
    command = [
        sys.executable, str(ROOT / "throughline.py"), "demo", "--doors", guarded.program.doors,
        "--pages", pages, "--months", "0.5", "--cases", "20", "--no-trickle",
        "--answers", str(sheet),
    ]  # fmt: skip

    def sent(**more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, env=guarded.program.environment | more, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip

    refused = sent()
    assert (refused.returncode, "answered 401" in refused.stderr) == (1, True)
    done = sent(OTEL_EXPORTER_OTLP_HEADERS=f"authorization=Bearer%20{key}")
    assert done.returncode == 0, done.stderr
    assert "cases are there" in done.stdout


def test_a_key_that_is_made_or_revoked_while_the_program_runs_counts_soon(guarded: Guarded) -> None:
    made = guarded.key("passing", "--rate", "1000/s")
    assert guarded.post("/v1/events", one("passing"), STRUCTURED, made)[0] == 202
    program = guarded.program
    program.wait_until(lambda: bool(re.search(r"passing .* UTC +active", guarded.keys("list"))), 10)
    guarded.keys("revoke", "passing")
    program.wait_until(lambda: guarded.ask("GET", "/v1/sources", key=made)[0] == 401, 10)
    assert guarded.export(b"", made).code() == grpc.StatusCode.UNAUTHENTICATED
    listed = guarded.keys("list")
    assert re.search(r"passing +tl_\w{8}_… +ingest +everyone +1000/s .* revoked ", listed)
    assert made[12:] not in listed


def test_too_fast_is_answered_with_a_time_to_come_back(guarded: Guarded) -> None:
    slow = guarded.key("slow", "--rate", "0.02/s")  # waiting for it has used the one request
    status, headers, answer = guarded.post("/v1/traces", b"", PROTOBUF, slow)
    said = Status.FromString(answer)
    assert (status, said.code) == (429, 8)
    retry = RetryInfo()
    assert said.details[0].Unpack(retry)
    assert str(retry.retry_delay.seconds) == headers["Retry-After"]
    assert 0 < retry.retry_delay.seconds <= 50
    status, headers, _ = guarded.post("/v1/events", one("fast"), STRUCTURED, slow)
    assert (status, headers["Content-Type"]) == (429, "application/problem+json")
    assert headers["Retry-After"]
    refused = guarded.export(b"", slow)
    assert refused.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert b"RetryInfo" in dict(refused.trailing_metadata())["grpc-status-details-bin"]
    for door in ("otlp_http", "otlp_grpc", "events_http"):
        assert guarded.refused(door, "rate_limited") == 1


def test_a_vendor_that_signs_needs_no_key_and_a_key_is_no_signature(
    guarded: Guarded, key: str
) -> None:
    golden = (ROOT / "tests/golden/sources/stripe/invoice_to_cash.in.json").read_bytes()
    path = "/v1/sources/stripe"
    assert guarded.post(path, golden, Stripe_Signature=stripe(golden))[0] == 207
    for reason, body, header in (
        ("unsigned", golden, {}),
        ("wrong_signature", golden + b" ", {"Stripe_Signature": stripe(golden)}),
        ("wrong_signature", golden, {"Stripe_Signature": stripe(golden, secret="x")}),
        ("too_old", golden, {"Stripe_Signature": stripe(golden, at=time.time() - 900)}),
    ):
        before = guarded.refused("sources_http", reason)
        status, headers, answer = guarded.post(path, body, key=key, **header)
        assert (status, headers["WWW-Authenticate"]) == (401, 'Signature realm="throughline"')
        assert json.loads(answer)["detail"]
        assert STRIPE.encode() not in answer
        assert guarded.refused("sources_http", reason) == before + 1


def test_hubspot_and_chargebee_through_the_door(guarded: Guarded) -> None:
    body, stamp = b"[]", str(int(time.time() * 1000))
    path = "/v1/sources/hubspot?instance=emea"
    address = f"https://127.0.0.1:{guarded.program.http_port}{path}"
    signed = hmac.new(b"of the app", f"POST{address}[]{stamp}".encode(), sha256).digest()
    headers = {"X_HubSpot_Signature_v3": base64.b64encode(signed).decode()}
    status, _, answer = guarded.post(path, body, X_HubSpot_Request_Timestamp=stamp, **headers)
    assert (status, json.loads(answer)["rejected"]) == (202, 0)
    assert guarded.post(path + "&x=1", body, X_HubSpot_Request_Timestamp=stamp, **headers)[0] == 401
    pair = base64.b64encode(b"hook:of this test").decode()
    path = "/v1/sources/chargebee"
    assert guarded.post(path, b"[]", Authorization=f"Basic {pair}")[0] == 202
    status, named, _ = guarded.post(path, b"[]", Authorization="Basic aG9vazo=")
    assert (status, named["WWW-Authenticate"]) == (401, 'Basic realm="throughline"')


BOMB = b"\0" * (64 * 2**20)


@pytest.mark.parametrize(
    ("body", "headers", "wanted"),
    [
        pytest.param(gzip.compress(BOMB, 1), {"Content_Encoding": "gzip"}, 413, id="gzip bomb"),
        pytest.param(zstandard.compress(BOMB), {"Content_Encoding": "zstd"}, 413, id="zstd bomb"),
        pytest.param(b"x" * (LIMIT + 1), {}, 413, id="too long"),
        pytest.param(b"no gzip", {"Content_Encoding": "gzip"}, 400, id="no gzip"),
        pytest.param(b"{}", {"Content_Encoding": "br"}, 415, id="unknown encoding"),
    ],
)
@pytest.mark.parametrize(
    ("path", "kind", "door"),
    [
        ("/v1/traces", JSON, "otlp_http"), ("/v1/logs", PROTOBUF, "otlp_http"),
        ("/v1/events", STRUCTURED, "events_http"), ("/v1/sources/sap", JSON, "sources_http"),
        ("/v1/sources/stripe", JSON, "sources_http"),
    ],
)  # fmt: skip
def test_the_limits_of_a_body_hold_at_every_door_and_behind_its_key(
    guarded: Guarded, key: str, path: str, kind: str, door: str,
    body: bytes, headers: dict[str, str], wanted: int,
) -> None:  # fmt: skip
    signature = {"Stripe_Signature": stripe(body)} if path.endswith("stripe") else {}
    before = guarded.refused(door, "too_large")
    assert guarded.post(path, body, kind, key, **signature, **headers)[0] == wanted
    assert guarded.refused(door, "too_large") == before + (wanted == 413)
    # nobody unknown has anything unpacked; what is too long is not even read
    assert guarded.post(path, body, kind, **headers)[0] in (401, 413)


def test_a_bomb_over_grpc_is_refused_behind_its_key(guarded: Guarded, key: str) -> None:
    for shown, code in (("", "UNAUTHENTICATED"), (key, "RESOURCE_EXHAUSTED")):
        refused = guarded.export(bytes(LIMIT * 8), shown, grpc.Compression.Gzip)
        assert refused.code().name in (code, "RESOURCE_EXHAUSTED")
    assert guarded.export(b"", key) is None
