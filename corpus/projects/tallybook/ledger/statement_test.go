package ledger

import (
	"os"
	"strings"
	"testing"
	"time"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	day, err := time.Parse(Layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

func TestStatement(t *testing.T) {
	postings := parse(t, sample+"2026-01-09 cash 20\n2026-01-12 cash -1\n")
	var out strings.Builder
	if err := Statement(&out, postings, "cash", day(t, "2026-01-06"), day(t, "2026-01-11")); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/statement.txt")
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
