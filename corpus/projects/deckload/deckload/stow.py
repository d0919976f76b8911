"""Finds a lane for every vehicle."""

from dataclasses import dataclass, field

GAP_CM = 40


@dataclass
class Slot:
    """What stands in one lane, from the bow door on."""

    lane: object
    gap_cm: int = GAP_CM
    vehicles: list = field(default_factory=list)

    @property
    def used_cm(self):
        """Length that is taken, with a gap behind every vehicle."""
        return sum(vehicle.length_cm + self.gap_cm for vehicle in self.vehicles)

    @property
    def weight_kg(self):
        """Weight that stands in the lane."""
        return sum(vehicle.weight_kg for vehicle in self.vehicles)

    def takes(self, vehicle):
        """Whether there is room for one more; the last vehicle needs no gap."""
        if self.used_cm + vehicle.length_cm > self.lane.length_cm:
            return False
        return self.weight_kg + vehicle.weight_kg <= self.lane.max_kg


@dataclass
class Plan:
    """Who stands where, and who stays behind."""

    slots: list
    left_behind: list

    @property
    def weight_kg(self):
        """Weight of everything aboard."""
        return sum(slot.weight_kg for slot in self.slots)

    def lane_of(self, plate):
        """Name of the lane of a vehicle, or None when it stays behind."""
        for slot in self.slots:
            if any(vehicle.plate == plate for vehicle in slot.vehicles):
                return slot.lane.name
        return None


def stow(vehicles, deck, gap_cm=GAP_CM):
    """Stows the longest vehicles first, each in the lane that is emptiest by weight and has room."""
    slots = [Slot(lane, gap_cm) for lane in deck.lanes]
    left_behind = []
    for vehicle in sorted(vehicles, key=lambda v: (-v.length_cm, v.plate)):
        fitting = [slot for slot in slots if slot.takes(vehicle)]
        if fitting:
            min(fitting, key=lambda slot: slot.weight_kg).vehicles.append(vehicle)
        else:
            left_behind.append(vehicle)
    return Plan(slots, left_behind)
