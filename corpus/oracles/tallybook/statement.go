package ledger

import (
	"strings"
	"testing"
)

func TestZZStatementHoldsBothEnds(t *testing.T) {
	postings := parse(t, "2026-03-01 cash 1\n2026-03-02 cash 2\n2026-03-05 cash 4\n2026-03-06 cash 8\n")
	var out strings.Builder
	if err := Statement(&out, postings, "cash", day(t, "2026-03-02"), day(t, "2026-03-05")); err != nil {
		t.Fatal(err)
	}
	if want := "2026-03-02       2.00       3.00\n2026-03-05       4.00       7.00\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("got\n%s", out.String())
	}
	if strings.Contains(out.String(), "2026-03-06") {
		t.Error("a later day is listed")
	}
}
