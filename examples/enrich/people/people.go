// Package people asks a service over HTTP who somebody is.
package people

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"
)

// Person is what the service says.
type Person struct {
	Name string `json:"name"`
	City string `json:"city"`
}

// client keeps connections for the next call, as many as calls are under way at
// once.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, IdleConnTimeout: time.Minute}}

// Find returns the person with an id, or nil if there is none. ctx ends when the
// call times out.
func Find(ctx context.Context, id string) (*Person, error) {
	place := os.Getenv("PEOPLE") + "/people/" + url.PathEscape(id)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		var p Person
		if err := json.NewDecoder(http.MaxBytesReader(nil, answer.Body, 1<<20)).Decode(&p); err != nil {
			return nil, err
		}
		return &p, nil
	case http.StatusNotFound:
		return nil, nil
	default:
		return nil, fmt.Errorf("the service of people answers %s", answer.Status)
	}
}
