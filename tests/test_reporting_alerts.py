"""Who is told of which run, what is said, and that no secret and no failing alert gets through."""

import logging
from email import message_from_string
from email.policy import default

import pytest
from scrapy.settings import Settings

from newscrawl.configuration import check_settings
from newscrawl.exceptions import AlertError, SettingError
from newscrawl.reporting.alerts import alert
from newscrawl.reporting.mail import send
from newscrawl.reporting.run_report import bare_report
from newscrawl.reporting.webhook import post
from tests.alert_servers import mail_server, webhook
from tests.conftest import project_settings

RUN = {
    "id": 12,
    "spider": "newsjournos",
    "started_at": "2026-01-01T00:00:00+00:00",
    "finished_at": "2026-01-01T00:01:00+00:00",
    "arguments": {},
    "finish_reason": "finished",
}
SECRET = "T0k3n-of-this-hook"


def report_of(code, why=None):
    report = bare_report(RUN)
    health = {0: "ok", 3: "unhealthy"}.get(code, "failed")
    return report | {"health": health, "run": report["run"] | {"exit_code": code, "why": why}}


def settings_of(hook=None, mail=None, **more) -> Settings:
    values = {"NEWSCRAWL_ALERT_WEBHOOK": f"http://127.0.0.1:{hook.port}/{SECRET}" if hook else ""}
    if mail:
        values |= {"NEWSCRAWL_ALERT_MAIL": "desk@example.org, night@example.org"}
        values |= {"NEWSCRAWL_SMTP_URL": f"smtp://127.0.0.1:{mail.port}"}
    return project_settings(**values, **more)


TOLD = {
    "failed": (1, 0, "newsjournos: run 12 FAILED: no room is left"),
    "failed again": (1, 1, "newsjournos: run 12 FAILED: no room is left"),
    "unhealthy, the first run": (3, None, "newsjournos: run 12 UNHEALTHY: no room is left"),
    "well again": (0, 3, "newsjournos: run 12 healthy: no change (it is well again: the last run ended with 3)"),
    "well": (0, 0, None),
    "well, the first run": (0, None, None),
}


@pytest.mark.parametrize(("code", "before", "text"), TOLD.values(), ids=TOLD)
def test_bad_runs_are_told_and_the_first_good_one(code, before, text):
    report = report_of(code, "no room is left" if code else None)
    with webhook() as hook, mail_server() as mail:
        alert(settings_of(hook, mail), report, before)
    assert hook.messages == ([{"text": text, "run": report["run"], "findings": []}] if text else [])
    assert hook.commands == ([f"POST /{SECRET} application/json"] if text else [])
    assert len(mail.messages) == len(hook.messages)
    for one in mail.messages:
        message = message_from_string(one, policy=default)
        assert message["Subject"] == f"newscrawl {text}"
        assert message["To"] == "desk@example.org, night@example.org"
        assert message.get_content().splitlines()[:3] == [text, "", f"# {text.partition(' (')[0]}"]


def test_nothing_is_sent_unless_asked_for(caplog):
    alert(project_settings(), report_of(1), None)
    assert caplog.records == []


def test_words_of_the_site_mention_nobody_and_stay_on_the_line():
    with webhook() as hook, mail_server() as mail:
        alert(settings_of(hook, mail), report_of(3, "section <!channel>\nBcc: all@example.org \u015f"), None)
    assert hook.messages[0]["text"].endswith("section \u2039!channel\u203a Bcc: all@example.org \u015f")
    message = message_from_string(mail.messages[0], policy=default)
    assert message["Bcc"] is None
    assert message["Subject"].endswith("section <!channel> Bcc: all@example.org \u015f")
    assert "section \\<!channel\\>" in message.get_content()


HOOKS = {
    "404": (404, "", "answered 404"),
    "500": (500, "", "answered 500"),
    "redirect": (302, f"/elsewhere/{SECRET}", "answered 302"),
    "redirect that keeps the body": (307, f"/elsewhere/{SECRET}", "answered 307"),
}


@pytest.mark.parametrize(("status", "location", "said"), HOOKS.values(), ids=HOOKS)
def test_a_webhook_that_does_not_take_it_is_one_warning(caplog, status, location, said):
    with webhook(status, location) as hook:
        alert(settings_of(hook), report_of(1), None)
    assert [record.message for record in caplog.records] == [f"No alert: the webhook at 127.0.0.1 {said}"]
    assert len(hook.messages) == 1


