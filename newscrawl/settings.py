"""
The wiring diagram: what runs, in which order, and why. Only what differs from Scrapy's defaults.

Settings of our own come last; ``newscrawl/configuration.py`` says what each may be. Command line (-s) wins over the
environment, the environment over this file.
"""

from pathlib import Path

from scrapy.settings import default_settings

from newscrawl.configuration import from_environment

BOT_NAME = "newscrawl"
SPIDER_MODULES = ["newscrawl.spiders"]
NEWSPIDER_MODULE = "newscrawl.spiders"
COMMANDS_MODULE = "newscrawl.commands"
TEMPLATES_DIR = str(Path(__file__).parent / "templates")  # default Scrapy's own: for genspider

# Manners: about one request a second, whatever the site's robots.txt leaves unsaid.
ROBOTSTXT_OBEY = True  # default False
DOWNLOAD_DELAY = 1  # default 0
# Equal on purpose: Scrapy 2.19 does not hold the limit a domain by itself when there is no delay.
CONCURRENT_REQUESTS = 2  # default 16
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # default 8
AUTOTHROTTLE_ENABLED = True  # default False: a slow site gets fewer requests
AUTOTHROTTLE_START_DELAY = 1  # default 5: a short run would be over before it had come down
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
COOKIES_ENABLED = False  # default True: a reader without a history
# Default: the same with zstd, which readers of web archives do not unpack.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip, deflate, br",
}
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"  # default: one that knows no IPv6
METAREFRESH_ENABLED = False  # default True: a page is read as it was sent

# Safety: what a server or a stranger on this machine can do to the crawl.
DOWNLOAD_TIMEOUT = 30  # seconds; default 180
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # bytes; default 1 GiB
DOWNLOAD_WARNSIZE = 8 * 1024 * 1024  # bytes; default 32 MiB
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False
REDIRECT_MAX_TIMES = 5  # default 20
REMOTE_CONTROL_ENABLED = False  # default True: a port that runs any Python for whoever holds its token
TELNETCONSOLE_ENABLED = False  # default True: likewise

# Work: one page holds one article or some links, so a task for each of 100 items only costs.
CONCURRENT_ITEMS = 4  # default 100
DUPEFILTER_CLASS = "newscrawl.dupefilter.SmallDupeFilter"  # default RFPDupeFilter: 100 bytes a request, for ever
FEED_EXPORT_ENCODING = "utf-8"  # default: JSON with escapes
FEED_EXPORTERS = {  # beside Scrapy's own
    "parquet": "newscrawl.exporters.articles.ParquetExporter",
    "rss": "newscrawl.exporters.articles.RssExporter",
    "atom": "newscrawl.exporters.articles.AtomExporter",
    "jsonfeed": "newscrawl.exporters.articles.JsonFeedExporter",
}
FEED_STORAGES = dict.fromkeys(  # Scrapy's own leaves half a file where a run is killed
    ("", "file"), "newscrawl.exporters.whole_file.WholeFileFeedStorage"
)
LOG_LEVEL = "INFO"  # default DEBUG
WARN_ON_GENERATOR_RETURN_VALUE = False  # default True: parses the source of each callback; mypy tells it here
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"  # default ERROR: one page that stays away is no failed run

# Off by the settings above. Scrapy loads them all the same, also where they are None below, and with them aiohttp and
# tldextract: a fifth of what a short run takes.
_NOT_LOADED = {
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware",
    "scrapy.extensions.remote_control.RemoteControl",
    "scrapy.extensions.telnet.TelnetConsole",
}
DOWNLOADER_MIDDLEWARES_BASE, EXTENSIONS_BASE = (
    {path: order for path, order in base.items() if path not in _NOT_LOADED}
    for base in (default_settings.DOWNLOADER_MIDDLEWARES_BASE, default_settings.EXTENSIONS_BASE)
)

# Request → server. Lower numbers are nearer the engine.
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # lets other ports and subdomains pass
    "newscrawl.downloadermiddlewares.same_origin.SameOriginMiddleware": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # lets requests pass that wait for robots.txt
    "newscrawl.downloadermiddlewares.robots.RobotsMiddleware": 100,
    "newscrawl.downloadermiddlewares.retry_after.RetryAfterMiddleware": 560,  # sees an answer before the retry at 550
    "newscrawl.downloadermiddlewares.whole_page.WholePageMiddleware": 580,  # what the decompression at 590 unpacked
    "newscrawl.downloadermiddlewares.whole_transfer.WholeTransferMiddleware": 595,  # what it is going to unpack
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # a target seen before would be dropped
    "newscrawl.downloadermiddlewares.redirect.RememberingRedirectMiddleware": 600,
    # Below the redirects, so that they see every answer; above Scrapy's statistics, which count what is sent.
    "newscrawl.downloadermiddlewares.refusal_breaker.RefusalBreakerMiddleware": 820,
    "newscrawl.downloadermiddlewares.ending.EndingMiddleware": 830,
    "newscrawl.downloadermiddlewares.seat_belt.SeatBeltMiddleware": 840,  # last: what passes here is sent
    "newscrawl.downloadermiddlewares.from_archive.FromArchiveMiddleware": 860,  # in the downloader's place, if asked
}

