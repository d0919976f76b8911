package method_test

import (
	"testing"

	"bellframe/method"
	"bellframe/row"
)

func plainBob(t *testing.T) *method.Method {
	t.Helper()
	m, err := method.New("Plain Bob Minimus", 4, "x14x14,12", "14", "1234")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCourse(t *testing.T) {
	rows := plainBob(t).Course()
	if len(rows) != 24 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, want := range map[int]string{0: "2143", 1: "2413", 6: "1324", 7: "1342", 23: "1234"} {
		if rows[i].String() != want {
			t.Errorf("row %d is %s, want %s", i, rows[i], want)
		}
	}
}

func TestLeadHeads(t *testing.T) {
	got := ""
	for _, r := range plainBob(t).LeadHeads() {
		got += r.String() + " "
	}
	if got != "1342 1423 1234 " {
		t.Errorf("got %s", got)
	}
}

func TestChangesOfACall(t *testing.T) {
	m := plainBob(t)
	bob := m.Changes(m.Bob)
	if len(bob) != 8 || bob[7].String() != "1324" || bob[6].String() != "2143" {
		t.Errorf("bob: %v", bob)
	}
	if m.Lead[7].String() != "1243" {
		t.Error("a call changes the lead itself")
	}
	if plain := m.Changes(nil); len(plain) != 8 || plain[7].String() != "1243" {
		t.Errorf("plain: %v", plain)
	}
}

func TestRing(t *testing.T) {
	rows := method.Ring(row.Rounds(4), plainBob(t).Lead[:2])
	if len(rows) != 2 || rows[1].String() != "2413" {
		t.Errorf("got %v", rows)
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		bells             int
		lead, bob, single string
		want              string
	}{
		{2, "x", "", "", "M: 2 bells can not be rung"},
		{13, "x", "", "", "M: 13 bells can not be rung"},
		{4, "", "", "", `M: notation "": no changes`},
		{4, "x14", "15", "", `M: notation "15": no place 5 on 4 bells`},
		{4, "x14", "", "14.x", "M: a call is longer than the lead"},
	}
	for _, tt := range tests {
		if _, err := method.New("M", tt.bells, tt.lead, tt.bob, tt.single); err == nil || err.Error() != tt.want {
			t.Errorf("New(%d, %q, %q, %q): %v, want %s", tt.bells, tt.lead, tt.bob, tt.single, err, tt.want)
		}
	}
}
