"""The parts of :func:`fanpin_risk.batch.score.score_register`: the job, a register in partitions, the folder of results, processes."""
