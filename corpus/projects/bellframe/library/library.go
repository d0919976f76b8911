// Package library reads files of methods.
package library

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"bellframe/method"
)

// Library holds methods in the order of their file.
type Library struct {
	Methods []*method.Method
}

// Read reads a method a line: name, bells, notation, bob and single between bars.
func Read(r io.Reader) (*Library, error) {
	lib := &Library{}
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m, err := readLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if lib.Find(m.Name) != nil {
			return nil, fmt.Errorf("line %d: %s is there already", number, m.Name)
		}
		lib.Methods = append(lib.Methods, m)
	}
	return lib, lines.Err()
}

func readLine(line string) (*method.Method, error) {
	fields := strings.Split(line, "|")
	if len(fields) != 5 {
		return nil, fmt.Errorf("%d fields, not 5", len(fields))
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	bells, err := strconv.Atoi(fields[1])
	if err != nil {
		return nil, fmt.Errorf("%q is no number of bells", fields[1])
	}
	return method.New(fields[0], bells, fields[2], fields[3], fields[4])
}

// Find finds a method by its name, whatever the case of its letters; nil when there is none.
func (l *Library) Find(name string) *method.Method {
	for _, m := range l.Methods {
		if strings.EqualFold(m.Name, name) {
			return m
		}
	}
	return nil
}
