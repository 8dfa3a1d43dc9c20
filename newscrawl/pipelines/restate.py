"""Like is compared with like: what older rules stored is restated by today's before an article is compared with it."""

from pathlib import Path
from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from newscrawl.archive.articles import extract_again
from newscrawl.exceptions import UnreadableRecordError, UnusablePageError
from newscrawl.items import Article
from newscrawl.pipelines.validate import judge
from newscrawl.storage.runtime import is_storing, storing


class RestatePipeline:
    """
    Runs today's extraction over the archived pages of a known article that an older one stored and that now differs.

    So what the rules made of the page is told from what an editor made of it. Where its pages are not archived, the
    store decides by the page's own word of its last edit. Counts ``newscrawl/restated``.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.folder = Path(crawler.settings["NEWSCRAWL_ARCHIVE_DIR"])

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RestatePipeline":
        if not crawler.settings["NEWSCRAWL_ARCHIVE_DIR"] or not is_storing(crawler):
            raise NotConfigured
        return cls(crawler)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        with storing(self.crawler) as store:
            number = store.outdated(item)
            if number is None:
                return item
            try:
                spider: Any = self.crawler.spider
                again = extract_again(self.folder, store.captures(number), spider.site())
            except (UnreadableRecordError, UnusablePageError):
                return item
            if judge(again)[0]:
                return item
            store.restate(number, again)
        self.crawler.stats.inc_value("newscrawl/restated")
        return item
