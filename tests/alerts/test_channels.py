"""Channels speak to real receivers; private addresses, forged titles and refusals are met."""

import base64
import hmac
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from alerts.alert import Cause, Example, Impact, Severity
from alerts.channel import DeliveryError
from alerts.channels import email, webhook
from alerts.config import AlertsConfig
from alerts.message import Item, Kind, Message
from tests.alerts.receivers import hook, made_certificate, post_office

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def a_message(kind: Kind = Kind.FIRING, title: str = "3 promised orders are overdue") -> Message:
    examples = (Example("quote:shared:Q-1", "Q-1", "C-<7>", "order", "1200.50", "EUR"),)
    cause = Cause("silent_source-1", "SAP fell silent", 2, "it names 2 of the 3 cases")
    item = Item(
        id="f00d-1", rule="broken_promise", labels={"stage": "order"}, severity=Severity.CRITICAL,
        title=title, detail="the oldest was due at nine", since=AT, fired_at=AT, resolved_at=None,
        ended_because="", impact=Impact(3, 2, {"EUR": "3600.00"}, examples), cause=cause,
        coverage=1.0, url="https://t.example/alert/f00d-1?since=x",
    )  # fmt: skip
    return Message(
        key=f"f00d:1:{kind}", thread="f00d:1:firing", kind=kind, at=AT, zone="Europe/Berlin",
        severity=Severity.CRITICAL, title=title, items=(item,),
        acknowledge_url="https://t.example/alerts/link/a", snooze_url="https://t.example/alerts/link/s",
    )  # fmt: skip


def web(url: str, **more: object) -> webhook.Config:
    given = {"name": "ops", "kind": "webhook", "url": url, "secret": "s3cret"} | more
    return webhook.Config.model_validate(given)


def mail(port: int, **more: object) -> email.Config:
    given = {
        "name": "desk", "kind": "email", "host": "127.0.0.1", "port": port, "security": "none",
        "sender": "throughline@example.com", "recipients": ["desk@example.com"],
    } | more  # fmt: skip
    return email.Config.model_validate(given)


# --- webhooks


def test_a_webhook_carries_everything_and_a_signature_that_verifies() -> None:
    with hook() as receiver:
        said = webhook.deliver(web(receiver.url, allow_private=True), a_message())
    (post,) = receiver.posts
    assert said == "200 ok"
    assert post.headers["idempotency-key"] == post.headers["webhook-id"] == "f00d:1:firing"
    signed = f"{post.headers['webhook-id']}.{post.headers['webhook-timestamp']}.".encode()
    mark = base64.b64encode(hmac.new(b"s3cret", signed + post.body, sha256).digest()).decode()
    assert post.headers["webhook-signature"] == f"v1,{mark}"
    message = post.message
    assert message["items"][0]["impact"]["money"] == {"EUR": "3600.00"}
    for needed in ("3 cases of 2 customers", "3.6 k EUR", "SAP fell silent", "Q-1",
                   "https://t.example/case/quote:shared:Q-1", "UTC+01:00"):  # fmt: skip
        assert needed in message["text"]


def test_a_secret_may_be_base64_or_lie_in_a_file(tmp_path: Path) -> None:
    raw = b"thirty-two bytes of true randomness"
    (tmp_path / "s").write_text(f"whsec_{base64.b64encode(raw).decode()}\n")
    config = web("https://x.example/", secret=None, secret_file=str(tmp_path / "s"))
    mark = base64.b64encode(hmac.new(raw, b"k.5.{}", sha256).digest()).decode()
    assert webhook.signed(config, "k", b"{}", 5)["webhook-signature"] == f"v1,{mark}"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0.0.0.0", "10.0.0.1", "172.16.5.5",
        "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[ff02::1]", "[2001:db8::1]", "localhost",
    ],
)  # fmt: skip
def test_no_private_address_is_spoken_to_in_whatever_clothes(address: str) -> None:
    with pytest.raises(DeliveryError, match="an address of this machine or its network") as refused:
        webhook.deliver(web(f"http://{address}:9/"), a_message())
    assert refused.value.permanent


def test_public_addresses_are_public() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"):
        assert webhook.is_public(address)


