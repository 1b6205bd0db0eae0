package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// project is a folder as "flowc init" makes it, under git, with its first release
// locked.
type project struct {
	t   *testing.T
	dir string
}

func newProject(t *testing.T) project {
	t.Helper()
	p := project{t, filepath.Join(t.TempDir(), "app")}
	must := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = filepath.Dir(p.dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", cmd, err, out)
		}
	}
	must("flowc", "init", "app")
	must("git", "-C", "app", "init", "-q")
	must("git", "-C", "app", "add", ".")
	must("git", "-C", "app", "-c", "user.name=dev", "-c", "user.email=dev@example.com", "commit", "-qm", "release 1")
	return p
}

// breaks gives the first state of the program another name, wherever it stands, and
// does not say what it was.
func (p project) breaks() {
	p.t.Helper()
	name := filepath.Join(p.dir, "app.flow")
	text, err := os.ReadFile(name)
	if err != nil {
		p.t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^  state +(\w+)`).FindSubmatch(text)
	if found == nil {
		p.t.Fatal("the program has no state")
	}
	text = regexp.MustCompile(`\b`+string(found[1])+`\b`).ReplaceAll(text, append([]byte("other_"), found[1]...))
	if err := os.WriteFile(name, text, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// sh runs a line of shell as a CI does, and returns its output and whether it ended
// well.
func (p project) sh(line string, args ...string) (out string, ok bool) {
	p.t.Helper()
	cmd := exec.Command("sh", append([]string{"-e", "-c", line, "sh"}, args...)...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "CI=true", "GITHUB_ACTIONS=true", "RUNNER_TEMP="+p.t.TempDir(), "XDG_CACHE_HOME="+caches, "GOPROXY=off")
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}

func readYAML(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// documented returns the block of docs/evolution.md that holds a text.
func documented(t *testing.T, lang, holds string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/evolution.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(page), "```"+lang+"\n")[1:] {
		if block, _, ok := strings.Cut(block, "```"); ok && strings.Contains(block, holds) {
			return block
		}
	}
	t.Fatalf("docs/evolution.md has no %s with %s", lang, holds)
	return ""
}

// TestWorkflow runs the steps of the GitHub workflow that "flowc init" writes: they
// let a release pass, and the check stops a change that loses state.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	text, err := os.ReadFile(filepath.Join(p.dir, ".github/workflows/flow.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var flow struct {
		On          []string
		Permissions map[string]string
		Jobs        map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct {
				Uses, Run string
				With      map[string]string
			}
		}
	}
	readYAML(t, string(text), &flow)
	if len(flow.On) != 2 || flow.Permissions["contents"] != "read" || flow.Jobs["check"].RunsOn == "" {
		t.Errorf("the workflow is %+v", flow)
	}
	steps := 0
	for _, s := range flow.Jobs["check"].Steps {
		if s.Run == "" || strings.HasPrefix(s.Run, "go install ") { // flowc is there
			continue
		}
		steps++
		if out, ok := p.sh(s.Run); !ok {
			t.Errorf("%s:\n%s", s.Run, out)
		}
	}
	if steps < 5 {
		t.Errorf("%d steps", steps)
	}
	p.breaks()
	for _, s := range flow.Jobs["check"].Steps {
		if strings.Contains(s.Run, "compat check") {
			if out, ok := p.sh(s.Run); ok || !strings.Contains(out, "::error ") || !strings.Contains(out, "C0202") {
				t.Errorf("%s: %v\n%s", s.Run, ok, out)
			}
		}
	}
}

// TestGitLab runs the documented job of GitLab, and reads the report that it hands
// in.
func TestGitLab(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var jobs map[string]struct {
		Script    string
		Artifacts struct{ Reports map[string]string }
	}
	readYAML(t, documented(t, "yaml", "codequality"), &jobs)
	job := jobs["compat"]
	report := func() (list []struct {
		Description, Fingerprint, Severity string
		CheckName                          string `json:"check_name"`
		Location                           struct {
			Path  string
			Lines struct{ Begin int }
		}
	}) {
		text, err := os.ReadFile(filepath.Join(p.dir, job.Artifacts.Reports["codequality"]))
		if err == nil {
			err = json.Unmarshal(text, &list)
		}
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if out, ok := p.sh(job.Script); !ok || len(report()) != 0 {
		t.Errorf("%s:\n%s%v", job.Script, out, report())
	}
	p.breaks()
	if out, ok := p.sh(job.Script); ok {
		t.Errorf("%s lets a loss pass:\n%s", job.Script, out)
	}
	list := report()
	if len(list) == 0 || list[0].Fingerprint == "" || list[0].Severity == "" || list[0].CheckName == "" || list[0].Location.Path != "app.flow" || list[0].Location.Lines.Begin < 1 {
		t.Errorf("the report is %+v", list)
	}
}

// TestPreCommit runs the documented hook of pre-commit as that does: with the changed
// files that its pattern is of.
func TestPreCommit(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	var repos []struct {
		Repo  string
		Hooks []struct{ ID, Name, Language, Files, Entry string }
	}
	readYAML(t, documented(t, "yaml", "hooks:"), &repos)
	hook := repos[0].Hooks[0]
	if repos[0].Repo != "local" || hook.ID == "" || hook.Name == "" || hook.Language != "system" {
		t.Errorf("the hook is %+v", repos)
	}
	run := func() (string, bool) {
		var files []string
		for _, f := range []string{"app.flow", "app.flow.lock", "README.md"} {
			if regexp.MustCompile(hook.Files).MatchString(f) {
				files = append(files, f)
			}
		}
		if len(files) != 1 {
			t.Errorf("the hook is run for %v", files)
		}
		return p.sh(hook.Entry+` "$@"`, files...)
	}
	if out, ok := run(); !ok {
		t.Errorf("the hook stops what has not changed:\n%s", out)
	}
	p.breaks()
	if out, ok := run(); ok || !strings.Contains(out, "C0202") {
		t.Errorf("the hook lets a loss pass:\n%s", out)
	}
}
