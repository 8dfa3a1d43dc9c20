"""The days of publication that a run is limited to."""

from typing import NamedTuple


class Period(NamedTuple):
    """First and last day, in ISO form; the defaults leave both ends open."""

    since: str = ""
    until: str = "9999"

    def may_hold(self, published_at: str | None, lastmod: str | None = None) -> bool:
        """
        Whether an article may be one of the period's, by what is known of it.

        :param lastmod: when it changed last; it cannot have been published later

        >>> Period("2025-05-03", "2025-05-03").may_hold("2025-05-03T23:59:59+00:00")
        True
        >>> Period("2025-05-03").may_hold(None, "2025-05-02T10:00:00+00:00")
        False
        """
        if published_at:
            return self.since <= published_at[:10] <= self.until
        return not lastmod or lastmod[:10] >= self.since
