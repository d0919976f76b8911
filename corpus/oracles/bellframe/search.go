package main

import (
	"os"
	"strings"
	"testing"

	"bellframe/library"
	"bellframe/touch"
)

func zzRing(t *testing.T, args ...string) (int, []string, string) {
	t.Helper()
	file, err := os.Open("../../methods.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out, errOut strings.Builder
	code := run(args, file, &out, &errOut)
	return code, strings.Fields(out.String()), errOut.String()
}

// zzAll tries every composition.
func zzAll(t *testing.T, name string, leads int) []string {
	t.Helper()
	file, err := os.Open("../../methods.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lib, err := library.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	calls := []string{""}
	for i := 0; i < leads; i++ {
		var next []string
		for _, c := range calls {
			next = append(next, c+"b", c+"p", c+"s")
		}
		calls = next
	}
	var found []string
	for _, c := range calls {
		least := true
		for i := range c {
			least = least && c <= c[i:]+c[:i]
		}
		rows, err := touch.Ring(lib.Find(name), c)
		if err != nil {
			t.Fatal(err)
		}
		if proof := touch.Prove(rows); least && proof.True() && proof.Complete {
			found = append(found, c)
		}
	}
	return found
}

func TestZZSearch(t *testing.T) {
	for _, c := range []struct {
		name    string
		changes string
		leads   int
	}{{"Plain Bob Minor", "60", 5}, {"Plain Bob Minor", "72", 6}, {"Plain Bob Minor", "24", 2}, {"Little Bob Minor", "48", 6}, {"Grandsire Doubles", "60", 6}, {"Plain Bob Minimus", "24", 3}} {
		want := zzAll(t, c.name, c.leads)
		code, got, errOut := zzRing(t, "search", c.name, c.changes, "1000")
		if strings.Join(got, " ") != strings.Join(want, " ") || errOut != "" || (code == 0) != (len(want) > 0) || code > 1 {
			t.Errorf("%s %s: exit %d, %v, want %v; %s", c.name, c.changes, code, got, want, errOut)
		}
	}
	want := zzAll(t, "Plain Bob Minor", 6)
	if len(want) > 2 {
		if _, got, _ := zzRing(t, "search", "Plain Bob Minor", "72", "2"); strings.Join(got, " ") != strings.Join(want[:2], " ") {
			t.Errorf("two: %v", got)
		}
	}
	for _, args := range [][]string{{"50"}, {"0"}, {"-12"}, {"x"}, {"60", "0"}, {"60", "1001"}, {"60", "x"}, {"60", "1", "1"}} {
		if code, got, errOut := zzRing(t, append([]string{"search", "Plain Bob Minor"}, args...)...); code != 2 || len(got) > 0 || errOut == "" {
			t.Errorf("%v: exit %d, %v, %q", args, code, got, errOut)
		}
	}
	if _, _, errOut := zzRing(t, "search", "Plain Bob Minor", "50"); errOut != "ring: 50 changes are no whole leads of Plain Bob Minor\n" {
		t.Errorf("got %q", errOut)
	}
}
