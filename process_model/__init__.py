"""Meaning, memory, questions: the centre that every other room may import and that imports none.

vocabulary      the canon: stages, event types, object types
events          the records that cross borders
reference       the reference quote-to-cash process and its limits
store, state    the two memories: ClickHouse for what is analytic, SQL for what is operational
questions       one question a file, asked by name
links           what an event says of the relations between objects
correlation     how an instance grows from its leading object
stages          where an instance waits, and until when
synchronisation what crossed between systems, and what should have
instances       events since the watermark → instances
coverage        how much of the truth a number has seen
kpi, measures   the numbers
lookup          the reading side of instances: pages, one, any id
"""
