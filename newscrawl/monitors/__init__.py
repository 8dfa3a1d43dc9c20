"""Whether a run was as usual for this site, and if not, what has changed."""
