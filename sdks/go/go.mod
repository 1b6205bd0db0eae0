module github.com/flow-lang/flowc/sdks/go

go 1.24

require (
	github.com/apache/flink-statefun/statefun-sdk-go/v3 v3.2.0
	google.golang.org/protobuf v1.26.0
)
