package ledger

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseCents reads "12", "-12.5" or "12.50".
func ParseCents(text string) (Cents, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, part, point := strings.Cut(digits, ".")
	if len(part) > 2 || (point && part == "") {
		return 0, fmt.Errorf("bad amount %s", text)
	}
	part = (part + "00")[:2]
	units, err := strconv.ParseUint(whole, 10, 40)
	if err != nil {
		return 0, fmt.Errorf("bad amount %s", text)
	}
	cents, err := strconv.ParseUint(part, 10, 8)
	if err != nil {
		return 0, fmt.Errorf("bad amount %s", text)
	}
	sum := Cents(units)*100 + Cents(cents)
	if negative {
		sum = -sum
	}
	return sum, nil
}

// String writes "-12.50".
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}
