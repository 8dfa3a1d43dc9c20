"""Commands: ``scrapy <name of the module>``. Each wires parts that exist."""

from newscrawl.commands._streams import fill_closed_streams

fill_closed_streams()
