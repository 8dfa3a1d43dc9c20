"""Several processes, on one machine or many, that work on one run: everything that is of Redis."""
