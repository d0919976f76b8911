from deckload import Slot, stow


def test_the_longest_are_first_and_spread_by_weight(crossing, heron, stands):
    plan = stow(crossing, heron)
    stands(plan, A="TRK-1", B="BUS-1", C="VAN-1 CAR-1 CAR-2 BIKE-1")
    assert plan.left_behind == []
    assert plan.weight_kg == 38570


def test_equal_lengths_go_by_plate(car, skiff, stands):
    plan = stow([car("B"), car("C"), car("A")], skiff)
    stands(plan, port="A C", starboard="B")


def test_the_last_vehicle_needs_no_gap(car, skiff):
    slot = Slot(skiff.lane("port"))
    slot.vehicles.append(car("A", length_cm=500))
    assert slot.used_cm == 540
    assert slot.takes(car("B", length_cm=460))
    assert not slot.takes(car("B", length_cm=461))


def test_lanes_bear_only_so_much(car, skiff):
    slot = Slot(skiff.lane("port"))
    slot.vehicles.append(car("A", weight_kg=3000))
    assert slot.takes(car("B", weight_kg=2000))
    assert not slot.takes(car("B", weight_kg=2001))


def test_who_does_not_fit_stays_behind(car, skiff, stands):
    plan = stow([car("A", 900), car("B", 900), car("C", 300)], skiff)
    stands(plan, port="A", starboard="B")
    assert [vehicle.plate for vehicle in plan.left_behind] == ["C"]


def test_a_wider_gap_takes_fewer(car, skiff):
    cars = [car("A"), car("B"), car("C"), car("D")]
    assert stow(cars, skiff).left_behind == []
    assert [vehicle.plate for vehicle in stow(cars, skiff, gap_cm=250).left_behind] == ["C", "D"]


def test_lane_of(crossing, heron, car):
    plan = stow(crossing, heron)
    assert plan.lane_of("VAN-1") == "C"
    assert plan.lane_of("NONE") is None
