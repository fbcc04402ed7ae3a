"""The register of households: declared, read, checked, written."""
