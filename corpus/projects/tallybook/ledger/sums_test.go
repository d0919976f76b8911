package ledger

import (
	"errors"
	"reflect"
	"testing"
)

func TestBalances(t *testing.T) {
	got := Balances(parse(t, sample+"2026-01-07 food -3\n2026-01-07 cash 3\n"))
	want := []Balance{{"cash", -1250}, {"household", 1250}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCheckAcceptsBalancedDays(t *testing.T) {
	if err := Check(parse(t, sample)); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesTheFirstDay(t *testing.T) {
	err := Check(parse(t, "2026-02-01 cash 5\n2026-01-31 cash 7.25\n"))
	var unbalanced *UnbalancedError
	if !errors.As(err, &unbalanced) {
		t.Fatalf("got %v", err)
	}
	if got := err.Error(); got != "2026-01-31 is off by 7.25" {
		t.Errorf("got %q", got)
	}
}

func TestCheckTakesEachDayByItself(t *testing.T) {
	if err := Check(parse(t, "2026-01-31 cash 5\n2026-02-01 food -5\n")); err == nil {
		t.Error("two days may not balance each other")
	}
}
