package stockroom;

import java.util.regex.Pattern;

/** A code like AB-1234-0: two letters, four digits, a check digit. */
public record Sku(String text) {
    private static final Pattern FORM = Pattern.compile("[A-Z]{2}-\\d{4}-\\d");

    public Sku {
        if (!FORM.matcher(text).matches()) {
            throw new StockException(text + " is no code");
        }
        if (text.charAt(8) - '0' != checkDigit(text.substring(3, 7))) {
            throw new StockException(text + " has a wrong check digit");
        }
    }

    static int checkDigit(String digits) {
        return digits.chars().map(digit -> digit - '0').sum() % 10;
    }
}
