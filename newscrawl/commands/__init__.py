"""Commands: ``scrapy <name of the module>``. Each wires parts that exist."""
