"""What the process map is told: the whole map of a selection, once; the browser draws parts of it."""
