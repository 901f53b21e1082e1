"""A small estate to look at: what happened in it, and sending that through the real doors."""
