"""newsjournos.com, "News Journos": news of the day, on WordPress with the SmartMag theme."""

from newscrawl.base_spiders.news_spider import NewsSpider
from newscrawl.extraction.themes.smartmag import LAYOUTS


class NewsjournosSpider(NewsSpider):
    """
    Domain
      newsjournos.com
    Caveats
      Posts are back-dated: neither ids nor dates tell the order of publication. Near-duplicate stories of one day
      have slugs of their own, and stay apart.
    """

    # NewsSpider
    name = "newsjournos"
    home = "https://newsjournos.com/"
    folder = "data"
    theme = LAYOUTS
