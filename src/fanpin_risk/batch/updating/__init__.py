"""Exports of the current state into the history of a packed register: what changed becomes dated rows, the rest nothing."""
