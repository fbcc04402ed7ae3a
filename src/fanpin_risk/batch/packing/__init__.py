"""What :func:`fanpin_risk.batch.pack.pack` is made of, in the order in which it is done."""
