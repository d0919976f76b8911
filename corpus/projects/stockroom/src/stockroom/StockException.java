package stockroom;

/** What the stock can not do. */
public final class StockException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StockException(String message) {
        super(message);
    }
}
