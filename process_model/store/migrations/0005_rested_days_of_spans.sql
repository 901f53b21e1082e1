-- Ten at once would leave up to nine parts of a day for ever, and a question for a trace looks at all: a day to which nothing came
-- for six hours becomes one part.
ALTER TABLE otel_traces MODIFY SETTING min_age_to_force_merge_seconds = 21600, min_age_to_force_merge_on_partition_only = 1;
