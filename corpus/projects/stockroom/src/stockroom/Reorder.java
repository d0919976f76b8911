package stockroom;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What has to be ordered. */
public final class Reorder {
    private Reorder() {}

    /** The number to order of each item that is below its minimum, in order of names. */
    public static Map<String, Integer> list(Stock stock, Map<String, Integer> minimums) {
        Map<String, Integer> orders = new LinkedHashMap<>();
        new TreeMap<>(minimums).forEach((item, minimum) -> {
            int free = stock.free(item);
            if (free < minimum) {
                orders.put(item, 2 * minimum - free);
            }
        });
        return orders;
    }
}
