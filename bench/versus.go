package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// versus is what is measured against other systems. It is run only where -run
// names it, for it needs a JDK and Maven, or Python, and fetches what these
// systems are made of.
//
// Flink runs as one JVM with one slot, objects reused and a checkpoint each ten
// seconds, exactly once, as the pipeline does; what a quarter of the rows takes is
// taken off on both sides, so that no start counts. That quarter also takes what the
// JVM needs to compile the job, and has to be long enough for it: a million
// rows are. Each runs once, as Flink with RocksDB may need a minute.
var versus = []measurement{
	far(contestOf("flink/keyed-json", flinkContest("keyed", "bench/keyed.flow", 100_000))),
	far(contestOf("flink/window-10s", flinkContest("window", "bench/ten.flow", 1000))),
	far(contestOf("duckdb/keyed-json", duckContest("keyed", "bench/keyed.flow", 100_000))),
	far(contestOf("duckdb/window-10s", duckContest("window", "bench/ten.flow", 1000))),
}

func far(m measurement) measurement {
	m.far = true
	return m
}

// flinkContest holds a program against the same job of Flink, each with its
// state in memory and on disk.
func flinkContest(job, program string, users int) contest {
	checkpoints := []string{"--fresh", "--checkpoint-to", "checkpoints", "--checkpoint-interval", "10s"}
	memory, pebble := flow("memory", program, "1"), flow("pebble", program, "1")
	memory.args = append(memory.args, checkpoints...)
	pebble.args = append(append(pebble.args, checkpoints...), "--state", "pebble", "--state-dir", "state")
	return contest{
		users:      users,
		marginal:   true,
		once:       true,
		candidates: []candidate{memory, pebble, flink("Flink, heap", job, "hashmap"), flink("Flink, RocksDB", job, "rocksdb")},
		comparisons: []comparison{
			{name: "flink/" + job + ", memory", against: "Flink 2.2, heap", of: "memory", to: "Flink, heap", goal: 7},
			{name: "flink/" + job + ", pebble", against: "Flink 2.2, RocksDB", of: "pebble", to: "Flink, RocksDB", goal: 20},
		},
	}
}

// duckContest holds a program against a query of DuckDB over the whole file, on
// one thread. There is no goal: a query that has all rows at hand is another
// thing than a pipeline that answers each.
func duckContest(job, program string, users int) contest {
	return contest{
		users:      users,
		marginal:   true,
		candidates: []candidate{flow("flow", program, "1"), duckdb(job)},
		comparisons: []comparison{
			{name: "duckdb/" + job, against: "DuckDB, batch", of: "flow", to: "DuckDB"},
		},
	}
}

// flink is a job of bench/flink in a JVM of its own.
func flink(name, job, backend string) candidate {
	return candidate{name: name, args: []string{job, backend}, build: func(w *workshop) (string, error) {
		dir := filepath.Join(w.root, "bench", "flink")
		return w.build("flink", func(bin string) *exec.Cmd {
			return exec.Command("sh", "-ec", fmt.Sprintf(`mvn -q -f %[1]q/pom.xml package
cat > %[2]q <<'END'
#!/bin/sh
rm -rf out.jsonl checkpoints
exec java -Xmx3g --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED \
  -cp "%[1]s/target/bench.jar:%[1]s/target/lib/*" bench.Job "$1" "$2" "$(readlink -f in.jsonl)" "$PWD/out.jsonl" "$PWD/checkpoints"
END
chmod +x %[2]q`, dir, bin))
		})
	}}
}

// duckdb is a query of bench/duckdb in an environment of its own.
func duckdb(job string) candidate {
	return candidate{name: "DuckDB", args: []string{job}, build: func(w *workshop) (string, error) {
		script := filepath.Join(w.root, "bench", "duckdb", "run.py")
		venv := filepath.Join(os.TempDir(), "flowc-bench", "duckdb")
		return w.build("duckdb", func(bin string) *exec.Cmd {
			return exec.Command("sh", "-ec", fmt.Sprintf(`[ -x %[1]q/bin/python ] || python3 -m venv %[1]q
%[1]q/bin/python -c 'import duckdb' 2> /dev/null || %[1]q/bin/python -m pip install --quiet duckdb
cat > %[2]q <<'END'
#!/bin/sh
exec %[1]q/bin/python %[3]q "$1" in.jsonl out.jsonl
END
chmod +x %[2]q`, venv, bin, script))
		})
	}}
}
