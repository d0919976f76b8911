"""The command `kilnbook`."""

import argparse
import sys

from .cones import cone_for
from .curve import curve
from .journal import Journal, JournalError
from .program import Program, ProgramError
from .report import history, summary


class App:
    """Runs one command; output and errors go to the given files."""

    def __init__(self, out=None, err=None):
        self.out = out or sys.stdout
        self.err = err or sys.stderr

    def run(self, arguments):
        """Runs the command; returns its exit status."""
        options = self.parser().parse_args(arguments)
        try:
            getattr(self, f"do_{options.command}")(options)
        except (ProgramError, JournalError, ValueError) as error:
            print(f"kilnbook: {error}", file=self.err)
            return 1
        return 0

    def parser(self):
        """The options of the command."""
        parser = argparse.ArgumentParser(prog="kilnbook")
        commands = parser.add_subparsers(dest="command", required=True)
        show = commands.add_parser("show", help="summarise a program")
        show.add_argument("program")
        points = commands.add_parser("curve", help="list temperatures")
        points.add_argument("program")
        points.add_argument("--step", type=float, default=10.0)
        cone = commands.add_parser("cone", help="which cone has bent")
        cone.add_argument("temperature", type=float)
        cone.add_argument("rate", type=float)
        log = commands.add_parser("log", help="write a firing down")
        log.add_argument("journal")
        log.add_argument("name")
        log.add_argument("program")
        past = commands.add_parser("history", help="list the journal")
        past.add_argument("journal")
        return parser

    def do_show(self, options):
        self.say(summary(Program.parse(options.program)))

    def do_curve(self, options):
        for minute, temperature in curve(Program.parse(options.program), options.step):
            self.say(f"{minute:8.1f} {temperature:8.1f}\n")

    def do_cone(self, options):
        self.say(f"{cone_for(options.temperature, options.rate) or '-'}\n")

    def do_log(self, options):
        record = Journal(options.journal).append(options.name, Program.parse(options.program))
        self.say(f"{record['id']}\n")

    def do_history(self, options):
        self.say(history(Journal(options.journal).records()))

    def say(self, text):
        """Prints without a line end of its own."""
        print(text, end="", file=self.out)


def main():
    """The entry point."""
    sys.exit(App().run(sys.argv[1:]))


if __name__ == "__main__":
    main()
