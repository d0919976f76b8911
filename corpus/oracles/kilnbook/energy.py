import io
import unittest

from kilnbook.app import App
from kilnbook.energy import Kiln, energy
from kilnbook.program import Program, ProgramError


class HeldOut(unittest.TestCase):
    def test_numbers(self):
        kiln = Kiln(20, 12, 5)
        self.assertAlmostEqual(energy(Program.parse("50/h to 220 hold 60"), kiln), 2.4 + 2.0 + 1.0)
        self.assertAlmostEqual(energy(Program.parse("50/h to 220; 100/h to 420 hold 6"), kiln), 4.4 + 2.4 + 3.0 + 0.2)

    def test_power(self):
        with self.assertRaisesRegex(ProgramError, "segment 1 needs 2.2 kW"):
            energy(Program.parse("100/h to 220"), Kiln(2, 12, 5))

    def test_command(self):
        out = io.StringIO()
        App(out, out).run(["energy", "50/h to 220 hold 60", "--kw", "20", "--heat", "12", "--loss", "5"])
        self.assertEqual(out.getvalue(), "5.40\n")
