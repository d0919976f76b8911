// Command ring rings methods and proves touches.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"bellframe/library"
	"bellframe/method"
	"bellframe/music"
	"bellframe/touch"
)

const usage = "usage: ring list | course METHOD | prove METHOD CALLS | music METHOD CALLS"

var errUsage = errors.New(usage)

func main() {
	file, err := os.Open("methods.txt")
	if err != nil {
		fmt.Fprintln(os.Stderr, "ring:", err)
		os.Exit(2)
	}
	defer file.Close()
	os.Exit(run(os.Args[1:], file, os.Stdout, os.Stderr))
}

// run does what the arguments say; it returns the exit code.
func run(args []string, methods io.Reader, out, errOut io.Writer) int {
	lib, err := library.Read(methods)
	if err == nil {
		var fine bool
		if fine, err = command(args, lib, out); err == nil && fine {
			return 0
		}
	}
	if err != nil {
		fmt.Fprintln(errOut, "ring:", err)
		return 2
	}
	return 1
}

func command(args []string, lib *library.Library, out io.Writer) (bool, error) {
	if len(args) == 1 && args[0] == "list" {
		for _, m := range lib.Methods {
			fmt.Fprintf(out, "%-24s %2d bells, %2d changes in a lead\n", m.Name, m.Bells, len(m.Lead))
		}
		return true, nil
	}
	if len(args) < 2 {
		return false, errUsage
	}
	m := lib.Find(args[1])
	if m == nil {
		return false, fmt.Errorf("no method %q", args[1])
	}
	switch {
	case args[0] == "course" && len(args) == 2:
		for _, r := range m.Course() {
			fmt.Fprintln(out, r)
		}
		return true, nil
	case args[0] == "prove" && len(args) == 3:
		return prove(m, args[2], out)
	case args[0] == "music" && len(args) == 3:
		return true, tellMusic(m, args[2], out)
	}
	return false, errUsage
}

func prove(m *method.Method, calls string, out io.Writer) (bool, error) {
	rows, err := touch.Ring(m, calls)
	if err != nil {
		return false, err
	}
	proof := touch.Prove(rows)
	fmt.Fprintf(out, "%d changes of %s\n", proof.Rows, m.Name)
	for _, repeat := range proof.Repeats {
		fmt.Fprintf(out, "false: %s at %d and %d\n", repeat.Row, repeat.First+1, repeat.Second+1)
	}
	if !proof.Complete {
		fmt.Fprintf(out, "incomplete: ends in %s\n", rows[len(rows)-1])
	}
	if proof.True() && proof.Complete {
		fmt.Fprintln(out, "true")
	}
	return proof.True() && proof.Complete, nil
}

func tellMusic(m *method.Method, calls string, out io.Writer) error {
	rows, err := touch.Ring(m, calls)
	if err != nil {
		return err
	}
	found := music.Count(rows)
	for _, kind := range music.Kinds {
		fmt.Fprintf(out, "%-12s %d\n", kind.Name, found[kind.Name])
	}
	return nil
}
