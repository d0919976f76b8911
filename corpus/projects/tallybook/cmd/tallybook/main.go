// Command tallybook prints the balances of a ledger.
package main

import (
	"fmt"
	"os"

	"example.org/tallybook/ledger"
)

func main() {
	if len(os.Args) != 3 || os.Args[1] != "balance" {
		fmt.Fprintln(os.Stderr, "usage: tallybook balance FILE")
		os.Exit(2)
	}
	if err := run(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "tallybook:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	postings, err := ledger.Parse(file)
	if err != nil {
		return err
	}
	if err := ledger.Check(postings); err != nil {
		return err
	}
	for _, b := range ledger.Balances(postings) {
		fmt.Printf("%-20s %12s\n", b.Account, b.Amount)
	}
	return nil
}
