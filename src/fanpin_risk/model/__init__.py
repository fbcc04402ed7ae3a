"""The forecast: training days, boosted trees, calibration, how sure a risk is, and a model on disk."""
