-- Cases by their ids with what each is worth: its own amount, and that in the reporting currency where a rate of its day is known.
WITH
cases AS
(
    SELECT instance_id, leader_number AS number, customer, toString(stage) AS waits_in, amount, toString(currency) AS currency,
        toDate(opened_at) AS dated_at
    FROM instances FINAL
    WHERE dataset = {dataset:String} AND instance_id IN {instances:Array(String)}
),
known_rates AS
(
    SELECT currency, valid_from, rate
    FROM rates FINAL
    WHERE reporting_currency = {reporting_currency:String}
)
SELECT
    instance_id, number, customer, waits_in AS stage, amount, cases.currency AS currency,
    multiIf(
        amount IS NULL, NULL,
        cases.currency = {reporting_currency:String}, toDecimal256(amount, 18),
        known_rates.rate = 0, NULL,
        toDecimal256(amount, 6) * known_rates.rate) AS converted
FROM cases
ASOF LEFT JOIN known_rates ON cases.currency = known_rates.currency AND cases.dated_at >= known_rates.valid_from
ORDER BY ifNull(converted, 0) DESC, ifNull(amount, 0) DESC, instance_id
