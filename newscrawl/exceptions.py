"""The error vocabulary: who raises what, and when. Each reaches the user as one clear line."""

from scrapy.exceptions import IgnoreRequest


class NewscrawlError(Exception):
    """Base class of every error below."""

    exit_code = 1
    """Exit code of a command that ends with this error."""


class UsageProblem(NewscrawlError):
    """An argument or setting is wrong. Raised before the first request and before anything is written."""

    exit_code = 2


class SpiderArgumentError(UsageProblem):
    """A value given with ``-a`` is invalid. Raised from a spider's ``from_crawler``."""


class SettingError(UsageProblem):
    """A setting or environment variable is invalid. Raised where a component reads it."""


class UnknownSectionError(UsageProblem):
    """``-a sections=`` names a section that the site's menus do not. Raised once the home page is read."""


class UnusablePageError(NewscrawlError):
    """A page is a post, but no article can be made of it. ``reason`` is a short fixed word for counting."""

    reason = "unusable"


class EmptyPostError(UnusablePageError):
    """A post page without a headline or without content: the fetch failed. Raised by extraction."""

    reason = "empty_page"


class NoTextError(UnusablePageError):
    """A post page whose content holds no text. Raised by extraction."""

    reason = "no_text"


class PasswordProtectedError(UnusablePageError):
    """A post page that shows a password form instead of its text. Raised by extraction."""

    reason = "password_protected"


class TooLargePageError(UnusablePageError):
    """A page of more than 5 MB or 60,000 elements, some thirty times a real one: not read. Raised by extraction."""

    reason = "too_large"


class SiteUnreachableError(NewscrawlError):
    """The home page could not be fetched, or is not the home page of the site. Raised by the base spider."""


class RobotsUnreachableError(SiteUnreachableError, IgnoreRequest):
    """Whether the site may be crawled is unknown: robots.txt failed. Raised for every request of the run."""


class UnreadableSourceError(NewscrawlError):
    """A sitemap, feed or REST answer is not what it should be. Raised by discovery; it costs that source only."""


class UnhealthyError(NewscrawlError):
    """The run is done and stored, but not as usual: a monitor failed. Set as the spider's failure at its end."""

    exit_code = 3


class BlockedError(UnhealthyError):
    """The site refuses (403, 429, 503) one request after the other. Ends the run; what came before is stored."""


class TooManyRequestsError(UnhealthyError):
    """The run has sent as many requests as NEWSCRAWL_MAX_REQUESTS allows. Ends the run; what came is stored."""


class AnotherRunError(NewscrawlError):
    """Another run of this store is at work. Raised before the first request; nothing was done."""

    exit_code = 4


class StoreError(NewscrawlError):
    """The store cannot be opened, read or written. Raised by the storage layer; the file is left as it was."""


class StoreSchemaError(StoreError):
    """The database was made by another schema version. Raised when the store opens; the file is left as it was."""


class ArchiveError(StoreError):
    """The archive of pages cannot be written. Raised by the archive; what was written before is whole."""


class UnreadableRecordError(NewscrawlError):
    """A page is not in the archive, or its record is damaged. Raised by the archive; it costs that page only."""


class RedisGoneError(NewscrawlError):
    """Redis does not answer in time, or refuses. Raised by newscrawl.workers; what was stored is kept."""


class AlertError(NewscrawlError):
    """An alert was not taken. Raised by the reporting layer, which tells it as a warning: the run is as it is."""
