"""Where ``-O`` and ``-o`` write: what is overwritten stays until the new file is whole; an error is told once."""

import io
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

from scrapy import Spider
from scrapy.extensions.feedexport import FileFeedStorage

from newscrawl.export.output import new_file


class SteadyFile(io.BufferedIOBase):
    """Takes what comes after an error as well, and keeps the first one: else each further article would tell of it."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.error: OSError | None = None
        self._size = file.tell() if file.seekable() else 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: Any) -> int:
        self._do("write", data)
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        self._do("flush")

    def _do(self, what: str, *given: Any) -> None:
        if self.error is None and not self.file.closed:
            try:
                getattr(self.file, what)(*given)
            except OSError as error:
                self.error = error


class WholeFileFeedStorage(FileFeedStorage):
    """Scrapy's own, but what is overwritten stays whole until the new file is; ``-o`` appends, as ever."""

    def open(self, spider: Spider) -> IO[bytes]:
        self._open = ExitStack()
        if self.write_mode == "wb":
            # Whoever wants it compressed has said so with Scrapy's postprocessing.
            file = self._open.enter_context(new_file(Path(self.path), packs=False))
        else:
            file = cast("Any", self._open.enter_context(super().open(spider)))
        return cast("IO[bytes]", SteadyFile(file))

    def store(self, file: IO[bytes]) -> None:
        """Raises an OSError that names the file where it is not whole."""
        try:
            with self._open:
                if error := cast("SteadyFile", file).error:
                    raise error
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.path) from error
