// Package release reads a published release for the live service: its nodes with the
// facts to search by, which resources exist, and the versions.
package release

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hardware"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Release is a published release. It never changes.
type Release struct {
	ID        string
	Published string // URL of the published site, or the path that its links start with
	Links     api.Links
	Live      time.Time // when the release went live, UTC
	Generator string
	Timestamp api.Timestamp // committer time
	Nodes     []Node        // by the uids of site, cluster and node, bytewise
	Words     *hardware.Words

	manifest  *tree.Manifest
	readFile  func(file string) ([]byte, error)
	siteNames map[string]string        // what people call the sites, by their uids
	clusters  map[clusterKey]nodeRange // those that have nodes
	commits   []string                 // full hashes, sorted
}

type clusterKey struct{ site, cluster string }

// nodeRange is the range [from, to) of Nodes.
type nodeRange struct{ from, to int }

// Open reads the live release of an output directory.
func Open(root string) (*Release, error) {
	return (*Release)(nil).openNext(root)
}

// openNext reads the live release of an output directory, after another one.
func (r *Release) openNext(root string) (*Release, error) {
	live, err := disk.Open(root)
	if err != nil {
		return nil, err
	}
	return r.Next(live.Manifest, live.Live, live.ReadFile)
}

// New returns the release of a manifest, which went live at a time. It calls readFile
// with the paths of the release's files, now and later.
func New(m *tree.Manifest, live time.Time, readFile func(file string) ([]byte, error)) (*Release, error) {
	return (*Release)(nil).Next(m, live, readFile)
}

// Next is like [New], for a release that follows another one: nodes that are as before are
// not parsed again. Commits change few nodes, and answers must not wait while processors
// read thousands of others.
func (r *Release) Next(m *tree.Manifest, live time.Time, readFile func(file string) ([]byte, error)) (*Release, error) {
	before := r
	r = &Release{
		ID:        m.ID,
		Published: m.Published(),
		Links:     api.Links{Version: m.Commit, Base: m.Base()},
		Live:      live.UTC(),
		Generator: m.Generator,
		manifest:  m,
		readFile:  readFile,
		clusters:  map[clusterKey]nodeRange{},
	}

	failed := func(err error) error { return fmt.Errorf("read release %s: %w", r.ID, err) }

	var grid struct {
		Timestamp api.Timestamp `json:"timestamp"`
	}
	if err := r.read(&grid, route.Root); err != nil {
		return nil, failed(err)
	}

	r.Timestamp = grid.Timestamp
	if err := r.readNodes(before); err != nil {
		return nil, failed(err)
	}
	if err := r.readHistory(); err != nil {
		return nil, failed(err)
	}

	return r, nil
}

