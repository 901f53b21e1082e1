"""The design tokens that Mantine takes; those of the style sheets are in ``10-tokens.css``."""

import zlib
from typing import Any

from dashboards import words
from process_model.vocabulary import Stage

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

HUES = 8

# Systems of one kind share a colour in every installation; others get one by their letters.
_KINDS = (
    ("salesforce", "crm", "hubspot", "dynamics"),
    ("mulesoft", "boomi", "workato", "ipaas", "kafka", "integration"),
    ("sap", "erp", "netsuite", "oracle", "s4"),
    ("cpq", "pricing", "conga"),
    ("stripe", "billing", "zuora", "chargebee", "payment", "adyen"),
    ("warehouse", "fulfilment", "wms", "logistics", "support", "zendesk"),
    ("docusign", "esign", "contract", "clm", "adobe"),
    ("tax", "avalara", "vertex", "portal"),
)


def hue(name: str) -> str:
    """The class that colours a system or its source: the same on every page."""
    system = words.system(name).lower()
    for place, kinds in enumerate(_KINDS):
        if any(kind in system for kind in kinds):
            return f"hue-{place}"
    return f"hue-{zlib.crc32(system.encode()) % HUES}"


def stage_hue(stage: str) -> str:
    """The class that colours a stage of the process; grey for what belongs to none."""
    order = [str(one) for one in Stage]
    return f"hue-{order.index(stage) % (HUES - 1)}" if stage in order else f"hue-{HUES - 1}"
