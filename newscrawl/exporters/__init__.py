"""Exporters: our formats for Scrapy's own feeds, that is ``crawl -o`` and ``-O``."""
