"""harbour-herald.example, an invented site: news of a port, on WordPress with the Twenty Twenty-One theme."""

from newscrawl.base_spiders.news_spider import NewsSpider
from newscrawl.extraction.themes.twentytwentyone import TWENTYTWENTYONE


class HarbourheraldSpider(NewsSpider):
    """
    Domain
      harbour-herald.example
    Caveats
      It is there to show what another theme takes; no such site answers.
    """

    # NewsSpider
    name = "harbourherald"
    home = "https://harbour-herald.example/"
    theme = TWENTYTWENTYONE
