"""Exact SHAP values of histogram gradient boosting."""
