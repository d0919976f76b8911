module example.org/parcelhub/scan

go 1.21
