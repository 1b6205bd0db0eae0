package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/gobuild"
	"github.com/flow-lang/flowc/codegen"
)

// buildCommand is "flowc build FILE -o BIN [--emit DIR]".
func (a *app) buildCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "build FILE -o BIN",
		Short: "Compile a program to one static binary",
		Long: "build compiles the program to one static binary that needs nothing else to run. It wants a Go\n" +
			"toolchain on the PATH; GOOS and GOARCH choose another system than this one.\n\n" +
			"--emit also writes the generated Go, or only that if there is no -o. --package writes it as a\n" +
			"package of the Go module that the folder lies in, for a program that runs the pipeline itself\n" +
			"(docs/embedding.md). --backends memory leaves\n" +
			"out what --state pebble needs, --server none what --http needs: each makes a smaller binary.",
		Example: "  flowc build temperature.flow -o temperature\n" +
			"  flowc build temperature.flow --emit gen",
		Args:              wantFile,
		ValidArgsFunction: completeFlow,
	}
	output := cmd.Flags().StringP("output", "o", "", "the binary to write")
	emit := cmd.Flags().String("emit", "", "folder to write the generated Go to, as a module that can be built")
	pkg := cmd.Flags().String("package", "", "folder to write the generated Go to, as a package for a Go program")
	backends := &backendsFlag{pebble: true}
	cmd.Flags().Var(backends, "backends", "where the binary can hold state: memory, or memory,pebble")
	stores := &storesFlag{}
	cmd.Flags().Var(stores, "stores", "where checkpoints and savepoints can lie: folders, or folders,buckets (s3://…)")
	server := addChoice(cmd, "server", "what the binary serves with --http", "http", "none")
	server.name = "SERVER"
	format := addDiagnosticFormat(cmd)
	lock := addLocked(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path := args[0]
		if err := wantOutput(cmd, path, *output, *emit+*pkg); err != nil {
			return err
		}
		links := codegen.Links{Pebble: backends.pebble, Zstd: true, Buckets: stores.buckets, Metrics: true, NoServer: server.value == "none"}
		code, err := a.generate(path, format, lock, links)
		if err != nil {
			return err
		}
		b, err := a.builder(cmd.Context(), code, false)
		if err != nil {
			return err
		}
		if *emit != "" {
			if err := a.emit(b, code.code, *emit, programName(path)); err != nil {
				return err
			}
		}
		if *pkg != "" {
			if err := a.emitPackage(b, code.code, *pkg); err != nil {
				return err
			}
		}
		if *output == "" {
			return nil
		}
		built, err := a.binary(cmd.Context(), b, code)
		asked := codegen.Links{Pebble: backends.pebble && cmd.Flags().Changed("backends"), Buckets: stores.buckets}
		if less, ok := a.without(err, links, asked); ok { // most binaries are not started with it
			if code, err = a.generate(path, format, lock, less); err != nil {
				return err
			}
			built, err = a.binary(cmd.Context(), b, code)
		}
		if err != nil {
			return err
		}
		return gobuild.Deliver(built, *output)
	}
	return cmd
}

// wantOutput checks where build is to write.
func wantOutput(cmd *cobra.Command, path, output, emit string) error {
	if output == "" && emit == "" {
		return &usageError{"-o BIN is missing", fmt.Sprintf("flowc build %s -o %s", path, programName(path))}
	}
	if same(path, output) {
		return &usageError{fmt.Sprintf("-o %s would overwrite the program", output), "name another file"}
	}
	if info, err := os.Stat(output); err == nil && info.IsDir() {
		return &usageError{
			fmt.Sprintf("-o %s is a folder", output),
			"name a file in it: -o " + filepath.Join(output, programName(path)),
		}
	}
	return nil
}

// same reports whether a and b are one file.
func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	two, err := os.Stat(b)
	return err == nil && os.SameFile(one, two)
}

// emit writes code to dir and says how to build it.
func (a *app) emit(b *gobuild.Builder, code map[string][]byte, dir, name string) error {
	if err := b.Emit(dir, code); err != nil {
		return explainBuild(err)
	}
	fmt.Fprintf(a.stderr, "flowc: wrote the generated Go to %s; to build it: go build -C %s -o ../%s ./cmd\n", dir, dir, name)
	return nil
}

// emitPackage writes the package of code to dir and says what its module needs.
func (a *app) emitPackage(b *gobuild.Builder, code map[string][]byte, dir string) error {
	if err := b.EmitPackage(dir, code); err != nil {
		return explainBuild(err)
	}
	fmt.Fprintf(a.stderr, "flowc: wrote the package to %s; once for the module it lies in: go mod edit -require %[2]s@v0.0.0 -replace %[2]s=./%[3]s\n",
		dir, gobuild.RuntimeModule, filepath.ToSlash(filepath.Join(dir, "runtime")))
	return nil
}
