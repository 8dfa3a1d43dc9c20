"""What a spider says of its site: name, address, theme, and where its data lies."""

from scrapy import Spider
from scrapy.settings import BaseSettings

from newscrawl.configuration import use_own_places
from newscrawl.extraction.theme import Site, Themes


class SiteSpider(Spider):
    """
    Holds the table of a site.

    #. Set ``name``
    #. Set ``home`` to the site's own address, ``https://host/``
    #. Set ``theme`` to the table of the site's theme, or to those of its layouts, newest first
    """

    home: str
    theme: Themes
    folder = "data/{name}"
    """Where what is not told otherwise lies: archive and reports; database and JSON Lines lie beside it."""

    @classmethod
    def site(cls) -> Site:
        """The site as extraction needs it."""
        return Site(cls.home, cls.theme)

    @classmethod
    def own_folder(cls) -> str:
        """``folder`` with the name in it."""
        return cls.folder.format(name=cls.name)

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Settings of this site: ``custom_settings``, and places that carry its name where nobody has named any."""
        super().update_settings(settings)
        use_own_places(settings, cls.name, cls.own_folder())
