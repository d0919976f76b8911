package stockroom;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.Test;

public class ReorderTest {
    @Test
    public void ordersUpToTwiceTheMinimum() {
        Stock stock = new Stock();
        stock.receive("bolt", 9);
        stock.receive("nut", 10);
        stock.receive("washer", 20);
        stock.reserve("washer", 15);
        Map<String, Integer> orders = Reorder.list(stock, Map.of("bolt", 10, "nut", 10, "washer", 6, "anchor", 2));
        assertEquals(Map.of("anchor", 4, "bolt", 11, "washer", 7), orders);
        assertEquals(List.of("anchor", "bolt", "washer"), new ArrayList<>(orders.keySet()));
    }
}
