"""Alerts as the operational state keeps them: whole, as JSON beside what is asked for."""

import msgspec

from alerts.alert import Alert
from process_model.state.alerting import AlertBook, AlertRow

_decoder = msgspec.json.Decoder(Alert)
_encoder = msgspec.json.Encoder()


def load(row: AlertRow) -> Alert:
    """The alert of a row."""
    return _decoder.decode(row.body)


def store(book: AlertBook, alert: Alert) -> None:
    """Write the alert over what was there."""
    row = AlertRow(
        alert.id, alert.fingerprint, alert.episode, alert.rule, str(alert.phase), alert.done,
        alert.changed_at, _encoder.encode(alert).decode(),
    )  # fmt: skip
    book.save(row)
