"""What stands between the crawl and the site's server: which requests leave, and what to do about an answer."""
