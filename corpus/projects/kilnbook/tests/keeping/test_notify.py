import json
import unittest
import urllib.error
from unittest import mock

from kilnbook.notify import Notifier, NotifyError


class Notifying(unittest.TestCase):
    def setUp(self):
        patcher = mock.patch("urllib.request.urlopen")
        self.urlopen = patcher.start()
        self.addCleanup(patcher.stop)
        self.notifier = Notifier("http://localhost/hook")

    def test_posts_json(self):
        self.urlopen.return_value.__enter__.return_value.status = 204
        self.assertEqual(self.notifier.send("done"), 204)
        request = self.urlopen.call_args.args[0]
        self.assertEqual(request.get_method(), "POST")
        self.assertEqual(request.full_url, "http://localhost/hook")
        self.assertEqual(json.loads(request.data), {"text": "done"})
        self.assertEqual(request.headers["Content-type"], "application/json")

    def test_failures_have_a_reason(self):
        self.urlopen.side_effect = urllib.error.URLError("refused")
        with self.assertRaisesRegex(NotifyError, "refused"):
            self.notifier.send("done")