// read reads a file of the release.
func (r *Release) read(into any, id route.ID, args ...string) error {
	name := id.File(args...)
	src, err := r.readFile(name)
	if err != nil {
		return err
	}
	if err := api.Decode(src, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	return nil
}

// Collection is the body of a collection. A slice of it differs in offset and items.
type Collection struct {
	Total  int             `json:"total"`
	Offset int             `json:"offset"`
	Items  []rawjson.Value `json:"items"`
	Others rawjson.Value   `json:",embed"`
}

var errFormat = errors.New("not in the format that refgen writes")

// readNodes reads the nodes. It keeps what is known of those of a release before it, nil
// for none.
func (r *Release) readNodes(before *Release) error {
	var entries Collection
	if err := r.read(&entries, route.AllNodes); err != nil {
		return err
	}

	var err error
	if r.siteNames, err = r.readSiteNames(); err != nil {
		return err
	}

	known := newKnownNodes(before, r.siteNames)
	r.Nodes = make([]Node, 0, len(entries.Items))
	for _, text := range entries.Items {
		n, ok := known.find(text)
		if !ok {
			if n, err = parseNode(text, r.siteNames); err != nil {
				return fmt.Errorf("%s: %w", route.AllNodes.File(), err)
			}
		}
		r.Nodes = append(r.Nodes, n)
	}

	if !slices.IsSortedFunc(r.Nodes, compareNodes) {
		return fmt.Errorf("%s: %w", route.AllNodes.File(), errFormat)
	}

	if known.isAll(r.Nodes) {
		r.Words = before.Words
	} else {
		r.Words = newWords(r.Nodes)
	}

	for i := range r.Nodes {
		key := clusterKey{r.Nodes[i].Site, r.Nodes[i].Cluster}
		s, ok := r.clusters[key] // a cluster's nodes are contiguous
		if !ok {
			s.from = i
		}
		s.to = i + 1
		r.clusters[key] = s
	}

	return nil
}

// readSiteNames returns what people call the sites, by their uids.
func (r *Release) readSiteNames() (map[string]string, error) {
	var sites Collection
	if err := r.read(&sites, route.Sites); err != nil {
		return nil, err
	}

	names := map[string]string{}
	for _, text := range sites.Items {
		site, err := rawjson.Parse(text, rawjson.Limits{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", route.Sites.File(), err)
		}
		uid, _ := site.String("uid")
		names[uid], _ = site.String("name")
	}
	return names, nil
}

// compareNodes orders nodes by site, cluster and uid.
func compareNodes(a, b Node) int {
	return cmp.Or(strings.Compare(a.Site, b.Site), strings.Compare(a.Cluster, b.Cluster),
		strings.Compare(a.UID, b.UID))
}

func (r *Release) readHistory() error {
	var log struct {
		Versions []struct {
			UID api.SHA `json:"uid"`
		} `json:"versions"`
	}
	if err := r.read(&log, route.Versions); err != nil {
		return err
	}

	for _, v := range log.Versions {
		r.commits = append(r.commits, v.UID)
	}

	slices.Sort(r.commits)
	return nil
}

// Has reports whether a static resource exists. An error means that nobody knows, since
// the release is damaged or was deleted.
func (r *Release) Has(id route.ID, args ...string) (bool, error) {
	e, err := r.manifest.Find(id.File(args...))
	if err != nil {
		return false, fmt.Errorf("read release %s: %w", r.ID, err)
	}
	return e != nil, nil
}

// Index returns the index of a node in Nodes.
func (r *Release) Index(site, cluster, uid string) (int, bool) {
	s := r.clusters[clusterKey{site, cluster}]
	i, ok := slices.BinarySearchFunc(r.Nodes[s.from:s.to], uid,
		func(n Node, uid string) int { return strings.Compare(n.UID, uid) })
	return s.from + i, ok
}

// Cluster returns the range [from, to) of a cluster's nodes in Nodes.
func (r *Release) Cluster(site, cluster string) (from, to int) {
	s := r.clusters[clusterKey{site, cluster}]
	return s.from, s.to
}

// Collection returns a complete collection; false if it does not exist. An error means
// that the release is damaged or was deleted.
func (r *Release) Collection(id route.ID, args ...string) (c Collection, ok bool, err error) {
	if ok, err := r.Has(id, args...); !ok || err != nil {
		return c, false, err
	}
	if err := r.read(&c, id, args...); err != nil {
		return c, true, fmt.Errorf("read release %s: %w", r.ID, err)
	}
	return c, true, nil
}

// NodesOf returns the uids of a site's nodes, sorted.
func (r *Release) NodesOf(site string) (uids []string) {
	for i := range r.Nodes {
		if r.Nodes[i].Site == site {
			uids = append(uids, r.Nodes[i].UID)
		}
	}
	slices.Sort(uids)
	return uids
}

// Sites returns the uids of all sites; none if the release is damaged.
func (r *Release) Sites() []string { return r.uids(route.Sites) }

// Flavor is a flavor of a site.
type Flavor struct {
	Site, UID string
	Texts     []string // that a search looks at
}

// Flavors returns the flavors of all sites, ordered by the uids of site and flavor; none if
// the release is damaged.
func (r *Release) Flavors() (flavors []Flavor) {
	var list struct {
		Items []rawjson.Value `json:"items"`
	}
	_ = r.read(&list, route.AllFlavors)
	for _, item := range list.Items {
		file := hardware.Parse(item)
		uid, site := file.Get("uid").String(), file.Get("site_id").String()
		flavors = append(flavors, Flavor{site, uid, hardware.FlavorTexts(file, uid, site, r.siteNames[site])})
	}
	return flavors
}

// FlavorsOf returns the uids of a site's flavors; none if the release is damaged.
func (r *Release) FlavorsOf(site string) []string { return r.uids(route.Flavors, site) }

func (r *Release) uids(id route.ID, args ...string) (uids []string) {
	var list struct {
		Items []struct {
			UID string `json:"uid"`
		} `json:"items"`
	}
	_ = r.read(&list, id, args...) // a site without flavors has no list of them

	for _, item := range list.Items {
		uids = append(uids, item.UID)
	}
	return uids
}

// Version returns the path of a version's file by an id that has no file of its own:
// HEAD, an abbreviated hash, or a commit that did not change the resource. The last of
// args is that id; the others name the resource.
func (r *Release) Version(detail route.ID, args ...string) (path string, ok bool, err error) {
	of, id := args[:len(args)-1], args[len(args)-1]
	full := r.Links.Version
	if id != "HEAD" {
		if full, ok = r.commit(id); !ok {
			return "", false, nil
		}
	}

	// Where the commit has no file, the newest version answers.
	for _, sha := range []string{full, r.Links.Version} {
		at := append(slices.Clone(of), sha)
		if ok, err = r.Has(detail, at...); err != nil {
			return "", false, err
		}
		if ok {
			return r.Links.Href(detail, at...), true, nil
		}
	}

	return "", false, nil
}

// commit returns the only commit of the history whose hash has a prefix; false if there
// is none or several.
func (r *Release) commit(prefix string) (string, bool) {
	if !route.IsVersionID(prefix) {
		return "", false
	}

	i, _ := slices.BinarySearch(r.commits, prefix)
	if i == len(r.commits) || !strings.HasPrefix(r.commits[i], prefix) {
		return "", false
	}
	if i+1 < len(r.commits) && strings.HasPrefix(r.commits[i+1], prefix) {
		return "", false
	}

	return r.commits[i], true
}
