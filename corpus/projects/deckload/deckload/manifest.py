"""The list that the deck crew works from."""

import csv
import io


def render(plan):
    """The manifest as text: lane by lane, then who stays behind, then the total."""
    lines = []
    for slot in plan.slots:
        lines.append(f"Lane {slot.lane.name}: {len(slot.vehicles)} vehicles, {slot.weight_kg} kg")
        for number, vehicle in enumerate(slot.vehicles, 1):
            lines.append(f"  {number}. {describe(vehicle)}")
    if plan.left_behind:
        lines.append("Left behind:")
        lines += [f"  - {describe(vehicle)}" for vehicle in plan.left_behind]
    lines.append(f"Total {plan.weight_kg} kg")
    return "\n".join(lines) + "\n"


def describe(vehicle):
    """One vehicle in a line."""
    text = f"{vehicle.plate} {vehicle.kind} {vehicle.length_cm} cm {vehicle.weight_kg} kg"
    return f"{text} HAZARD {vehicle.hazard}" if vehicle.hazard else text


def to_csv(plan):
    """The manifest as CSV; vehicles that stay behind have no lane."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["lane", "position", "plate", "weight_kg"])
    for slot in plan.slots:
        for number, vehicle in enumerate(slot.vehicles, 1):
            writer.writerow([slot.lane.name, number, vehicle.plate, vehicle.weight_kg])
    for vehicle in plan.left_behind:
        writer.writerow(["", "", vehicle.plate, vehicle.weight_kg])
    return out.getvalue()
