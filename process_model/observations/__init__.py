"""What detectors read of the estate: its cases, documents and calls, and how they moved in time.

Each module reads one thing from the store and keeps it as plain values; judging is for findings.
"""
