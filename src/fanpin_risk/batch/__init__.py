"""A register in parts: packed by county, scored part by part, restartable."""
