"""What people read about a program and about the journal."""

from datetime import datetime, timezone

from .cones import cone_for


def clock_text(minutes):
    """Minutes as `h:mm`, to the nearest minute."""
    whole = int(minutes + 0.5)
    return f"{whole // 60}:{whole % 60:02}"


def summary(program):
    """A program in a few lines."""
    last = program.segments[-1]
    lines = [f"{number}. {segment}" for number, segment in enumerate(program.segments, 1)]
    lines.append(f"takes {clock_text(program.minutes)}, peak {program.peak:g}, cone {cone_for(last.target, last.rate) or '-'}")
    return "\n".join(lines) + "\n"


def history(records):
    """The journal as a table, newest first."""
    lines = [f"{'when':<16}  {'name':<12}  program"]
    for record in reversed(records):
        when = datetime.fromtimestamp(record["at"], timezone.utc).strftime("%Y-%m-%d %H:%M")
        lines.append(f"{when:<16}  {record['name']:<12}  {record['program']}")
    return "\n".join(lines) + "\n"
