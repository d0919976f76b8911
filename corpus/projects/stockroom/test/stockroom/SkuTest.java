package stockroom;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import org.junit.Test;

public class SkuTest {
    @Test
    public void readsCodes() {
        assertEquals("AB-1234-0", new Sku("AB-1234-0").text());
        assertEquals("ZZ-9999-6", new Sku("ZZ-9999-6").text());
    }

    @Test
    public void refusesOtherForms() {
        for (String text : new String[] {"", "ab-1234-0", "AB-123-6", "AB-1234", "AB-1234-0 ", "ABC-1234-0"}) {
            String message = assertThrows(text, StockException.class, () -> new Sku(text)).getMessage();
            assertEquals(text + " is no code", message);
        }
    }

    @Test
    public void refusesWrongCheckDigits() {
        String message = assertThrows(StockException.class, () -> new Sku("AB-1234-1")).getMessage();
        assertEquals("AB-1234-1 has a wrong check digit", message);
    }
}
