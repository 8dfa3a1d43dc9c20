"""Who is told of a bad run, and of the first good one after it."""

import logging
from typing import Any

from scrapy.settings import BaseSettings

from newscrawl.exceptions import AlertError
from newscrawl.reporting.mail import send
from newscrawl.reporting.markdown import to_markdown, verdict
from newscrawl.reporting.plain import one_line
from newscrawl.reporting.webhook import post

logger = logging.getLogger(__name__)

BAD = (1, 3)
"""Exit codes that are told; a wrong argument (2) is seen by whoever gave it, a second run (4) did nothing."""


def alert(settings: BaseSettings, report: dict[str, Any], before: int | None) -> None:
    """
    Tell webhook and mail, where the settings name any. What cannot be told is one warning, and changes nothing else.

    :param before: the exit code of the last run before, None where there is none
    """
    code = report["run"]["exit_code"]
    if code not in BAD and not (code == 0 and before in BAD):
        return
    text = verdict(report)
    if code == 0:
        text = one_line(f"{text} (it is well again: the last run ended with {before})")
    webhook, mail = settings["NEWSCRAWL_ALERT_WEBHOOK"], settings["NEWSCRAWL_ALERT_MAIL"]
    try:
        if webhook:
            post(webhook, {"text": _plain(text), "run": report["run"], "findings": report["findings"]})
    except AlertError as error:
        logger.warning("No alert: %s", error)
    try:
        if mail:
            recipients = [one.strip() for one in mail.split(",")]
            send(settings["NEWSCRAWL_SMTP_URL"], recipients, f"newscrawl {text}", f"{text}\n\n{to_markdown(report)}")
    except AlertError as error:
        logger.warning("No alert: %s", error)


def _plain(text: str) -> str:
    """Without what a chat takes for a mention or a link; the text may be the site's."""
    return text.replace("<", "‹").replace(">", "›")
