"""What the process map is told: a selection's whole map, once; the browser draws parts of it."""
