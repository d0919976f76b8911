package stockroom;

import static org.junit.Assert.assertEquals;

import org.junit.Test;

public class ZzHeldOutTest {
    @Test
    public void releasesOnce() {
        Stock stock = new Stock();
        stock.receive("pin", 20);
        Reservation first = stock.reserve("pin", 4);
        Reservation second = stock.reserve("pin", 9);
        first.release();
        first.release();
        assertEquals(11, stock.free("pin"));
        second.release();
        second.release();
        first.release();
        assertEquals(20, stock.free("pin"));
    }
}
