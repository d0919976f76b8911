module example.org/tallybook

go 1.21
