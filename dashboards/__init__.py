"""The eyes: pages for people and an API for programs, both over the same questions."""
