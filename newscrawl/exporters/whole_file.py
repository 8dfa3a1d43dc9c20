"""Where ``-O`` writes: a file that takes the place of the old one when the crawl ends, and not before."""

from contextlib import ExitStack
from pathlib import Path
from typing import IO

from scrapy import Spider
from scrapy.extensions.feedexport import FileFeedStorage

from newscrawl.export.output import new_file


class WholeFileFeedStorage(FileFeedStorage):
    """Scrapy's own, but what is overwritten stays whole until the new file is; ``-o`` appends, as ever."""

    def open(self, spider: Spider) -> IO[bytes]:
        if self.write_mode != "wb":
            return super().open(spider)
        self._open = ExitStack()
        # Whoever wants it compressed has said so with Scrapy's postprocessing.
        return self._open.enter_context(new_file(Path(self.path), packs=False))

    def store(self, file: IO[bytes]) -> None:
        if self.write_mode != "wb":
            super().store(file)
        else:
            self._open.close()
