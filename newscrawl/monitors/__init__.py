"""
Whether a run was as usual for this site, and if not, what it was: blocked, another layout, an empty source, or quiet.

Not Spidermon: it compares runs in a paid cloud only, its failures leave the exit code 0, and it brings 16 packages.
"""
