import unittest

from parcelhub import Store, StoreError
from parcelhub.states import load


class Stores(unittest.TestCase):
    def setUp(self):
        self.store = Store()
        self.store.announce("P-1", 10)

    def refused(self, reason, *arguments):
        with self.assertRaisesRegex(StoreError, reason):
            self.store.advance(*arguments)

    def test_goes_from_state_to_state(self):
        for time, state in enumerate(["collected", "sorted", "loaded", "delivered"], start=11):
            self.store.advance("P-1", state, time)
        self.assertEqual(self.store.state("P-1"), "delivered")
        self.assertEqual(self.store.events("P-1")[:2], [("announced", 10), ("collected", 11)])

    def test_refuses_other_steps(self):
        self.refused("can not go from announced to delivered", "P-1", "delivered", 11)
        self.refused("can not go from announced to lost", "P-1", "lost", 11)
        self.refused("P-2 is not known", "P-2", "collected", 11)
        self.refused("was announced after that", "P-1", "collected", 9)
        self.assertEqual(self.store.events("P-1"), [("announced", 10)])

    def test_ends_are_ends(self):
        self.store.advance("P-1", "cancelled", 11)
        self.refused("can not go from cancelled", "P-1", "collected", 12)

    def test_a_parcel_is_announced_once(self):
        with self.assertRaisesRegex(StoreError, "P-1 is known"):
            self.store.announce("P-1", 12)

    def test_open_parcels(self):
        self.store.announce("P-0", 10)
        self.store.advance("P-1", "cancelled", 11)
        self.assertEqual(self.store.open(), ["P-0"])

    def test_steps_lead_to_states(self):
        steps = load()
        for following in steps.values():
            self.assertLessEqual(set(following), set(steps))
