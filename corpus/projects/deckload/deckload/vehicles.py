"""Vehicles that want to cross, and the booking files that list them."""

import csv
import io
from dataclasses import dataclass

KINDS = ("motorbike", "car", "van", "bus", "truck")
COLUMNS = ["plate", "kind", "length_cm", "weight_kg", "hazard"]
LENGTH_CM_MAX = 2500


class BookingError(ValueError):
    """A booking file that can not be read; says the line."""

    def __init__(self, line, reason):
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Vehicle:
    """One booked vehicle; `hazard` is the class of dangerous goods, or empty."""

    plate: str
    kind: str
    length_cm: int
    weight_kg: int
    hazard: str = ""


def read_bookings(text):
    """Reads the vehicles of a booking file, in its order."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    header = next(reader, None)
    if header != COLUMNS:
        raise BookingError(1, f"the columns must be {', '.join(COLUMNS)}")
    vehicles, seen = [], set()
    for row in reader:
        if not row:
            continue
        vehicle = _vehicle(row, reader.line_num)
        if vehicle.plate in seen:
            raise BookingError(reader.line_num, f"{vehicle.plate} is booked twice")
        seen.add(vehicle.plate)
        vehicles.append(vehicle)
    return vehicles


def _vehicle(row, line):
    if len(row) != len(COLUMNS):
        raise BookingError(line, f"{len(COLUMNS)} fields expected, {len(row)} found")
    plate, kind, length, weight, hazard = (field.strip() for field in row)
    if not plate:
        raise BookingError(line, "a plate is missing")
    if kind not in KINDS:
        raise BookingError(line, f"unknown kind {kind!r}")
    length_cm = _positive(length, "length", line)
    if length_cm > LENGTH_CM_MAX:
        raise BookingError(line, f"{length_cm} cm is longer than any vehicle")
    return Vehicle(plate, kind, length_cm, _positive(weight, "weight", line), hazard)


def _positive(text, what, line):
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise BookingError(line, f"{what} {text!r} is not a positive number")
    return int(text)
