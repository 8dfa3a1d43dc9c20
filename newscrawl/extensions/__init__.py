"""Observers: they watch a crawl's signals and change nothing."""
