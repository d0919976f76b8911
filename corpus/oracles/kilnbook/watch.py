import io
import tempfile
import unittest
from pathlib import Path

from kilnbook.app import App


class HeldOut(unittest.TestCase):
    def test_drift(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "r"
            path.write_text("60 100\n120 140\n190 200\n")
            out = io.StringIO()
            status = App(out, out).run(["watch", "60/h to 200", str(path)])
        self.assertEqual(status, 1)
        self.assertEqual(out.getvalue(), "60 min: 20 above\n190 min: segment 1 done\n")
