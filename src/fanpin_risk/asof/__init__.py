"""What was known on a day: the only room that filters on time."""
