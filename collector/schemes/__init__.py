"""One scheme a file."""
