// Package verify checks a published tree: every file has the content that the
// manifest lists, no other files exist, and every link points to a file. It checks
// trees on disk and over HTTP in the same way.
package verify

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// Source is a tree to check.
type Source interface {
	// Manifest reads the tree's manifest.
	Manifest(context.Context) (*tree.Manifest, error)
	// Read reads a file. The document is nil for a file that is not served
	// individually, such as an error body over HTTP.
	Read(ctx context.Context, f tree.Form) (*Document, error)
	// Redirects returns the targets of the source's redirects, as links to check: no
	// file contains them.
	Redirects(context.Context) []Link
	// Resolve returns the file that a link points to, "" for what is not in the tree:
	// another site, or a live route. For a link that points outside the tree although
	// it should not, it returns why, and what to do, as the end of a sentence; all
	// links that one wrong setting breaks have the same text.
	Resolve(*tree.Manifest, Link) (file, outside string)
	// Others lists files of the tree that the manifest lacks, as far as the
	// source can list files.
	Others(context.Context, *tree.Manifest) ([]string, error)
}

// Document is a file as the source returns it.
type Document struct {
	Body []byte
	// URL is that of the request, "" on disk.
	URL string
	// Links are those of the response's header.
	Links []string
}

// Link is a link, and where it was found.
type Link struct {
	Path string // of the file, or of the request
	URL  string // that the link is resolved against, "" on disk
	Href string
	From string // the header that it is in, "" for a file's body
}

// Fault is an error of a tree.
type Fault struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

// Result is the result of a check.
type Result struct {
	Release string  `json:"release"`
	Commit  string  `json:"commit"`
	Files   int     `json:"files"`   // whose bytes were compared
	Skipped int     `json:"skipped"` // that are not served individually
	Bytes   int64   `json:"bytes"`
	Links   int     `json:"links"` // that were followed
	Faults  []Fault `json:"faults"`
}

// Tree checks a tree, reading several files at once; 0 jobs means two for each
// processor. The error is for a tree that cannot be read at all.
func Tree(ctx context.Context, src Source, jobs int) (*Result, error) {
	m, err := src.Manifest(ctx)
	if err != nil {
		return nil, err
	}

	c := &checker{
		src:      src,
		manifest: m,
		outside:  map[cause]Link{},
		result:   Result{Release: m.ID, Commit: m.Commit},
	}

	g, within := errgroup.WithContext(ctx)
	g.SetLimit(max(cmp.Or(jobs, 2*runtime.GOMAXPROCS(0)), 1))

	if err := m.Load(); err != nil {
		return nil, err
	}
	for e := range m.Files() {
		for f := range e.Forms() {
			g.Go(func() error { return c.checkFile(within, f) })
		}
	}

	if err := g.Wait(); err != nil {
		return nil, err
	}

	for _, l := range src.Redirects(ctx) {
		c.follow(l)
	}

	for why, first := range c.outside {
		c.addFault(first.Path, fmt.Sprintf("%s point to %s, %s", why.subject, first.Href, why.text))
	}

	others, err := src.Others(ctx, m)
	if err != nil {
		return nil, err
	}

	for _, p := range others {
		c.addFault(p, "the manifest does not list the file")
	}

	slices.SortFunc(c.result.Faults, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})

	return &c.result, nil
}

type checker struct {
	src      Source
	manifest *tree.Manifest

	mu      sync.Mutex
	outside map[cause]Link // the first of the links that one cause breaks
	result  Result
}

// cause is why many links point outside the tree: a setting that is wrong.
type cause struct{ subject, text string }

// before orders links by where they were found: the root resource comes first.
func (l Link) before(o Link) bool {
	return strings.TrimPrefix(l.Path, route.Root.File()) < strings.TrimPrefix(o.Path, route.Root.File())
}

// subject names links by where they were found.
func (l Link) subject() string {
	switch l.From {
	case "":
		return "links"
	case "Location":
		return "redirects"
	}
	return "links in the header " + l.From
}

func (c *checker) addFault(p, message string) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.result.Faults = append(c.result.Faults, Fault{p, message})
}

// checkFile checks a file's content and follows its links.
func (c *checker) checkFile(ctx context.Context, f tree.Form) error {
	doc, err := c.src.Read(ctx, f)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		c.addFault(f.Path, err.Error())
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

	if !f.HasContent(doc.Body) {
		c.addFault(f.Path, "the content does not have the SHA-256 of the manifest")
		return nil
	}

	for _, href := range hrefs(f.Path, doc.Body) {
		c.follow(Link{Path: f.Path, URL: doc.URL, Href: href})
	}

	for _, href := range doc.Links {
		c.follow(Link{Path: f.Path, URL: doc.URL, Href: href, From: "Link"})
	}

	return nil
}

// follow checks one link.
func (c *checker) follow(l Link) {
	file, outside := c.src.Resolve(c.manifest, l)
	if file == "" && outside == "" {
		return
	}
	if file != "" && c.manifest.Lookup(file) == nil {
		c.addFault(l.Path, "a link points to "+file+", which does not exist")
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	c.result.Links++
	why := cause{l.subject(), outside}
	if first, ok := c.outside[why]; outside != "" && (!ok || l.before(first)) {
		c.outside[why] = l
	}
}
