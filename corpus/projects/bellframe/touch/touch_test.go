package touch_test

import (
	"testing"

	"bellframe/method"
	"bellframe/row"
	"bellframe/touch"
)

func minor(t *testing.T) *method.Method {
	t.Helper()
	m, err := method.New("Plain Bob Minor", 6, "x16x16x16,12", "14", "1234")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func rung(t *testing.T, calls string) []row.Row {
	t.Helper()
	rows, err := touch.Ring(minor(t), calls)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRing(t *testing.T) {
	tests := []struct{ calls, last string }{
		{"p", "135264"},
		{"b", "123564"},
		{"s", "132564"},
		{"ppppp", "123456"},
		{"bbb", "123456"},
	}
	for _, tt := range tests {
		rows := rung(t, tt.calls)
		if len(rows) != 12*len(tt.calls) {
			t.Errorf("%s: %d rows", tt.calls, len(rows))
		}
		if got := rows[len(rows)-1].String(); got != tt.last {
			t.Errorf("%s ends in %s, want %s", tt.calls, got, tt.last)
		}
	}
}

func TestRingRefuses(t *testing.T) {
	bare, err := method.New("Bare", 4, "x14x14,12", "", "")
	if err != nil {
		t.Fatal(err)
	}
	for calls, want := range map[string]string{
		"":    "there are no calls",
		"pxp": "call 2: 'x' is none of p, b and s",
		"pb":  "call 2: Bare has no 'b'",
		"s":   "call 1: Bare has no 's'",
	} {
		if _, err := touch.Ring(bare, calls); err == nil || err.Error() != want {
			t.Errorf("Ring(%q): %v, want %s", calls, err, want)
		}
	}
}

func TestProveTrue(t *testing.T) {
	for _, calls := range []string{"ppppp", "ppppbppppbppppb"} {
		proof := touch.Prove(rung(t, calls))
		if !proof.True() || !proof.Complete || proof.Rows != 12*len(calls) {
			t.Errorf("%s: %+v", calls, proof)
		}
	}
}

func TestProveFalse(t *testing.T) {
	proof := touch.Prove(rung(t, "psbs"))
	if proof.True() || len(proof.Repeats) == 0 {
		t.Fatalf("%+v", proof)
	}
	if first := proof.Repeats[0]; first.Row.String() != "135264" || first.First != 11 || first.Second != 47 {
		t.Errorf("first repeat: %+v", first)
	}
}

func TestProveIncomplete(t *testing.T) {
	if proof := touch.Prove(rung(t, "pp")); proof.Complete || !proof.True() {
		t.Errorf("%+v", proof)
	}
	if touch.Prove(nil).Complete {
		t.Error("nothing is complete")
	}
}
