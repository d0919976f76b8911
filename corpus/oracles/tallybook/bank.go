package ledger

import (
	"errors"
	"strings"
	"testing"
)

func TestZZBankReadsRows(t *testing.T) {
	got, err := ParseBank(strings.NewReader("date;account;amount\r\n31.12.2025;savings;-1.234,05\r\n\r\n01.02.2026;cash;7,5\r\n"))
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v", got, err)
	}
	if got[0].Amount != -123405 || got[0].Account != "savings" || got[0].Day.Format(Layout) != "2025-12-31" {
		t.Errorf("got %+v", got[0])
	}
	if got[1].Amount != 750 || got[1].Day.Format(Layout) != "2026-02-01" {
		t.Errorf("got %+v", got[1])
	}
}

func TestZZBankRefuses(t *testing.T) {
	for text, line := range map[string]int{
		"day;account;amount\n":                           1,
		"date;account;amount\n31.12.2025;cash\n":         2,
		"date;account;amount\n\n30.02.2026;cash;1,00\n":  3,
		"date;account;amount\n31.12.2025;cash;1.00\n":    2,
		"date;account;amount\n31.12.2025;cash;eleven\n":  2,
		"":                                               1,
	} {
		_, err := ParseBank(strings.NewReader(text))
		var parseError *ParseError
		if !errors.As(err, &parseError) || parseError.Line != line {
			t.Errorf("%q: got %v, want an error on line %d", text, err, line)
		}
	}
}
