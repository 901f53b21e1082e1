"""The API: what the pages show, as JSON, one file a resource (contract 9)."""

from dashboards.api.blueprint import create_blueprint

__all__ = ["create_blueprint"]
