import unittest

from kilnbook.program import Program, ProgramError, Segment


class ReadingPrograms(unittest.TestCase):
    def test_reads_segments(self):
        program = Program.parse("60/h to 200 hold 30; 120.5/h to 950")
        self.assertEqual(program.segments, (Segment(60, 200, 30), Segment(120.5, 950)))

    def test_writes_what_it_reads(self):
        text = "60/h to 200 hold 30; 120/h to 950"
        self.assertEqual(str(Program.parse(text)), text)

    def test_refuses_what_is_not_a_program(self):
        for text in ("", "60 to 200", "60/h to 200 hold", "60/h to 200; ", "-5/h to 200"):
            with self.subTest(text), self.assertRaisesRegex(ProgramError, "segment 1|segment 2"):
                Program.parse(text)


class Rules(unittest.TestCase):
    def refused(self, reason, *segments):
        with self.assertRaises(ProgramError) as caught:
            Program(segments)
        self.assertEqual(str(caught.exception), reason)

    def test_a_program_needs_a_segment(self):
        self.refused("a program needs a segment")

    def test_rates_are_above_zero(self):
        self.refused("segment 1: the rate must be above zero", Segment(0, 200))

    def test_targets_climb(self):
        self.refused("segment 2: 200 is not above 200", Segment(60, 200), Segment(60, 200))

    def test_the_kiln_has_a_limit(self):
        self.refused("segment 1: 1321 is above 1320", Segment(60, 1321))


class Measures(unittest.TestCase):
    def test_minutes(self):
        self.assertAlmostEqual(Program.parse("60/h to 200 hold 30; 120/h to 950 hold 10").minutes, 180 + 30 + 375 + 10)

    def test_peak(self):
        self.assertEqual(Program.parse("60/h to 200; 120/h to 950").peak, 950)

    def test_equality(self):
        self.assertEqual(Program.parse("60/h to 200"), Program([Segment(60, 200)]))
        self.assertNotEqual(Program.parse("60/h to 200"), Program([Segment(60, 201)]))
        self.assertNotEqual(Program.parse("60/h to 200"), Program([Segment(60, 200, 1)]))
