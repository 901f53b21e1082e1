"""Mail by SMTP: text and HTML that a phone shows well, one thread an episode.

A mail's Message-ID is made of the message's key, so that a second sending after a crash is the same
mail, and its References name the episode, so that mail programs keep it in one thread.
"""

import html
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from alerts.channel import Channel, ChannelConfig, DeliveryError, secret_of
from alerts.message import (
    Item,
    Kind,
    Message,
    base_of,
    case_url,
    example_text,
    lines_of,
    plain_text,
)

_COLOURS = {"critical": "#b42318", "warning": "#b54708", "info": "#175cd3"}
_OVER = "#067647"
_MOST_SUBJECT = 160


class Config(ChannelConfig):
    """``kind = "email"``."""

    host: str
    """the mail server"""
    port: int = Field(default=587, ge=1, le=65535)
    """its port"""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """``starttls`` refuses a server that has none; ``none`` is for a server on this machine"""
    user: str = ""
    """the name to log in with; '' does not log in"""
    password: SecretStr | None = None
    """the password"""
    password_file: Path | None = None
    """a file that holds it"""
    ca_file: Path | None = None
    """certificates to trust instead of the system's"""
    sender: str
    """the address the mail comes from"""
    recipients: tuple[str, ...] = Field(min_length=1)
    """who gets it"""

    @field_validator("sender", "recipients")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for one in (value,) if isinstance(value, str) else value:
            Address(addr_spec=one)
        return value


def deliver(config: Config, message: Message) -> str:
    """Hand it to the mail server once; raises ``DeliveryError`` when it is not taken."""
    mail = rendered(config, message)
    seconds = config.timeout.total_seconds()
    try:
        with _session(config, seconds) as server:
            if config.user:
                password = secret_of(
                    config.password, config.password_file, f"alerts.channels.{config.name}"
                )
                server.login(config.user, password or "")
            refused = server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as exc:
        codes = [code for code, _ in exc.recipients.values()]
        raise DeliveryError(
            f"every recipient was refused: {_said(next(iter(exc.recipients.values())))}",
            permanent=all(500 <= code < 600 for code in codes),
        ) from exc
    except smtplib.SMTPResponseException as exc:
        answer = (exc.smtp_code, exc.smtp_error)
        raise DeliveryError(_said(answer), permanent=500 <= exc.smtp_code < 600) from exc
    except ssl.SSLCertVerificationError as exc:
        # a certificate is mended by people, and then the mail shall go
        raise DeliveryError(f"{config.host}: {exc.verify_message}", permanent=False) from exc
    except smtplib.SMTPNotSupportedError as exc:
        raise DeliveryError(f"{config.host}: {exc}", permanent=True) from exc
    except (OSError, smtplib.SMTPException) as exc:
        raise DeliveryError(f"{config.host}: {exc or type(exc).__name__}", permanent=False) from exc
    if refused:
        return f"taken, but not for {', '.join(sorted(refused))}"
    return f"taken for {', '.join(config.recipients)}"


def _session(config: Config, seconds: float) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=str(config.ca_file) if config.ca_file else None)
    if config.security == "tls":
        return smtplib.SMTP_SSL(config.host, config.port, timeout=seconds, context=context)
    server = smtplib.SMTP(config.host, config.port, timeout=seconds)
    if config.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def rendered(config: Config, message: Message) -> EmailMessage:
    """The mail; a title cannot add headers, for its line breaks are taken out."""
    mail = EmailMessage()
    domain = config.sender.rpartition("@")[2]
    subject = " ".join(f"[{message.severity}] {message.title}".split())
    mail["Subject"] = subject[:_MOST_SUBJECT]
    mail["From"] = Address("Throughline", addr_spec=config.sender)
    mail["To"] = ", ".join(config.recipients)
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{_hashed(message.key)}@{domain}>"
    root = f"<{_hashed('thread ' + message.thread)}@{domain}>"
    mail["In-Reply-To"] = root
    mail["References"] = root
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Throughline-Key"] = message.key
    mail.set_content(plain_text(message))
    mail.add_alternative(_page(message), subtype="html")
    return mail


def _hashed(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _page(message: Message) -> str:
    colour = _OVER if message.kind == Kind.RESOLVED else _COLOURS[message.severity]
    parts = [_item(message, item) for item in message.items]
    if message.more:
        parts.append(f"<p>{message.more} more alerts are not named here.</p>")
    if message.note:
        parts.append(f"<p>{html.escape(message.note)}</p>")
    if message.acknowledge_url:
        parts.append(_button("Acknowledge", message.acknowledge_url, colour))
        parts.append(_button("Snooze", message.snooze_url, "#475467"))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"></head>'
        '<body style="margin:0;padding:16px;font:16px/1.45 system-ui,Segoe UI,Roboto,sans-serif">'
        f'<div style="max-width:600px;margin:0 auto"><h1 style="font-size:20px;line-height:1.3;'
        f'border-left:5px solid {colour};padding-left:10px;margin:0 0 12px">'
        f"{html.escape(message.title)}</h1>{''.join(parts)}</div></body></html>"
    )


def _item(message: Message, item: Item) -> str:
    rows = "".join(
        f'<p style="margin:0 0 8px"><span style="color:#667085;font-size:13px">{name}</span><br>'
        f"{html.escape(text)}</p>"
        for name, text in lines_of(item, message.zone)
    )
    named = f'<h2 style="font-size:17px;margin:16px 0 8px">{html.escape(item.title)}</h2>'
    examples = "".join(
        f'<li style="margin-bottom:6px"><a href="{_href(case_url(one, base_of(item)))}">'
        f"{html.escape(example_text(one))}</a></li>"
        for one in item.impact.examples
    )
    listed = f'<p style="margin:12px 0 4px">For example:</p><ul>{examples}</ul>' if examples else ""
    head = named if len(message.items) > 1 else ""
    return head + rows + listed + _button("Open the alert", item.url, "#175cd3")


def _button(text: str, url: str, colour: str) -> str:
    return (
        f'<p style="margin:8px 0"><a href="{_href(url)}" style="display:block;text-align:center;'
        f"padding:13px 16px;border-radius:8px;background:{colour};color:#fff;font-weight:600;"
        f'text-decoration:none">{text}</a></p>'
    )


def _href(url: str) -> str:
    """Only what a browser opens as a page; ours begin so."""
    return html.escape(url, quote=True) if url.startswith(("http://", "https://")) else "#"


def _said(answer: tuple[int, bytes | str]) -> str:
    code, text = answer
    said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"[:300]


CHANNEL = Channel(Config, deliver)
