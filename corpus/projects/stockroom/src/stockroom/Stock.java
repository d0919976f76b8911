package stockroom;

import java.util.Map;
import java.util.TreeMap;

/** Counts of items. */
public final class Stock {
    private final Map<String, Integer> counts = new TreeMap<>();
    private final Map<String, Integer> reserved = new TreeMap<>();

    /** Adds to an item. */
    public void receive(String item, int count) {
        requirePositive(count);
        counts.merge(item, count, Integer::sum);
    }

    /** Removes from an item what is free. */
    public void take(String item, int count) {
        requirePositive(count);
        requireFree(item, count);
        counts.merge(item, -count, Integer::sum);
    }

    /** Sets aside what is free. */
    public Reservation reserve(String item, int count) {
        requirePositive(count);
        requireFree(item, count);
        reserved.merge(item, count, Integer::sum);
        return new Reservation(this, item, count);
    }

    void giveBack(String item, int count) {
        reserved.merge(item, -count, Integer::sum);
    }

    /** What there is, reserved or not. */
    public int count(String item) {
        return counts.getOrDefault(item, 0);
    }

    /** What is there and not reserved. */
    public int free(String item) {
        return count(item) - reserved.getOrDefault(item, 0);
    }

    private void requireFree(String item, int count) {
        if (!counts.containsKey(item)) {
            throw new StockException("there is no " + item);
        }
        if (free(item) < count) {
            throw new StockException("there are only " + free(item) + " of " + item);
        }
    }

    private static void requirePositive(int count) {
        if (count < 1) {
            throw new StockException("a count is at least 1, not " + count);
        }
    }
}
