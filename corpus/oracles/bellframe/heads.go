package main

import (
	"os"
	"sort"
	"strings"
	"testing"

	"bellframe/library"
	"bellframe/method"
	"bellframe/row"
)

func TestZZFalseHeads(t *testing.T) {
	source, err := os.ReadFile("../../methods.txt")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := library.Read(strings.NewReader(string(source)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Plain Bob Minimus", "Little Bob Minor", "Grandsire Doubles", "Cambridge Surprise Minor"} {
		m := lib.Find(name)
		base := map[string]bool{}
		for _, r := range method.Ring(row.Rounds(m.Bells), m.Lead) {
			base[r.String()] = true
		}
		var want []string
		zzPermute(row.Rounds(m.Bells), 0, func(head row.Row) {
			for _, r := range method.Ring(head, m.Lead) {
				if base[r.String()] {
					want = append(want, head.String())
					return
				}
			}
		})
		sort.Strings(want)
		var out, errOut strings.Builder
		code := run([]string{"falseheads", name}, strings.NewReader(string(source)), &out, &errOut)
		if code != 0 || out.String() != strings.Join(want, "\n")+"\n" {
			t.Errorf("%s: exit %d, %d lines, want %d\n%s", name, code, strings.Count(out.String(), "\n"), len(want), errOut.String())
		}
	}
}

func zzPermute(r row.Row, at int, visit func(row.Row)) {
	if at == len(r) {
		visit(append(row.Row{}, r...))
		return
	}
	for i := at; i < len(r); i++ {
		r[at], r[i] = r[i], r[at]
		zzPermute(r, at+1, visit)
		r[at], r[i] = r[i], r[at]
	}
}
