-- One segment of rejected input (a JSON line each) into rejected_events.
INSERT INTO rejected_events (dataset, source, id, type, door, pointer, reason, detail, payload, received_at)
SELECT dataset, source, id, type, door, pointer, reason, detail, payload, received_at
FROM __SOURCE__