def test_nobody_listens(caplog):
    with webhook() as hook, mail_server() as mail:
        settings = settings_of(hook, mail)
    alert(settings, report_of(1), None)
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.WARNING, "No alert: the webhook at 127.0.0.1 did not answer: Connection refused"),
        (logging.WARNING, "No alert: the mail server 127.0.0.1 did not take the mail: Connection refused"),
    ]
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:9/{SECRET}\x00", f"http://a{'b' * 70}.example/{SECRET}", f"http://[::1/{SECRET}"]
)
def test_a_url_that_cannot_be_asked_tells_nothing_of_its_path(url):
    with pytest.raises((AlertError, ValueError)) as caught:
        post(url, {})
    assert SECRET not in str(caught.value)


MAILS = {
    "greeting": ({"": "554 go away"}, "answered 554"),
    "password": ({"AUTH": "535 no pa55word here"}, "answered 535"),
    "no passwords taken": ({"EHLO": "250 here"}, "did not take the mail: SMTPNotSupportedError"),
    "sender": ({"MAIL": "550 no"}, "answered 550"),
    "recipients": ({"RCPT": "550 no"}, "refused every recipient: [550]"),
    "text": ({"DATA": "552 too large"}, "answered 552"),
}


@pytest.mark.parametrize(("replies", "said"), MAILS.values(), ids=MAILS)
def test_a_mail_server_that_does_not_take_it_is_named_without_the_password(replies, said):
    with mail_server(replies) as server, pytest.raises(AlertError) as caught:
        send(f"smtp://desk:pa55word@127.0.0.1:{server.port}", ["a@example.org"], "subject", "text")
    assert str(caught.value) == f"the mail server 127.0.0.1 {said}"
    assert caught.value.__cause__ is None
    assert server.messages == []


@pytest.mark.parametrize(
    ("login", "sender", "commands"),
    [
        ("", "newscrawl@", 0),
        ("desk:pa%3A55@", "newscrawl@", 1),
        ("desk%40example.org:pa55@", "desk@example.org", 1),
    ],
)
def test_who_sends(login, sender, commands):
    with mail_server() as server:
        send(f"smtp://{login}127.0.0.1:{server.port}", ["a@example.org"], "subject", "text")
    assert message_from_string(server.messages[0], policy=default)["From"].startswith(sender)
    assert len([command for command in server.commands if command.startswith("AUTH")]) == commands


def test_a_password_does_not_travel_in_the_clear(monkeypatch):
    monkeypatch.setattr("newscrawl.reporting.mail._LOOPBACK", frozenset())
    with mail_server() as server, pytest.raises(AlertError, match="offers no STARTTLS; the password was not sent"):
        send(f"smtp://desk:pa55word@127.0.0.1:{server.port}", ["a@example.org"], "subject", "text")
    assert [command.split()[0] for command in server.commands] == ["ehlo", "QUIT"]


REFUSED = {
    "NEWSCRAWL_ALERT_WEBHOOK": [f"hooks.example.org/{SECRET}", f"ftp://hooks.example.org/{SECRET}", f"http:///{SECRET}",
                                f"https://hooks.example.org:x/{SECRET}", f"https://hooks.example.org/{SECRET} x"],
    "NEWSCRAWL_SMTP_URL": ["", f"desk:{SECRET}@example.org", f"smtp://desk:{SECRET}@", f"http://desk:{SECRET}@example.org",
                           f"smtp://desk:{SECRET}@example.org/x"],
    "NEWSCRAWL_ALERT_MAIL": ["desk", "desk@example.org,", "desk@example.org\nBcc: a@example.org", "a@b@c"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_wrong_settings_are_refused_and_secrets_not_shown(name, value):
    with pytest.raises(SettingError, match=f"{name}=.*: allowed is") as caught:
        check_settings(project_settings(**{name: value}), {})
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEWSCRAWL_ALERT_WEBHOOK", f"https://hooks.example.org:8443/a/{SECRET}?b=c"),
        ("NEWSCRAWL_SMTP_URL", "smtps://desk%40example.org:pa55@mail.example.org:465"),
        ("NEWSCRAWL_SMTP_URL", "smtp://[::1]:2525/"),
        ("NEWSCRAWL_ALERT_MAIL", "desk+night@example.org, b@example.org"),
    ],
)
def test_right_settings(name, value):
    check_settings(project_settings(**{name: value}), {})
