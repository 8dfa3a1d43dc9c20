"""The corpus in a notebook: data frames of what is stored, with typed columns."""
