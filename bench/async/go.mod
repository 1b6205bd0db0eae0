module example.com/async

go 1.26.0
