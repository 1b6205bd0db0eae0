package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/schema"
)

// savepointSide reads the description of what a savepoint holds.
func savepointSide(dir string) (compat.Side, error) {
	name := "savepoint:" + dir
	text, err := os.ReadFile(filepath.Join(dir, "savepoint.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return compat.Side{}, &failure{fmt.Errorf("%s holds no savepoint", dir), "name the folder that holds savepoint.json"}
	}
	if err != nil {
		return compat.Side{}, err
	}
	var s struct {
		Job *schema.Job `json:"job"`
	}
	if err := json.Unmarshal(text, &s); err != nil || s.Job == nil {
		return compat.Side{}, &failure{fmt.Errorf("%s/savepoint.json is damaged: %w", dir, err), "take another savepoint"}
	}
	return compat.Side{Name: name, Job: s.Job}, nil
}
