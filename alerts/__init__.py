"""The acting edge: rules see, steps decide, channels tell.

alert          one episode of one condition, and what was seen of it
rule, rules    what is looked at, one rule a file
seeing         what rules share: error budgets, and the cases behind a number
impact         what the cases are worth, who they are, and what probably caused it
lifecycle      how an alert moves when a rule has looked again; pure
pipeline,steps what becomes a message, and why the rest does not, one step a file
message        what a message says; links that work once
evaluation     one look of one rule, written in one transaction
channel,channels  who is told, one channel a file
delivery       sends what the outbox holds, and tries again
engine         the timers; the only user of APScheduler
backtest       what would have fired in the past
"""
