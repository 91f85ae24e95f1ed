// Package catalog owns the testbed as a published release shows it: its nodes
// and what can be searched for in them, what exists, and the versions.
package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Catalog is one release. It never changes.
type Catalog struct {
	Release   string // the release's id
	Links     api.Links
	Live      time.Time // when the release went live, UTC
	Generator string
	Timestamp api.Timestamp // committer time
	Nodes     []Node        // by the uids of site, cluster and node, bytewise

	tree     *disk.Tree
	clusters map[clusterKey]span // that have nodes
	history  []string            // full hashes, sorted
}

type clusterKey struct{ site, cluster string }

// span is a range of Nodes.
type span struct{ from, to int }

// Open reads the live release of an output directory.
func Open(root string) (*Catalog, error) {
	tree, err := disk.Open(root)
	if err != nil {
		return nil, err
	}
	c := &Catalog{
		Release:   tree.Manifest.ID,
		Links:     api.Links{Version: tree.Manifest.Commit, Base: tree.Manifest.Base()},
		Live:      tree.Live.UTC(),
		Generator: tree.Manifest.Generator,
		tree:      tree,
		clusters:  map[clusterKey]span{},
	}
	failed := func(err error) error { return fmt.Errorf("read release %s: %w", c.Release, err) }

	var grid struct {
		Timestamp api.Timestamp `json:"timestamp"`
	}
	if err := c.read(&grid, route.Root); err != nil {
		return nil, failed(err)
	}
	c.Timestamp = grid.Timestamp
	if err := c.readNodes(); err != nil {
		return nil, failed(err)
	}
	if err := c.readHistory(); err != nil {
		return nil, failed(err)
	}
	return c, nil
}

// read reads a file of the release.
func (c *Catalog) read(into any, id route.ID, args ...string) error {
	name := id.File(args...)
	src, err := os.ReadFile(filepath.Join(c.tree.Dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	if err := api.Decode(src, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// items reads the items of a collection, as their text.
func (c *Catalog) items(id route.ID, args ...string) ([]rawjson.Value, error) {
	var collection api.Collection[rawjson.Value]
	if err := c.read(&collection, id, args...); err != nil {
		return nil, err
	}
	return collection.Items, nil
}

var errShape = errors.New("it is not of the form that refgen writes")

func (c *Catalog) readNodes() error {
	entries, err := c.items(route.AllNodes)
	if err != nil {
		return err
	}
	c.Nodes = make([]Node, 0, len(entries))
	for _, text := range entries {
		n, err := newNode(text)
		if err != nil {
			return fmt.Errorf("%s: %w", route.AllNodes.File(), err)
		}
		c.Nodes = append(c.Nodes, n)
	}
	if !slices.IsSortedFunc(c.Nodes, compare) {
		return fmt.Errorf("%s: %w", route.AllNodes.File(), errShape)
	}
	for i := range c.Nodes {
		key := clusterKey{c.Nodes[i].Site, c.Nodes[i].Cluster}
		s, ok := c.clusters[key]
		if !ok {
			s.from = i
		}
		s.to = i + 1
		c.clusters[key] = s
	}
	return nil
}

// compare orders nodes by site, cluster and uid.
func compare(a, b Node) int {
	return cmp.Or(strings.Compare(a.Site, b.Site), strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.UID, b.UID))
}

func (c *Catalog) readHistory() error {
	var log struct {
		Versions []struct {
			UID api.SHA `json:"uid"`
		} `json:"versions"`
	}
	if err := c.read(&log, route.Versions); err != nil {
		return err
	}
	for _, v := range log.Versions {
		c.history = append(c.history, v.UID)
	}
	slices.Sort(c.history)
	return nil
}

// Has reports whether a static resource exists.
func (c *Catalog) Has(id route.ID, args ...string) bool {
	return c.tree.Manifest.Lookup(id.File(args...)) != nil
}

// Index finds a node: its place in Nodes.
func (c *Catalog) Index(site, cluster, uid string) (int, bool) {
	s := c.clusters[clusterKey{site, cluster}]
	i, ok := slices.BinarySearchFunc(c.Nodes[s.from:s.to], uid, func(n Node, uid string) int { return strings.Compare(n.UID, uid) })
	return s.from + i, ok
}

// Cluster returns which of Nodes are a cluster's, by uid.
func (c *Catalog) Cluster(site, cluster string) (from, to int) {
	s := c.clusters[clusterKey{site, cluster}]
	return s.from, s.to
}

// Items are the items of a collection, complete; false where there is no such
// collection. The error is for a release that is damaged or gone.
func (c *Catalog) Items(id route.ID, args ...string) (items []rawjson.Value, ok bool, err error) {
	if !c.Has(id, args...) {
		return nil, false, nil
	}
	items, err = c.items(id, args...)
	if err != nil {
		return nil, true, fmt.Errorf("read release %s: %w", c.Release, err)
	}
	return items, true, nil
}

// Version finds the address of one version of a resource by what may stand for
// it: HEAD, the start of a hash, or the hash of a commit that did not touch the
// resource. The last of args is that id; the rest name the resource.
func (c *Catalog) Version(detail route.ID, args ...string) (path string, ok bool) {
	of, id := args[:len(args)-1], args[len(args)-1]
	full := c.Links.Version
	if id != "HEAD" {
		if full, ok = c.commit(id); !ok {
			return "", false
		}
	}
	for _, sha := range []string{full, c.Links.Version} {
		at := append(slices.Clone(of), sha)
		if c.Has(detail, at...) {
			return c.Links.Href(detail, at...), true
		}
	}
	return "", false
}

// commit finds the one commit of the history whose hash starts so.
func (c *Catalog) commit(prefix string) (string, bool) {
	if !route.IsVersionID(prefix) {
		return "", false
	}
	i, _ := slices.BinarySearch(c.history, prefix)
	if i == len(c.history) || !strings.HasPrefix(c.history[i], prefix) {
		return "", false
	}
	if i+1 < len(c.history) && strings.HasPrefix(c.history[i+1], prefix) {
		return "", false
	}
	return c.history[i], true
}
