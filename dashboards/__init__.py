"""The reading edge: pages and the API."""
