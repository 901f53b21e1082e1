"""What commands ask of whoever holds the store: what every rule sees now, and what it would have
seen in the past. A request row carries the question, the row's answer is the text to print."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.backtest import replayed
from alerts.config import AlertsConfig, rules
from alerts.impact import impact_of
from alerts.rule import Look, Reading
from process_model.config import ModelConfig
from process_model.errors import StoreUnavailable, ThroughlineError
from process_model.finding import many, worth_text
from process_model.state import State
from process_model.store import Handle

CHECK = "alerts_check"
"""the kind of the request row"""


TOLD_TO = "alert channels"
"""the cursor that names the channels of the process that runs, for pages"""


def answer_asked(reader: Handle, state: State, config: AlertsConfig, model: ModelConfig) -> None:
    """Answer what was asked by request rows."""
    for request in state.requests(CHECK):
        try:
            answer, failed = checked(reader, config, model, request.payload), False
        except StoreUnavailable:
            raise  # the row stays open
        except (ThroughlineError, ValueError) as refused:
            answer, failed = str(refused), True
        state.answer_request(request.id, answer, failed=failed)


def checked(
    reader: Handle, config: AlertsConfig, model: ModelConfig, payload: Mapping[str, Any]
) -> str:
    """What is seen now, or with ``since`` what would have been told; nothing is changed or sent."""
    wanted = {name: rule for name, rule in rules().items() if payload.get("rule") in (None, name)}
    if not wanted:
        raise ValueError(f"there is no rule {payload['rule']}; there are {', '.join(rules())}")
    if not payload.get("since"):
        return _now(reader, config, model, wanted)
    since = datetime.fromisoformat(payload["since"])
    until = datetime.fromisoformat(payload["until"]) if payload.get("until") else datetime.now(UTC)
    every = timedelta(seconds=payload.get("every_seconds", 3600))
    lines = []
    for one in replayed(reader, config, model, wanted, since, until, every):
        word = "frozen" if one.frozen else "over" if one.phase == "resolved" else str(one.phase)
        worth = {currency: Decimal(amount) for currency, amount in one.money.items()}
        touched = f"  {many(one.cases, 'case')}, {worth_text(worth)}" if one.cases else ""
        lines.append(f"{one.at:%Y-%m-%d %H:%M} UTC  {word:<7} {one.rule}: {one.title}{touched}")
    period = f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
    steps = f"looked at every {every.total_seconds() / 60:g} min"
    if not lines:
        return f"From {period}, {steps}, nothing would have fired."
    return "\n".join([f"From {period}, {steps}:", *lines])


def _now(
    reader: Handle, config: AlertsConfig, model: ModelConfig, wanted: Mapping[str, Any]
) -> str:
    lines, now = [], datetime.now(UTC)
    for name, rule in wanted.items():
        settings = config.rules.get(name) or rule.config()
        if not settings.enabled:
            lines.append(f"{name}: switched off in the configuration")
            continue
        look = Look(reader=reader, now=now, model=model, config=settings)
        sight = rule.evaluate(look)
        lines.append(f"{name}: {many(len(sight.readings), 'thing')} watched")
        lines += [_line(look, reading) for reading in sight.readings]
    if not config.channels:
        lines.append("No channel is configured: alerts are shown on the page and told to nobody. "
                     "Write one under [[alerts.channels]], see docs/alerts.md.")  # fmt: skip
    for channel in config.channels:
        lines.append(f"channel {channel.name} ({channel.kind}): throughline alerts test "
                     f"{channel.name} sends it a message")  # fmt: skip
    return "\n".join(lines)


def _line(look: Look, reading: Reading) -> str:
    word = {True: "holds", False: "calm", None: "unmeasured"}[reading.holds]
    detail = f" ({reading.detail})" if reading.detail else ""
    if not reading.holds:
        return f"  {word:<10} {reading.title}{detail}"
    impact = impact_of(look, reading)
    worth = worth_text({c: Decimal(a) for c, a in impact.money.items()})
    return f"  {word:<10} {reading.title}{detail}: {many(impact.cases, 'case')}, {worth}"
