package build

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// builder yields the files of the tree until its reader has had enough.
type builder struct {
	Input
	examples examples

	times   *history.Times
	head    time.Time // of what names HEAD, or shows files that are not committed
	assets  time.Time // of what changes with the generator and the options only
	seed    [sha256.Size]byte
	commits map[*history.Commit]named

	links    api.Links
	recorded []string // links of the document that is rendered

	pages      *page.Renderer
	listed     []listedPage // in the sitemap
	pageLinks  *page.Links  // of pages that are not rendered yet
	pageDigest string       // of what all pages are made with

	// What several files are made from: the first of them that is rendered waits for it.
	nodes   func() []hardware.Node
	browser func() (*page.Hardware, error)
	told    func() (*page.Changes, error)
	newest  func() (map[string]*history.Commit, error) // see newestByType

	top   map[string]bool // what was yielded for the root; true for a directory
	yield func(tree.File, error) bool
	done  bool
}

// named is a commit as files name it.
type named struct {
	id          string
	fingerprint string // of a file that depends on this commit alone
	modified    time.Time
}

func newBuilder(in Input, yield func(tree.File, error) bool) *builder {
	b := &builder{Input: in, examples: newExamples(in.Grid), yield: yield, top: map[string]bool{}}
	if in.Host != "" {
		b.yield = b.flat(b.yield)
	}
	if len(in.Only) > 0 {
		b.yield = b.only(b.yield)
	}
	b.links = in.links(in.History.Head().ID.String())
	b.links.Record = b.record
	b.setTimes()
	b.seed = seedOf(&in)

	b.commits = make(map[*history.Commit]named, len(in.History.Commits))
	for _, c := range in.History.Commits {
		id := c.ID.String()
		b.commits[c] = named{id, b.fingerprint(id), b.times.Modified(c)}
	}

	return b
}

// prepare prepares the pages, and what several files are made from.
func (b *builder) prepare(assets []page.Asset) (*page.Renderer, error) {
	pages, err := page.New(b.pageOptions(), assets)
	if err != nil {
		return nil, err
	}
	b.pages = pages
	if b.pageDigest, err = page.Digest(assets); err != nil {
		return nil, err
	}
	if b.pageLinks, err = pages.Links(); err != nil {
		return nil, err
	}

	b.nodes = sync.OnceValue(func() []hardware.Node { return nodesOf(b.Grid) })
	b.browser = sync.OnceValues(func() (*page.Hardware, error) { return pages.Hardware(b.Grid, b.nodes()) })
	b.told = sync.OnceValues(func() (*page.Changes, error) {
		log, err := b.Changes()
		if err != nil {
			return nil, err
		}
		browser, err := b.browser()
		if err != nil {
			return nil, err
		}
		return browser.Changes(b.History, log), nil
	})

	b.newest = sync.OnceValues(b.newestByType)
	return pages, nil
}

// seedOf is a digest of what crosses every file that depends on commits.
func seedOf(in *Input) [sha256.Size]byte {
	var boundary []history.Hash
	for _, c := range in.History.Commits {
		if c.Boundary {
			boundary = append(boundary, c.ID)
		}
	}

	// Encoding a struct of strings and numbers cannot fail.
	input, _ := json.Marshal(struct {
		Generator, DataDir, GridFile string
		Revision                     int
		Options                      Options
		Boundary, Substitutes        []history.Hash
		Mailmap                      []history.Hash `json:",omitempty"`
	}{Generator, in.Grid.Dir, in.Grid.File.Path, Revision, in.Options, boundary, in.Substitutes,
		mailmapOf(in.History, in.Options)})

	return sha256.Sum256(input)
}

// fingerprint is a digest of the seed and of inputs of a file.
func (b *builder) fingerprint(inputs ...string) string {
	hash := sha256.New()
	hash.Write(b.seed[:])
	for _, input := range inputs {
		fmt.Fprintf(hash, "%d %s", len(input), input)
	}
	return hex.EncodeToString(hash.Sum(nil)[:fingerprintBytes])
}

// fingerprintBytes is how many bytes of a digest make a fingerprint.
const fingerprintBytes = 16

// declared makes links that are not recorded: those of a file that is not rendered yet.
func (b *builder) declared() api.Links { return b.Options.links(b.links.Version) }

// record notes a link that was made: the document that is being rendered has it.
func (b *builder) record(href string) { b.recorded = append(b.recorded, href) }

// emit yields a file that is rendered when it is asked for: render sets its body, and
// those of its links that are not recorded.
func (b *builder) emit(f tree.File, render func(*tree.File) error) {
	if b.done {
		return
	}

	f.Render = func() (tree.File, error) {
		made := f
		made.Render, made.Links, b.recorded = nil, nil, nil
		if err := render(&made); err != nil {
			return tree.File{}, fmt.Errorf("render %s: %w", f.Path, err)
		}
		made.Links = append(made.Links, b.recorded...)
		b.recorded = nil // they are not those of the next file
		return made, nil
	}

	b.done = !b.yield(f, nil)
}

// emitMade yields a file that changes with the generator and the options only. It costs
// little, and so its bytes are its fingerprint.
func (b *builder) emitMade(f tree.File) {
	f.Links = append(f.Links, b.recorded...)
	b.recorded = nil

	sum := sha256.Sum256(f.Body)
	f.Fingerprint = hex.EncodeToString(sum[:fingerprintBytes])
	f.Time = b.assets
	if !b.done {
		b.done = !b.yield(f, nil)
	}
}

// content makes the body of a file.
type content func() ([]byte, error)

// document is the content that is a value of package api.
func document[T any](value func() T) content {
	return func() ([]byte, error) { return api.Encode(value()), nil }
}

// emitBody yields a file whose links are recorded as its body is made.
func (b *builder) emitBody(f tree.File, body content) {
	b.emit(f, func(f *tree.File) (err error) {
		f.Body, err = body()
		return err
	})
}

// put yields the answer to a route at HEAD.
func (b *builder) put(id route.ID, body content, args ...string) {
	b.emitBody(tree.File{Path: id.File(args...), Time: b.head}, body)
}

// frameSize is about how long a collection's text is without items.
const frameSize = 512

// sizeOf is about how long the texts of items are: collections are the largest files,
// and should not be copied while they grow. 0 is unknown.
func sizeOf[T any](items []T) (size int) {
	for _, item := range items {
		switch item := any(item).(type) {
		case api.Later:
			size += item.Size + len(",")
		case rawjson.Value:
			size += len(item) + len(",")
		}
	}
	return size
}

// putCollection yields a collection of total items, of which first makes the first n.
func putCollection[T any](
	b *builder, id route.ID, total int, first func(n int) ([]T, error), args ...string,
) {
	encode := func(items []T) []byte {
		return api.EncodeSized(api.NewCollection(b.links, id, items, total, 0, args...), sizeOf(items)+frameSize)
	}

	if total > 0 {
		b.examples.offer(id, func() ([]byte, error) {
			items, err := first(min(maxExampleItems, total))
			return encode(exampleItems(items)), err
		}, args...)
	}

	b.put(id, func() ([]byte, error) {
		items, err := first(total)
		return encode(items), err
	}, args...)
}
