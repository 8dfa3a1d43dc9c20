"""Item to disk, one deed a file; the order stands in the settings."""
