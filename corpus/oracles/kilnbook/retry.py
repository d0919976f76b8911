import unittest
import urllib.error
from unittest import mock

from kilnbook.notify import Notifier, NotifyError


class HeldOut(unittest.TestCase):
    def test_loop(self):
        waits = []
        with mock.patch("urllib.request.urlopen") as urlopen:
            urlopen.side_effect = urllib.error.URLError("refused")
            with self.assertRaises(NotifyError):
                Notifier("http://localhost/x", 4, waits.append).send("a")
            self.assertEqual((urlopen.call_count, waits), (4, [1, 2, 4]))
            urlopen.reset_mock()
            urlopen.side_effect = urllib.error.HTTPError("http://localhost/x", 400, "bad", {}, None)
            with self.assertRaises(NotifyError):
                Notifier("http://localhost/x", 4, waits.append).send("a")
            self.assertEqual(urlopen.call_count, 1)
