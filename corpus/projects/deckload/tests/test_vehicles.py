import pytest

from deckload import BookingError, Vehicle, read_bookings

HEADER = "plate,kind,length_cm,weight_kg,hazard\n"


def test_reads_vehicles_in_order():
    text = HEADER + "ZZ 9,car,430,1500,\n\nAB 1, truck ,1500,16000,3\n"
    assert read_bookings(text) == [
        Vehicle("ZZ 9", "car", 430, 1500),
        Vehicle("AB 1", "truck", 1500, 16000, "3"),
    ]


def test_a_byte_order_mark_is_fine():
    assert read_bookings("\ufeff" + HEADER) == []


@pytest.mark.parametrize(
    "row, reason",
    [
        ("AB 1,car,430,1500", "line 2: 5 fields expected, 4 found"),
        (",car,430,1500,", "line 2: a plate is missing"),
        ("AB 1,tank,430,1500,", "line 2: unknown kind 'tank'"),
        ("AB 1,car,0,1500,", "line 2: length '0' is not a positive number"),
        ("AB 1,car,430,-3,", "line 2: weight '-3' is not a positive number"),
        ("AB 1,truck,2501,3000,", "line 2: 2501 cm is longer than any vehicle"),
    ],
)
def test_refuses_rows(row, reason):
    with pytest.raises(BookingError) as caught:
        read_bookings(HEADER + row + "\n")
    assert str(caught.value) == reason


def test_refuses_a_plate_twice():
    with pytest.raises(BookingError, match="line 3: AB 1 is booked twice"):
        read_bookings(HEADER + "AB 1,car,430,1500,\nAB 1,van,600,2500,\n")


def test_refuses_other_columns():
    with pytest.raises(BookingError, match="line 1"):
        read_bookings("plate,kind\n")
