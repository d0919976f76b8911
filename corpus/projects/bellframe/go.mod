module bellframe

go 1.22
