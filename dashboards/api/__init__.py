"""The API: what a page shows, a program can ask."""

from dashboards.api.routes import create_blueprint

__all__ = ["create_blueprint"]
