"""The acting edge: rules, steps, channels."""
