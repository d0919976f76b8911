"""Tells people about a firing, through a web hook."""

import json
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 5


class NotifyError(Exception):
    """A message that did not arrive."""


class Notifier:
    """Posts messages to a web hook as JSON."""

    def __init__(self, url):
        self.url = url

    def send(self, text):
        """Posts one message; returns the status of the answer."""
        body = json.dumps({"text": text}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return answer.status
        except urllib.error.URLError as error:
            raise NotifyError(f"{self.url}: {error.reason}") from error
