"""A message by mail."""

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from newscrawl.exceptions import AlertError

SECONDS = 10.0
PORTS = {"smtp": 25, "smtps": 465}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def send(server: str, recipients: list[str], subject: str, text: str) -> None:
    """
    Send a mail of plain text. STARTTLS is used where the server offers it; a password never travels in the clear.

    :param server: ``smtp://[user:password@]host[:port]`` or ``smtps://``
    :raises AlertError: it was not taken, in one line that names the host alone
    """
    parts = urlsplit(server)
    host, user, password = parts.hostname or "", unquote(parts.username or ""), unquote(parts.password or "")
    port = parts.port or PORTS[parts.scheme]
    try:
        with _connect(parts.scheme, host, port) as connection:
            connection.ehlo()
            if parts.scheme == "smtp" and host not in _LOOPBACK and connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            if user:
                _log_in(connection, host, user, password)
            connection.send_message(_mail(user, recipients, subject, text))
    except smtplib.SMTPResponseException as error:  # its text is the server's and may repeat what it was told
        raise AlertError(f"the mail server {host} answered {error.smtp_code}") from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        raise AlertError(f"the mail server {host} refused every recipient: {codes}") from None
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        raise AlertError(f"the mail server {host} did not take the mail: {said or type(error).__name__}") from None


def _connect(scheme: str, host: str, port: int) -> smtplib.SMTP:
    if scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    return smtplib.SMTP(host, port, timeout=SECONDS)


def _log_in(connection: smtplib.SMTP, host: str, user: str, password: str) -> None:
    if not isinstance(connection.sock, ssl.SSLSocket) and host not in _LOOPBACK:
        raise AlertError(f"the mail server {host} offers no STARTTLS; the password was not sent")
    connection.login(user, password)


def _mail(user: str, recipients: list[str], subject: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = user if "@" in user else f"newscrawl@{socket.getfqdn()}"
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain="newscrawl")
    mail.set_content(text)
    return mail
