"""What changed between two versions of an article: pure functions, from values to lists of differences."""
