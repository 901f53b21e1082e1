"""Each vendor's signature: published vectors, every bit turned, old times, secrets replaced."""

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import ValidationError

from alerts.channels import webhook
from collector.config import CollectorConfig
from collector.signature import Signed, Verifier, built, schemes, verifier
from process_model.errors import ConfigError, Unidentified

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BODY = b'{"id": "evt_1", "amount": "10.00", "name": "\xc3\x9f"}'
SECRET = "the shared secret"


def digest(message: bytes, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), message, sha256).digest()


def base64_of(message: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(digest(message, secret)).decode()


def checks(system: str, **table: object) -> Verifier:
    return verifier(system, built(system, {"secret": SECRET, **table}))


def request(headers: Mapping[str, str], body: bytes = BODY, target: str = "/hook") -> Signed:
    lower = {name.lower(): value for name, value in headers.items()}
    return Signed("POST", "throughline.example", target, lower, body)


def refusal(check: Verifier, asked: Signed, now: datetime = NOW) -> str:
    """The reason for which it is refused, '' when it is not."""
    try:
        check.verify(asked, now)
    except Unidentified as refused:
        assert SECRET not in str(refused)
        return refused.reason
    return ""


# --- vectors that others published


# stripe-dotnet, event_test_signature.json and EventUtilityTest
STRIPE_BODY = b"""{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "ii_123",
      "object": "invoiceitem",
      "amount": 1000,
      "currency": "usd",
      "customer": "cus_123",
      "date": 1533204620,
      "description": "Test Invoice Item",
      "discountable": false,
      "invoice": "in_123",
      "livemode": false,
      "metadata": {},
      "period": {
        "start": 1533204620,
        "end": 1533204620
      },
      "plan": null,
      "proration": false,
      "quantity": null,
      "subscription": null
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "invoiceitem.created"
}
"""


@pytest.mark.parametrize(
    ("check", "asked", "at"),
    [
        pytest.param(
            checks("stripe", secret="webhook_secret"),
            request({"Stripe-Signature": "t=1533204620,v1=f0bdba6d4eacbd8ad8a3bbadd7248e633ec1477f"
                     "7899c124c51b39405fa36613,v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a0"
                     "25a9e4ee7eef"}, STRIPE_BODY),
            1533204620, id="stripe",
        ),
        pytest.param(  # hubspot-api-python, tests/spec/utils/test_signature.py
            checks("hubspot", secret="yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
                   url="https://www.example.com/webhook_uri"),
            request({"X-HubSpot-Signature-v3": "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw=",
                     "X-HubSpot-Request-Timestamp": "15000000"},
                    b"{'example_field':'example_value'}"),
            15000, id="hubspot",
        ),
        pytest.param(  # by another implementation, with the secret of Zendesk's own tests
            checks("zendesk", secret="dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="),
            request({"X-Zendesk-Webhook-Signature": "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=",
                     "X-Zendesk-Webhook-Signature-Timestamp": "2021-03-25T05:09:27Z"},
                    b'{"event":"ticket.updated","id":123}'),
            1616648967, id="zendesk",
        ),
        pytest.param(  # the reference libraries of Standard Webhooks
            checks("cloudevents", scheme="standard_webhooks",
                   secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            request({"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                     "webhook-timestamp": "1614265330", "webhook-signature":
                     "v1,bm9ldHU= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
                    b'{"test": 2432232314}'),
            1614265330, id="standard webhooks",
        ),
        pytest.param(  # GitHub, "Validating webhook deliveries"
            checks("cloudevents", secret="It's a Secret to Everybody", prefix="sha256=",
                   header="X-Hub-Signature-256"),
            request({"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c2"
                     "2c46f4379c8b043e17"}, b"Hello, World!"),
            0, id="hmac",
        ),
        pytest.param(  # RFC 7617, section 2
            checks("chargebee", secret="Aladdin:open sesame"),
            request({"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}),
            0, id="basic",
        ),
    ],
)  # fmt: skip
def test_a_published_vector_is_taken(check: Verifier, asked: Signed, at: int) -> None:
    now = datetime.fromtimestamp(at, UTC)
    assert refusal(check, asked, now) == ""
    if check.name not in ("basic", "token"):
        assert refusal(check, replace(asked, body=asked.body + b" "), now) == "wrong_signature"


def test_what_this_program_sends_is_taken_by_this_program() -> None:
    secret = "whsec_" + base64.b64encode(b"a secret of our own").decode()
    config = webhook.Config(name="n", kind="webhook", url="https://x.example", secret=secret)
    check = checks("cloudevents", scheme="standard_webhooks", secret=secret)
    headers = webhook.signed(config, "key-1", BODY, int(NOW.timestamp()))
    assert refusal(check, request(headers)) == ""
    assert refusal(check, request(headers | {"webhook-id": "key-2"})) == "wrong_signature"


# --- every scheme, held to the same


@dataclass(frozen=True)
class Vendor:
    system: str
    sign: Callable[[bytes, datetime, str], dict[str, str]]
    """headers of a body at a time, by a secret"""
    timed: bool
    covers_body: bool = True
    table: Mapping[str, object] = ()  # type: ignore[assignment]


def stripe(body: bytes, at: datetime, secret: str) -> dict[str, str]:
    stamp = f"{at.timestamp():.0f}"
    return {"Stripe-Signature": f"t={stamp},v1={digest(f'{stamp}.'.encode() + body, secret).hex()}"}


def hubspot(body: bytes, at: datetime, secret: str) -> dict[str, str]:
    stamp = f"{at.timestamp() * 1000:.0f}"
    message = b"POSThttps://throughline.example/hook" + body + stamp.encode()
    return {
        "X-HubSpot-Signature-v3": base64_of(message, secret),
        "X-HubSpot-Request-Timestamp": stamp,
    }


def docusign(body: bytes, _at: datetime, secret: str) -> dict[str, str]:
    return {"X-DocuSign-Signature-2": base64_of(body, secret)}


def zendesk(body: bytes, at: datetime, secret: str) -> dict[str, str]:
    stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "X-Zendesk-Webhook-Signature": base64_of(stamp.encode() + body, secret),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def standard(body: bytes, at: datetime, secret: str) -> dict[str, str]:
    stamp = f"{at.timestamp():.0f}"
    mark = base64_of(f"m-1.{stamp}.".encode() + body, secret)
    return {
        "webhook-id": "m-1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{mark}",
    }


def basic(_body: bytes, _at: datetime, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}


VENDORS = {
    "stripe": Vendor("stripe", stripe, timed=True),
    "hubspot": Vendor("hubspot", hubspot, timed=True),
    "docusign": Vendor("docusign", docusign, timed=False),
    "zendesk": Vendor("zendesk", zendesk, timed=True),
    "standard_webhooks": Vendor(
        "cloudevents", standard, timed=True, table={"scheme": "standard_webhooks"}
    ),
    "hmac": Vendor(
        "cloudevents", lambda body, _at, secret: {"X-Signature": digest(body, secret).hex()},
        timed=False,
    ),
    "hmac in base64": Vendor(
        "cloudevents", lambda body, _at, secret: {"X-Mine": base64_of(body, secret)},
        timed=False, table={"header": "X-Mine", "encoding": "base64"},
    ),
    "basic": Vendor("chargebee", basic, timed=False, covers_body=False),
    "token of salesforce": Vendor(
        "salesforce", lambda _body, _at, secret: {"Authorization": f"Bearer {secret}"},
        timed=False, covers_body=False,
    ),
    "token of sap": Vendor(
        "sap", lambda _body, _at, secret: {"X-Token": secret},
        timed=False, covers_body=False, table={"header": "X-Token"},
    ),
}  # fmt: skip
every_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=list(VENDORS))


def test_every_scheme_is_held_to_the_same() -> None:
    assert {checks(v.system, **dict(v.table)).name for v in VENDORS.values()} == set(schemes())


@every_vendor
def test_a_sound_request_is_taken_by_either_secret(vendor: Vendor) -> None:
    check = checks(vendor.system, **dict(vendor.table), secret=["the next one", SECRET])
    for secret in ("the next one", SECRET):
        assert refusal(check, request(vendor.sign(BODY, NOW, secret))) == ""
    other = request(vendor.sign(BODY, NOW, "the secret of somebody else"))
    assert refusal(check, other) == "wrong_signature"


@every_vendor
def test_a_missing_or_empty_header_is_unsigned(vendor: Vendor) -> None:
    check = checks(vendor.system, **dict(vendor.table))
    assert refusal(check, request({})) == "unsigned"
    sound = vendor.sign(BODY, NOW, SECRET)
    for name in sound:
        rest = {other: value for other, value in sound.items() if other != name}
        assert refusal(check, request(rest)) in ("unsigned", "wrong_signature"), name
        assert refusal(check, request(sound | {name: ""})) in ("unsigned", "wrong_signature"), name


@pytest.mark.parametrize("name", [name for name, v in VENDORS.items() if v.covers_body])
def test_no_bit_of_the_body_can_be_turned(name: str) -> None:
    vendor = VENDORS[name]
    check = checks(vendor.system, **dict(vendor.table))
    asked = request(vendor.sign(BODY, NOW, SECRET))
    for bit in range(len(BODY) * 8):
        turned = bytearray(BODY)
        turned[bit // 8] ^= 1 << bit % 8
        assert refusal(check, replace(asked, body=bytes(turned))) == "wrong_signature"
    assert refusal(check, replace(asked, body=b"")) == "wrong_signature"


@every_vendor
def test_no_character_of_a_header_can_be_changed(vendor: Vendor) -> None:
    check = checks(vendor.system, **dict(vendor.table))
    sound = vendor.sign(BODY, NOW, SECRET)
    for name, value in sound.items():
        for at, char in enumerate(value.rstrip("=")):
            other = "0" if char != "0" else "1"
            changed = sound | {name: value[:at] + other + value[at + 1 :]}
            assert refusal(check, request(changed)) != "", (name, at)


@every_vendor
def test_the_window_ends_on_either_side(vendor: Vendor) -> None:
    check = checks(vendor.system, **dict(vendor.table))
    asked = request(vendor.sign(BODY, NOW, SECRET))
    edge = timedelta(minutes=5)
    for sign in (1, -1):
        assert refusal(check, asked, NOW + sign * edge) == ""
        late = refusal(check, asked, NOW + sign * (edge + timedelta(seconds=1)))
        assert late == ("too_old" if vendor.timed else "")
    # what is wrong and old is told to be wrong: nobody learns what our clock says
    if vendor.timed and vendor.covers_body:
        wrong = replace(asked, body=b"other")
        assert refusal(check, wrong, NOW + timedelta(hours=1)) == "wrong_signature"


@every_vendor
@pytest.mark.parametrize(
    "junk", ["\xff\xfe", "=", ",", "t=,v1=", "9" * 400, "nan", "Basic ====", "é"]
)
def test_junk_in_the_headers_is_refused_and_nothing_else_happens(vendor: Vendor, junk: str) -> None:
    check = checks(vendor.system, **dict(vendor.table))
    sound = vendor.sign(BODY, NOW, SECRET)
    for name in sound:
        assert refusal(check, request(sound | {name: junk})) in ("unsigned", "wrong_signature")


# --- what only some have


def test_docusign_signs_with_every_key_of_the_account() -> None:
    headers = {
        "X-DocuSign-Signature-1": base64_of(BODY, "another key of the account"),
        "X-DocuSign-Signature-2": base64_of(BODY),
    }
    assert refusal(checks("docusign"), request(headers)) == ""
    del headers["X-DocuSign-Signature-2"]
    assert refusal(checks("docusign"), request(headers)) == "wrong_signature"


def test_stripe_may_sign_with_two_secrets_at_once() -> None:
    stamp = f"{NOW.timestamp():.0f}"
    message = f"{stamp}.".encode() + BODY
    old, new = digest(message, "old").hex(), digest(message).hex()
    header = {"Stripe-Signature": f"t={stamp},v1={old},v1={new},v0=abc"}
    assert refusal(checks("stripe"), request(header)) == ""
    # v0 is of Stripe's test mode and proves nothing
    header = {"Stripe-Signature": f"t={stamp},v0={new}"}
    assert refusal(checks("stripe"), request(header)) == "unsigned"


def test_hubspot_signs_the_address_it_called_with_some_characters_decoded() -> None:
    target = "/v1/sources/hubspot?instance=emea&who=a%40b%2Cc%20d"
    stamp = f"{NOW.timestamp() * 1000:.0f}"
    called = "https://hooks.example/v1/sources/hubspot?instance=emea&who=a@b,c%20d"
    message = f"POST{called}".encode() + BODY + stamp.encode()
    headers = {
        "X-HubSpot-Signature-v3": base64_of(message),
        "X-HubSpot-Request-Timestamp": stamp,
    }
    check = checks("hubspot", url="https://hooks.example/v1/sources/hubspot")
    assert refusal(check, request(headers, target=target)) == ""
    assert refusal(checks("hubspot"), request(headers, target=target)) == "wrong_signature"


# --- settings


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"siebel": {"secret": "x"}}, "siebel: no such source; known are .*stripe"),
        ({"stripe": {}}, "stripe: Value error, write secret or secret_file"),
        ({"stripe": {"secret": " "}}, "secret is empty"),
        ({"stripe": {"secret": SECRET, "scheme": "rot13"}}, "no such scheme as 'rot13'; there are"),
        ({"stripe": {"secret": SECRET, "header": "X"}}, "stripe.header: Extra inputs"),
        ({"sap": {"secret": SECRET, "header": "X Y"}}, "sap.header"),
    ],
)
def test_a_wrong_setting_is_named_without_its_secret(tables: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says) as refused:
        CollectorConfig.model_validate({"signatures": tables})
    shown = refused.value.errors(include_url=False, include_input=False)
    assert SECRET not in str(shown)


def test_secrets_are_read_from_a_file_and_shown_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_text(f"first\n{SECRET}\n\n")
    config = CollectorConfig.model_validate(
        {"signatures": {"stripe": {"secret": SECRET, "secret_file": str(path)}}}
    )
    check = verifier("stripe", config.signatures["stripe"])
    assert check.secrets == (SECRET.encode(), b"first", SECRET.encode())
    assert SECRET not in config.model_dump_json() + repr(config) + repr(check)
    for content, says in ((None, "cannot be read"), ("\n", "is empty")):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content)
        with pytest.raises(ConfigError, match=f"stripe.secret_file.*{says}"):
            verifier("stripe", built("stripe", {"secret_file": str(path)}))
