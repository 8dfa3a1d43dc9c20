"""How a kind of site is walked. Kept out of SPIDER_MODULES: these are no spiders of their own."""
