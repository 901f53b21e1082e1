"""Amounts as billing systems count them: whole numbers of a currency's smallest unit."""

from decimal import Decimal

from process_model import wire
from process_model.errors import Untranslatable

# UGX and ISK have no decimals either, but Stripe counts them in hundredths, as it does HUF and TWD
_NO_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
})  # fmt: skip
_THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def decimal(value: object, currency: str, pointer: str) -> str | None:
    """A whole number of the currency's smallest unit as a decimal; ``None`` when it is absent."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise Untranslatable(
            "invalid_amount", f"{pointer}: expected a whole number of minor units", pointer
        )
    return wire.decimal_text(Decimal(value).scaleb(-digits_of(currency)), pointer)


def digits_of(currency: str) -> int:
    """How many digits of an amount stand behind the point."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
