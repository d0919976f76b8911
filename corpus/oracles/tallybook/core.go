package ledger

import (
	"strings"
	"testing"
)

func TestZZCore(t *testing.T) {
	postings, err := Parse(strings.NewReader("2026-05-01 a 1.10\n2026-05-01 b -1.1 # x\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(postings); err != nil {
		t.Error(err)
	}
	if got := Balances(postings); len(got) != 2 || got[0].Account != "a" || got[0].Amount != 110 || got[1].Amount != -110 {
		t.Errorf("got %v", got)
	}
	if err := Check(postings[:1]); err == nil || err.Error() != "2026-05-01 is off by 1.10" {
		t.Errorf("got %v", err)
	}
	if _, err := Parse(strings.NewReader("nonsense\n")); err == nil {
		t.Error("nonsense is read")
	}
}
