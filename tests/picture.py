"""
The picture in the README: the report of forty days of the replica, in a real browser.

    make picture
"""

import tempfile
from datetime import timedelta
from pathlib import Path

from tests.browser import Browser
from tests.conftest import ROOT
from tests.reported import DAY_ZERO, live, page_of, time_is

DAYS = 40
SIZE = 1000, 885
PICTURE = ROOT / "docs/report.png"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database, page = Path(folder, "news.db"), Path(folder, "report.html")
        live(database, days=tuple(range(DAYS)), articles=400)
        with time_is(DAY_ZERO + timedelta(days=DAYS - 1, minutes=5)):
            page.write_text(page_of(database), encoding="utf-8")
        browser = Browser(Path(folder, "profile"))
        try:
            browser.window(*SIZE)
            browser.open(page.as_uri())
            PICTURE.write_bytes(browser.picture(0, SIZE[1]))
        finally:
            browser.close()
    print(f"{PICTURE} ({PICTURE.stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
