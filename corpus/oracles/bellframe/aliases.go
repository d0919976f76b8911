package main

import (
	"strings"
	"testing"
)

func TestZZAliases(t *testing.T) {
	const methods = "Plain Bob Minimus | 4 | x14x14,12 | 14 | 1234 | PB4, minimus\nOther | 4 | x14x14,12 | | \n"
	said := func(text string, args ...string) (int, string) {
		var out, errOut strings.Builder
		code := run(args, strings.NewReader(text), &out, &errOut)
		return code, out.String() + errOut.String()
	}
	_, want := said(methods, "course", "Plain Bob Minimus")
	for _, name := range []string{"PB4", "pb4", "Minimus"} {
		if code, got := said(methods, "course", name); code != 0 || got != want {
			t.Errorf("course %s: exit %d, %s", name, code, got)
		}
		if code, got := said(methods, "prove", name, "ppp"); code != 0 || !strings.Contains(got, "24 changes of Plain Bob Minimus\n") {
			t.Errorf("prove %s: exit %d, %s", name, code, got)
		}
	}
	for text, want := range map[string]string{
		"A | 4 | x14 | | | b\nB | 4 | x14 | |":       "ring: line 2: B is there already\n",
		"A | 4 | x14 | | | c\nB | 4 | x14 | | | d, C": "ring: line 2: C is there already\n",
		"A | 4 | x14 | | | a":                        "ring: line 1: a is there already\n",
		"A | 4 | x14 | | | c | d":                    "ring: line 1: 7 fields, not 5 or 6\n",
	} {
		if code, got := said(text, "list"); code != 2 || got != want {
			t.Errorf("%q: exit %d, %s", text, code, got)
		}
	}
}
