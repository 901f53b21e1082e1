"""The design tokens that Mantine takes; those of the style sheets are in ``10-tokens.css``."""

import zlib
from typing import Any

_BRAND = [
    "#EBF4FB",
    "#D3E6F5",
    "#A9CDEB",
    "#79B1DF",
    "#4F97D2",
    "#2E80C5",
    "#0B6BB5",
    "#07599A",
    "#05477C",
    "#03355F",
]

MANTINE: dict[str, Any] = {
    "primaryColor": "brand",
    "primaryShade": {"light": 6, "dark": 5},
    "colors": {"brand": _BRAND},
    "fontFamily": "'Inter Variable', Inter, 'Segoe UI', system-ui, sans-serif",
    "fontFamilyMonospace": "'JetBrains Mono Variable', 'DejaVu Sans Mono', monospace",
    "defaultRadius": "md",
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px", "lg": "16px", "xl": "20px"},
    "respectReducedMotion": True,
}

HUES = 7


def hue(name: str) -> str:
    """The class that colours a system: the same name has the same colour on every page."""
    return f"hue-{zlib.crc32(name.encode()) % HUES}"
