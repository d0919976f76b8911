package stockroom;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.Map;
import org.junit.Test;

public class ZzHeldOutTest {
    @Test
    public void core() {
        Stock stock = new Stock();
        stock.receive("pin", 3);
        Reservation reservation = stock.reserve("pin", 2);
        assertThrows(StockException.class, () -> stock.take("pin", 2));
        assertEquals(Map.of("pin", 9), Reorder.list(stock, Map.of("pin", 5)));
        reservation.release();
        stock.take("pin", 3);
        assertEquals(0, stock.free("pin"));
        assertEquals("QX-7401-2", new Sku("QX-7401-2").text());
        assertThrows(StockException.class, () -> new Sku("QX-7401-3"));
    }
}
