"""The writing edge: doors, intake, spool, writer."""
