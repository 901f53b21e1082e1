"""File formats of ``throughline import``, one a file: each holds one ``Reader``."""
