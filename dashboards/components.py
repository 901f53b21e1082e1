"""Small pieces that pages share."""

from typing import Any

from dash import html


def attributes(**named: str) -> dict[str, Any]:
    """Attributes with a hyphen in their name: ``attributes(aria_label="Pages")``."""
    return {name.replace("_", "-"): value for name, value in named.items()}


def icon(name: str) -> html.Span:
    """A picture beside a word; never alone."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))
