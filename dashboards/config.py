"""What the pages and the API can be told."""

from pydantic import BaseModel, ConfigDict, Field


class DashboardsConfig(BaseModel):
    """Where the pages and the API listen, and how many answer at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    """the address to listen on; others than loopback are refused: the pages do not ask who reads"""
    port: int = Field(default=8050, ge=0, le=65535)
    """the port of pages and API; 0 takes a free one"""
    threads: int = Field(default=8, ge=1, le=64)
    """how many requests are answered at the same time"""
    allowed_hosts: tuple[str, ...] = ()
    """names besides loopback under which a proxy may ask (the ``Host`` header)"""
