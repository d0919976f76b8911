from deckload import Vehicle, stow


def make(plate, length, hazard="", weight=1500):
    return Vehicle(plate, "car", length, weight, hazard)


def plates(plan):
    return [[vehicle.plate for vehicle in slot.vehicles] for slot in plan.slots]


def test_neighbours(heron):
    plan = stow([make("A", 500, "3"), make("B", 400, "6.1"), make("C", 300, "3")], heron)
    assert plates(plan) == [["A"], [], ["B"]]
    assert [vehicle.plate for vehicle in plan.left_behind] == ["C"]


def test_middle(heron):
    plan = stow([make("X", 600, "", 9000), make("A", 500, "3"), make("B", 400, "3")], heron)
    assert plates(plan) == [["X"], ["A"], []]
    assert [vehicle.plate for vehicle in plan.left_behind] == ["B"]


def test_behind(skiff):
    plan = stow([make("A", 400, "3"), make("B", 300, "3")], skiff)
    assert plates(plan) == [["A"], []]
    plan = stow([make("A", 400, "3"), make("B", 300, "", 4000), make("C", 200), make("D", 100, "3")], skiff)
    assert plates(plan) == [["A", "C", "D"], ["B"]]


def test_nine(skiff):
    assert stow([make("A", 400, "9"), make("B", 300, "9"), make("C", 200, "3")], skiff).left_behind == []
