"""Meaning, memory, questions: the centre that every other room may import and that imports none.

vocabulary      the canon: stages, event types, object types
events          the records that cross borders
reference       the reference quote-to-cash process and its limits
store, state    the two memories: ClickHouse for what is analytic, SQL for what is operational
questions       one question a file, asked by name
links           what an event says of the relations between objects
conversations   what documents spoken of together prove of each other
correlation     how an instance grows from its leading object
stages          where an instance waits, and until when
synchronisation what crossed between systems, and what should have
shares          whose money a shared document is
instance_row    one instance with all that is derived of it
components      what must be grown together
recomputation   components grown again and replaced in the store
rebuilding      all of them, or what was known on a date
undoing         links that a person takes out, and back
errands         work that people ask of whoever holds the store
instances       the thread that keeps the instances current
coverage        how much of the truth a number has seen
kpi, measures   the numbers
behind          the cases behind a number, and their worth
lookup          the reading side of instances: pages and one, whole
resolution      any id to its instances
traces          which traces belong to an instance
finding         what is wrong with the estate, one row a cause; findings/ holds one kind a file
observations    what detectors read of the estate: cases, documents, calls, how they moved
detection       runs every kind of finding and keeps the answer
"""
