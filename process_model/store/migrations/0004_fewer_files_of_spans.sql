-- What a segment of spans costs beside its rows: a wide part is 122 files, each made and synced by itself, and a row that is merged
-- often is compressed and indexed as often. Parts stay compact up to 64 MiB (before compression), and ten are merged at once.
-- Columns, types, codecs and keys stay those of the Collector's exporter.
ALTER TABLE otel_traces MODIFY SETTING min_bytes_for_wide_part = 67108864, min_parts_to_merge_at_once = 10;
