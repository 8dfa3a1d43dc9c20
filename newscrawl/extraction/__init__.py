"""Extraction: a page becomes an Article. Knows no spider, no store."""
