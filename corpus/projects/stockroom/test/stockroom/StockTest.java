package stockroom;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import org.junit.Before;
import org.junit.Test;

public class StockTest {
    private final Stock stock = new Stock();

    @Before
    public void fill() {
        stock.receive("bolt", 10);
        stock.receive("bolt", 5);
    }

    private static void refused(String message, Runnable action) {
        assertEquals(message, assertThrows(StockException.class, action::run).getMessage());
    }

    @Test
    public void receivesAndTakes() {
        stock.take("bolt", 4);
        assertEquals(11, stock.count("bolt"));
        assertEquals(11, stock.free("bolt"));
        assertEquals(0, stock.count("nut"));
    }

    @Test
    public void takesAllThereIs() {
        stock.take("bolt", 15);
        assertEquals(0, stock.count("bolt"));
    }

    @Test
    public void refusesWhatThereIsNot() {
        refused("there are only 15 of bolt", () -> stock.take("bolt", 16));
        refused("there is no nut", () -> stock.take("nut", 1));
        assertEquals(15, stock.count("bolt"));
    }

    @Test
    public void refusesCountsBelowOne() {
        refused("a count is at least 1, not 0", () -> stock.take("bolt", 0));
        refused("a count is at least 1, not -3", () -> stock.receive("bolt", -3));
        refused("a count is at least 1, not 0", () -> stock.reserve("bolt", 0));
    }

    @Test
    public void reservedItemsAreNotFree() {
        Reservation reservation = stock.reserve("bolt", 12);
        assertEquals(12, reservation.count());
        assertEquals(15, stock.count("bolt"));
        assertEquals(3, stock.free("bolt"));
        refused("there are only 3 of bolt", () -> stock.take("bolt", 4));
        refused("there are only 3 of bolt", () -> stock.reserve("bolt", 4));
        reservation.release();
        assertEquals(15, stock.free("bolt"));
    }
}
