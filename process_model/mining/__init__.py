"""How the process really flows, mined from the traces of cases: the map and its variants in SQL."""
