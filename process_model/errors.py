"""What can go wrong, as one tree; an edge adds a branch only when it has more than one.

ThroughlineError
├─ ConfigError                      tells file, key and remedy
├─ StoreError
│  ├─ StoreUnavailable              transient: try again
│  ├─ QueryRejected                 permanent: carries the engine's code and the query's name
│  ├─ MigrationDrift                a released migration changed, or the store is newer
│  └─ DataDirectoryInUse            another process holds the embedded directory
└─ IntakeError
   ├─ Undecodable                   → 400, not a message at all
   ├─ Untranslatable                → a row in rejected_events, with its reason
   ├─ Overloaded                    → 503 / UNAVAILABLE, the sender keeps the data
   │  └─ TooFast                    → 429 / RESOURCE_EXHAUSTED, the same
   ├─ Unidentified                  → 401 / UNAUTHENTICATED
   └─ Forbidden                     → 403 / PERMISSION_DENIED

``permanent`` says whether trying again can help. It is a property of the error, so the two places
that retry (the collector's writer and the alerts' delivery) need no list of classes.
"""


class ThroughlineError(Exception):
    """Anything this program raises on purpose; its text is for a person and names the remedy."""

    permanent = True


class ConfigError(ThroughlineError):
    """The configuration cannot be used; the text names file, key and what to write instead."""


class StoreError(ThroughlineError):
    """The store refused or could not answer."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or is short of something for now."""

    permanent = False


class QueryRejected(StoreError):
    """The engine refused a statement; trying the same again will not help."""

    def __init__(self, name: str, code: int, text: str) -> None:
        """Keep the query's name and the engine's error code beside its text."""
        super().__init__(f"{name}: {text} (code {code})")
        self.name = name
        self.code = code


class MigrationDrift(StoreError):
    """The tables and this program do not belong together."""


class DataDirectoryInUse(StoreError):
    """Another process holds the embedded directory: one directory, one process."""


class IntakeError(ThroughlineError):
    """Input that cannot be taken as it is."""


class Undecodable(IntakeError):
    """The bytes are not a message of the protocol."""


class Untranslatable(IntakeError):
    """Understood to be for us, but no event: it is stored with this reason."""

    def __init__(self, reason: str, detail: str, pointer: str = "") -> None:
        """Say the closed reason word, a sentence with the remedy, and the member at fault."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.pointer = pointer


class Overloaded(IntakeError):
    """No room on disk or in the spool; the sender must keep the data and try again."""

    permanent = False

    def __init__(self, detail: str, retry_after_seconds: int = 5) -> None:
        """Say why and when to come back."""
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooFast(Overloaded):
    """A key was used more often than it may be; the sender must keep the data and try again."""


class Unidentified(IntakeError):
    """Nobody we know: the key or the signature is missing, wrong or too old.

    The text never holds what was presented.
    """

    def __init__(self, reason: str, detail: str, challenge: str = "Bearer") -> None:
        """Say the closed reason word, what to do, and the scheme by which to identify oneself."""
        super().__init__(detail)
        self.reason = reason
        self.challenge = challenge


class Forbidden(IntakeError):
    """Somebody we know, who may not do this."""
