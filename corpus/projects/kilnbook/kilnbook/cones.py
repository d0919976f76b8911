"""Pyrometric cones: at which heat the clay has had enough."""

# Cone, and the temperature at which it bends when climbing 60 and 150 degrees an hour.
TABLE = [
    ("06", 981, 998),
    ("04", 1046, 1063),
    ("02", 1078, 1102),
    ("1", 1109, 1137),
    ("3", 1134, 1152),
    ("5", 1163, 1186),
    ("6", 1185, 1222),
    ("8", 1211, 1249),
    ("10", 1259, 1285),
]
SLOW, FAST = 60.0, 150.0


def bends_at(cone, rate):
    """The temperature at which a cone bends at a rate of climbing, interpolated between the columns."""
    for name, slow, fast in TABLE:
        if name == cone:
            share = (min(max(rate, SLOW), FAST) - SLOW) / (FAST - SLOW)
            return slow + share * (fast - slow)
    raise KeyError(cone)


def cone_for(temperature, rate):
    """The hottest cone that has bent, or None below the first."""
    bent = None
    for name, _, _ in TABLE:
        if temperature >= bends_at(name, rate):
            bent = name
    return bent
