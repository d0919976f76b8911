package stockroom;

/** Items set aside. */
public final class Reservation {
    private final Stock stock;
    private final String item;
    private final int count;

    Reservation(Stock stock, String item, int count) {
        this.stock = stock;
        this.item = item;
        this.count = count;
    }

    public int count() {
        return count;
    }

    /** Gives back what was set aside. */
    public void release() {
        stock.giveBack(item, count);
    }
}