# Engine → spider.
SPIDER_MIDDLEWARES = {
    "newscrawl.spidermiddlewares.store_failure.StoreFailureMiddleware": 100,  # sees what the others let pass
}

# Item → disk. Items run through in ascending order: 200s judge, 300s compare, 400s keep, 500s note what is done.
ITEM_PIPELINES = {
    "newscrawl.pipelines.validate.ValidatePipeline": 200,
    "newscrawl.pipelines.dedupe.DedupePipeline": 300,
    "newscrawl.pipelines.stale.StalePipeline": 310,
    "newscrawl.pipelines.restate.RestatePipeline": 390,  # what older rules stored, before it is compared
    "newscrawl.pipelines.store.StorePipeline": 400,
    "newscrawl.pipelines.frontier.FrontierPipeline": 500,
}

# Observers: they watch signals, and change nothing.
EXTENSIONS = {
    "newscrawl.extensions.run_lock.RunLockExtension": 100,
    "newscrawl.extensions.page_archive.PageArchiveExtension": 350,
    "newscrawl.extensions.page_log.PageLogExtension": 400,
    "newscrawl.extensions.run_measures.RunMeasures": 450,
    "newscrawl.extensions.progress.ProgressExtension": 490,  # its line is gone before the last word
    "newscrawl.extensions.run_end.RunEndExtension": 500,
}

# What a setting alone switches on.
ADDONS = {"newscrawl.workers.addon.WorkersAddon": 100}  # several processes for one run, with NEWSCRAWL_REDIS_URL

# Our own, each also read from the environment. "Used by" says where.
NEWSCRAWL_DATABASE_URL = from_environment("NEWSCRAWL_DATABASE_URL")  # Used by StorePipeline and every reading command
NEWSCRAWL_JSONL_PATH = from_environment("NEWSCRAWL_JSONL_PATH")  # Used by StorePipeline
NEWSCRAWL_ARCHIVE_DIR = from_environment("NEWSCRAWL_ARCHIVE_DIR")  # Used by PageArchiveExtension, as are the next two
NEWSCRAWL_ARCHIVE_PAGES = from_environment("NEWSCRAWL_ARCHIVE_PAGES")
NEWSCRAWL_ARCHIVE_SIZE = from_environment("NEWSCRAWL_ARCHIVE_SIZE")
NEWSCRAWL_CONTACT = from_environment("NEWSCRAWL_CONTACT")  # Used by SectionSpider, for the User-Agent
NEWSCRAWL_MAX_REQUESTS = from_environment("NEWSCRAWL_MAX_REQUESTS")  # Used by SeatBeltMiddleware
NEWSCRAWL_NORMAL_SINCE = from_environment("NEWSCRAWL_NORMAL_SINCE")  # Used by RunEndExtension, for the monitors
NEWSCRAWL_PROGRESS = from_environment("NEWSCRAWL_PROGRESS")  # Used by ProgressExtension
NEWSCRAWL_REPORTS_DIR = from_environment("NEWSCRAWL_REPORTS_DIR")  # Used by newscrawl.reporting.finish, as are the rest
NEWSCRAWL_ALERT_WEBHOOK = from_environment("NEWSCRAWL_ALERT_WEBHOOK")
NEWSCRAWL_ALERT_MAIL = from_environment("NEWSCRAWL_ALERT_MAIL")
NEWSCRAWL_SMTP_URL = from_environment("NEWSCRAWL_SMTP_URL")
NEWSCRAWL_REDIS_URL = from_environment("NEWSCRAWL_REDIS_URL")  # Used by newscrawl.workers, as are the next two
NEWSCRAWL_REDIS_WAIT = from_environment("NEWSCRAWL_REDIS_WAIT")
NEWSCRAWL_LEASE_SECONDS = from_environment("NEWSCRAWL_LEASE_SECONDS")
NEWSCRAWL_PROMETHEUS_FILE = from_environment("NEWSCRAWL_PROMETHEUS_FILE")
NEWSCRAWL_READER_PROCESS = from_environment("NEWSCRAWL_READER_PROCESS")  # Used by ArticleSpider
