"""A real browser without a window, spoken to over a pipe in the DevTools protocol; for the tests of pages."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    """Chromium with one page. What the page asks the network for, and what it complains about, is kept."""

    def __init__(self, folder: Path) -> None:
        """:param folder: an empty one for its profile"""
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._last = 0
        asked, self._ask = os.pipe()
        self._answers, answered = os.pipe()
        # It reads from 3 and writes to 4; out of the way first, so that neither is overwritten.
        far = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in (asked, answered)]

        def place() -> None:
            os.dup2(far[0], 3)
            os.dup2(far[1], 4)

        self._process = subprocess.Popen(
            [CHROMIUM or "chromium", *_OPTIONS, f"--user-data-dir={folder}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=place,
            pass_fds=(3, 4),
            env={**os.environ, "HOME": str(folder), "TZ": "UTC"},
        )
        for one in (asked, answered, *far):
            os.close(one)
        self._reader = os.fdopen(self._answers, "rb")
        (target,) = [one for one in self._call("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        attached = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime", "DOM"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        self._call("Browser.close")
        self._process.wait(10)
        self._reader.close()
        os.close(self._ask)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command to the page, and its answer."""
        return self._call(method, self._session, **parameters)

    def _call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._last += 1
        command = {"id": self._last, "method": method, "params": parameters}
        os.write(self._ask, json.dumps(command | ({"sessionId": session} if session else {})).encode() + b"\0")
        while True:
            message = self._read()
            if message.get("id") == self._last:
                assert "error" not in message, f"{method}: {message}"
                return message["result"]

    def _read(self) -> dict[str, Any]:
        """The next message; events are noted."""
        letters = bytearray()
        while (letter := self._reader.read(1)) != b"\0":
            assert letter, "the browser has ended"
            letters += letter
        message = json.loads(letters)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method: str | None, said: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif method in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}:
            self.complaints.append(json.dumps(said))

    def open(self, url: str) -> None:
        """Load a page and wait until it is whole."""
        self.requests.clear()
        self.complaints.clear()
        self.call("Page.navigate", url=url)
        while self.run("document.readyState + location.href") != f"complete{url}":
            pass

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def window(self, width: int, height: int = 900, scheme: str = "light", media: str = "") -> None:
        """Another size, colour scheme (light, dark) or medium (print)."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def press(self, key: str) -> None:
        """A key, by its name: Tab, Enter."""
        codes = {"Tab": 9, "Enter": 13}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **text)

    def picture(self, y: int = 0, height: int | None = None) -> bytes:
        """A PNG of the page from ``y`` on, over its whole width; to its end without a height."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": y, "width": size["width"], "height": height or size["height"] - y, "scale": 1}
        return base64.b64decode(self.call("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)["data"])

    def pdf(self) -> bytes:
        """The page as it is printed on A4."""
        return base64.b64decode(self.call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69)["data"])
