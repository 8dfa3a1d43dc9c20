"""Between engine and spider."""