def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    with hook() as receiver:
        # the name would lead elsewhere by now: it is not asked again
        parts = urlsplit(f"http://rebound.invalid:{receiver.port}/hook")
        connection = webhook._connection(parts, "127.0.0.1", 5)
        connection.request("POST", "/hook", b"{}", {"webhook-id": "k"})
        assert connection.getresponse().status == 200
        connection.close()
    assert receiver.posts[0].headers["host"] == f"rebound.invalid:{receiver.port}"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(500, False), (503, False), (429, False), (408, False), (400, True), (404, True), (410, True)],
)
def test_answers_say_whether_it_can_heal(status: int, permanent: bool) -> None:
    with hook() as receiver:
        receiver.answers = [(status, {})]
        with pytest.raises(DeliveryError, match=str(status)) as refused:
            webhook.deliver(web(receiver.url, allow_private=True), a_message())
    assert refused.value.permanent is permanent


def test_a_redirect_is_not_followed() -> None:
    with hook() as receiver, hook() as inner:
        receiver.answers = [(302, {"Location": inner.url})]
        with pytest.raises(DeliveryError, match="redirects are not followed") as refused:
            webhook.deliver(web(receiver.url, allow_private=True), a_message())
    assert refused.value.permanent
    assert inner.posts == []


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    with hook() as receiver:
        url = receiver.url
    with pytest.raises(DeliveryError) as refused:
        webhook.deliver(web(url, allow_private=True), a_message())
    assert not refused.value.permanent


# --- mail


def test_a_mail_says_the_same_in_text_and_html_and_stays_in_its_thread() -> None:
    with post_office() as office:
        for kind in (Kind.FIRING, Kind.RESOLVED):
            assert email.deliver(mail(office.port), a_message(kind)) == "taken for desk@example.com"
    first, last = office.letters
    assert first["Subject"] == "[critical] 3 promised orders are overdue"
    assert first["References"] == last["References"] == last["In-Reply-To"]
    assert first["Message-ID"] != last["Message-ID"]
    text = first.get_body(("plain",)).get_content()
    page = first.get_body(("html",)).get_content()
    for needed in ("3 cases of 2 customers", "3.6 k EUR", "SAP fell silent", "Q-1"):
        assert needed in text
        assert needed in page
    assert "C-<7>" in text
    assert "C-&lt;7&gt;" in page
    assert "<7>" not in page
    assert 'name="viewport"' in page


def test_the_same_message_is_the_same_mail() -> None:
    one, two = (email.rendered(mail(25), a_message()) for _ in range(2))
    assert one["Message-ID"] == two["Message-ID"]


def test_a_title_adds_no_header() -> None:
    letter = email.rendered(mail(25), a_message(title="late\r\nBcc: all@example.com\nX: y"))
    assert letter["Bcc"] is None
    assert letter["Subject"] == "[critical] late Bcc: all@example.com X: y"


def test_a_mail_goes_by_starttls_to_a_server_whose_certificate_is_trusted(tmp_path: Path) -> None:
    certificate = made_certificate(tmp_path)
    with post_office(certificate) as office:
        secure = {"security": "starttls", "ca_file": str(certificate)}
        email.deliver(mail(office.port, **secure), a_message())
        assert len(office.letters) == 1
        with pytest.raises(DeliveryError) as unknown:
            email.deliver(mail(office.port, security="starttls"), a_message())
        with pytest.raises(DeliveryError):
            email.deliver(mail(office.port, security="none"), a_message())
    assert not unknown.value.permanent
    assert len(office.letters) == 1


def test_a_server_without_starttls_gets_no_mail() -> None:
    with post_office() as office, pytest.raises(DeliveryError, match="STARTTLS"):
        email.deliver(mail(office.port, security="starttls"), a_message())
    assert office.letters == []


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 no such user", True), ("451 later", False)]
)
def test_a_mail_servers_refusal_says_whether_it_can_heal(answer: str, permanent: bool) -> None:
    with post_office() as office:
        office.refusing = answer
        with pytest.raises(DeliveryError, match=answer[4:]) as refused:
            email.deliver(mail(office.port), a_message())
    assert refused.value.permanent is permanent


def test_secrets_are_not_shown() -> None:
    config = AlertsConfig.model_validate({
        "channels": [
            {"name": "a", "kind": "webhook", "url": "https://x.example/", "secret": "canary-1"},
            {"name": "b", "kind": "email", "host": "h", "sender": "a@b.example",
             "recipients": ["c@d.example"], "user": "u", "password": "canary-2"},
        ]
    })  # fmt: skip
    assert "canary" not in config.model_dump_json() + repr(config)
    assert '"host":"h"' in config.model_dump_json()
