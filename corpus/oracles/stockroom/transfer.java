package stockroom;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import org.junit.Test;

public class ZzHeldOutTest {
    @Test
    public void moves() {
        Stock from = new Stock();
        Stock to = new Stock();
        from.receive("pin", 9);
        from.reserve("pin", 3);
        from.transfer("pin", 6, to);
        assertEquals(3, from.count("pin"));
        assertEquals(0, from.free("pin"));
        assertEquals(6, to.free("pin"));
    }

    @Test
    public void refuses() {
        Stock from = new Stock();
        Stock to = new Stock();
        from.receive("pin", 9);
        from.reserve("pin", 3);
        assertThrows(StockException.class, () -> from.transfer("pin", 7, to));
        assertThrows(StockException.class, () -> from.transfer("pin", 0, to));
        assertThrows(StockException.class, () -> from.transfer("cog", 1, to));
        String message = assertThrows(StockException.class, () -> from.transfer("pin", 1, from)).getMessage();
        assertEquals("a stock can not be transferred to itself", message);
        assertEquals(9, from.count("pin"));
        assertEquals(0, to.count("pin"));
    }
}
