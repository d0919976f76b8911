"""What a crossing costs, in cents."""

BASE_CENTS = {"motorbike": 1200, "car": 3400, "van": 4800, "bus": 16500, "truck": 19800}
INCLUDED_CM = {"motorbike": 250, "car": 500, "van": 600, "bus": 1200, "truck": 1200}
CENTS_PER_METRE = 900
RESIDENT_PERCENT = 40


def fare(vehicle, resident=False):
    """The fare of a vehicle; every metre begun beyond the included length costs extra."""
    beyond = max(0, vehicle.length_cm - INCLUDED_CM[vehicle.kind])
    cents = BASE_CENTS[vehicle.kind] + -(-beyond // 100) * CENTS_PER_METRE
    if resident:
        cents -= percent_of(cents, RESIDENT_PERCENT)
    return cents


def percent_of(cents, percent):
    """A share of an amount, halves rounded up."""
    return (cents * percent + 50) // 100


def money(cents):
    """An amount as people write it."""
    return f"{cents // 100}.{cents % 100:02}"


def takings(vehicles, residents=()):
    """The sum of all fares; `residents` are plates."""
    return sum(fare(vehicle, vehicle.plate in residents) for vehicle in vehicles)
