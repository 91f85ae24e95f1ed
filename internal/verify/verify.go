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

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/route"
)

// Source is a tree to check.
type Source interface {
	// Manifest reads the tree's manifest.
	Manifest(context.Context) (*publish.Manifest, error)
	// Read reads a file. Nil says that the file cannot be asked for, such as error
	// bodies over HTTP.
	Read(ctx context.Context, e *publish.Entry) (*Document, error)
	// Redirects are links that no file has: where the source sends those on who
	// ask for something else than a file.
	Redirects(context.Context) []Link
	// Resolve finds what a link leads to.
	Resolve(*publish.Manifest, Link) Target
	// Others lists files of the tree that the manifest lacks, as far as the
	// source can tell.
	Others(context.Context, *publish.Manifest) ([]string, error)
}

// Document is a file as the source gives it.
type Document struct {
	Body []byte
	// URL is where it was asked for, "" on disk.
	URL string
	// Links are those of the response's header.
	Links []string
}

// Link is a link, and where it was found.
type Link struct {
	Path string // of the file, or of the request
	URL  string // that the link is resolved against, "" on disk
	Href string
	From string // the header that has it, "" for a file's body
}

// Target is what a link leads to.
type Target struct {
	// File is that of the tree, "" for what is not in the tree: another site, or a
	// live route.
	File string
	// Astray says why whoever follows the link leaves the tree, and what to do, as
	// the end of a sentence; "" for links that do not. What one setting leads
	// astray has the same text.
	Astray string
	// Path is what a client asks for that goes astray.
	Path string
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
	c := &checker{src: src, manifest: m, astray: map[cause]stray{}, result: Result{Release: m.ID, Commit: m.Commit, Faults: []Fault{}}}
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(max(jobs, 1))
	for i := range m.Files {
		g.Go(func() error { return c.file(within, &m.Files[i]) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for _, l := range src.Redirects(ctx) {
		c.follow(l)
	}
	for why, first := range c.astray {
		c.fault(first.from, fmt.Sprintf("%s lead to %s, %s", why.subject, first.to, why.text))
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

	mu     sync.Mutex
	astray map[cause]stray
	result Result
}

// cause is why many links go astray: a setting that is wrong.
type cause struct{ subject, text string }

// stray is one link that does, for all of them: where it was found, and the path
// that it leads to.
type stray struct{ from, to string }

// before orders places where links are found: the front page comes first.
func (s stray) before(o stray) bool {
	rank := func(from string) string { return strings.TrimPrefix(from, route.Root.File()) }
	return rank(s.from) < rank(o.from)
}

// subject names links by where they stand.
func (l Link) subject() string {
	switch l.From {
	case "":
		return "links"
	case "Location":
		return "redirects"
	}
	return "links in the header " + l.From
}

func (c *checker) fault(p, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Faults = append(c.result.Faults, Fault{p, message})
}

func (c *checker) file(ctx context.Context, e *publish.Entry) error {
	doc, err := c.src.Read(ctx, e)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.fault(e.Path, err.Error())
		return nil
	case doc == nil:
		c.mu.Lock()
		c.result.Skipped++
		c.mu.Unlock()
		return nil
	}

	c.mu.Lock()
	c.result.Files++
	c.result.Bytes += int64(len(doc.Body))
	c.mu.Unlock()
	if err := e.CheckBody(doc.Body); err != nil {
		c.fault(e.Path, "the content does not have the SHA-256 of the manifest")
		return nil
	}

	for _, href := range build.Hrefs(build.File{Path: e.Path, Body: doc.Body}) {
		c.follow(Link{Path: e.Path, URL: doc.URL, Href: href})
	}
	for _, href := range doc.Links {
		c.follow(Link{Path: e.Path, URL: doc.URL, Href: href, From: "Link"})
	}
	return nil
}

// follow checks one link.
func (c *checker) follow(l Link) {
	to := c.src.Resolve(c.manifest, l)
	if to.Astray == "" && to.File == "" {
		return
	}
	if to.Astray == "" && c.manifest.Lookup(to.File) == nil {
		c.fault(l.Path, "a link leads to "+to.File+", which does not exist")
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Links++
	if to.Astray == "" {
		return
	}
	why, this := cause{l.subject(), to.Astray}, stray{l.Path, to.Path}
	if other, ok := c.astray[why]; !ok || this.before(other) {
		c.astray[why] = this
	}
}
