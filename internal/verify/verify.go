// Package verify owns the check of a published tree: every file has the bytes
// that the manifest tells, there is no other file, and every link leads to
// one. It reads trees on disk and over HTTP alike.
package verify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/site"
)

// Source is a tree to check.
type Source interface {
	// Manifest reads the tree's manifest.
	Manifest(context.Context) (*publish.Manifest, error)
	// Read reads a file. A false says that the file cannot be asked for, as
	// error bodies over HTTP.
	Read(ctx context.Context, e *publish.Entry) (body []byte, ok bool, err error)
	// Others lists files of the tree that the manifest lacks, as far as the
	// source can tell.
	Others(context.Context, *publish.Manifest) ([]string, error)
}

// Fault is one thing that is wrong with a tree.
type Fault struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Result is what a check has found.
type Result struct {
	Release string  `json:"release"`
	Commit  string  `json:"commit"`
	Files   int     `json:"files"`   // whose bytes were compared
	Skipped int     `json:"skipped"` // that cannot be asked for
	Bytes   int64   `json:"bytes"`
	Links   int     `json:"links"` // that were followed
	Faults  []Fault `json:"faults"`
}

// Tree checks a tree, reading several files at once. The error is for a tree
// that cannot be read at all.
func Tree(ctx context.Context, src Source, jobs int) (*Result, error) {
	m, err := src.Manifest(ctx)
	if err != nil {
		return nil, err
	}
	c := &checker{src: src, manifest: m, base: m.Base(), result: Result{Release: m.ID, Commit: m.Commit, Faults: []Fault{}}}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(jobs, 1))
	for i := range m.Files {
		g.Go(func() error { return c.file(ctx, &m.Files[i]) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	others, err := src.Others(ctx, m)
	if err != nil {
		return nil, err
	}
	for _, p := range others {
		c.fault(p, "the manifest does not list the file")
	}
	slices.SortFunc(c.result.Faults, func(a, b Fault) int { return strings.Compare(a.Path+a.Message, b.Path+b.Message) })
	return &c.result, nil
}

type checker struct {
	src      Source
	manifest *publish.Manifest
	base     string

	mu     sync.Mutex
	result Result
}

func (c *checker) fault(p, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Faults = append(c.result.Faults, Fault{p, message})
}

func (c *checker) file(ctx context.Context, e *publish.Entry) error {
	body, ok, err := c.src.Read(ctx, e)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.fault(e.Path, err.Error())
		return nil
	}
	c.mu.Lock()
	if ok {
		c.result.Files++
		c.result.Bytes += int64(len(body))
	} else {
		c.result.Skipped++
	}
	c.mu.Unlock()
	if !ok {
		return nil
	}
	if err := e.CheckBody(body); err != nil {
		c.fault(e.Path, "the content does not have the SHA-256 of the manifest")
		return nil
	}
	targets := site.Targets(c.base, site.File{Path: e.Path, Body: body})
	for _, t := range targets {
		if c.manifest.Lookup(t) == nil {
			c.fault(e.Path, fmt.Sprintf("a link leads to %s, which does not exist", t))
		}
	}
	c.mu.Lock()
	c.result.Links += len(targets)
	c.mu.Unlock()
	return nil
}
