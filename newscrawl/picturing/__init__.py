"""The pictures of ``scrapy report``: what is stored becomes one page that stands alone."""
