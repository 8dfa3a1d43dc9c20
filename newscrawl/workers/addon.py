"""What NEWSCRAWL_REDIS_URL changes of the wiring, and nothing where it is empty."""

from scrapy.settings import BaseSettings

from newscrawl.exceptions import SettingError

REPLACED = {
    "EXTENSIONS": {
        "newscrawl.extensions.run_lock.RunLockExtension": ("newscrawl.workers.membership.Membership", 100),
        "newscrawl.extensions.run_end.RunEndExtension": ("newscrawl.workers.run_end.SharedRunEnd", 500),
    },
}
ADDED = {
    "DOWNLOADER_MIDDLEWARES": {"newscrawl.workers.slot.SharedSlotMiddleware": 845},  # next to what counts what is sent
    "SPIDER_MIDDLEWARES": {"newscrawl.workers.leases.LeaseMiddleware": 950},
}


class WorkersAddon:
    """
    Lets several processes share a run.

    :raises SettingError: the database is none that several machines can write to, or an extra is not installed
    """

    def update_settings(self, settings: BaseSettings) -> None:
        """Put the shared parts in place of those of a run that is alone."""
        if not settings["NEWSCRAWL_REDIS_URL"] or not settings.getdict("ITEM_PIPELINES"):
            return  # a crawl that stores nothing has nothing to share
        if not settings["NEWSCRAWL_DATABASE_URL"].startswith("postgresql://"):
            raise SettingError(
                "NEWSCRAWL_REDIS_URL is set: workers share a database, so NEWSCRAWL_DATABASE_URL has to name one of "
                "PostgreSQL: postgresql://HOST/NAME"
            )
        try:
            import scrapy_redis  # noqa: F401
        except ImportError as error:
            raise SettingError(
                "NEWSCRAWL_REDIS_URL is set: needs scrapy-redis: pip install -r requirements-extras.txt"
            ) from error
        settings.set("SCHEDULER", "newscrawl.workers.scheduler.SharedScheduler", "addon")
        for name, replaced in REPLACED.items():
            for old, (new, order) in replaced.items():
                settings[name][old] = None
                settings[name][new] = order
        for name, added in ADDED.items():
            settings[name].update(added)
