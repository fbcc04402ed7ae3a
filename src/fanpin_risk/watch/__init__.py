"""From scores to visits."""
