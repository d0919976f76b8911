"""How much she will list."""

MAX_LIST = 1.5


class BalanceError(ValueError):
    """A plan that makes her list too much."""


def moment(plan):
    """Sum of weight times distance from the centre line, positive to starboard."""
    return sum(slot.weight_kg * slot.lane.offset_cm for slot in plan.slots)


def list_degrees(plan, deck):
    """List in degrees, positive to starboard."""
    return moment(plan) / deck.righting


def check_list(plan, deck, limit=MAX_LIST):
    """Raises BalanceError when she lists by more than `limit` degrees to either side."""
    degrees = list_degrees(plan, deck)
    if abs(degrees) > limit:
        side = "starboard" if degrees > 0 else "port"
        raise BalanceError(f"lists {abs(degrees):.1f} degrees to {side}, {limit:.1f} are allowed")
