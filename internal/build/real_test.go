package build_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/history"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/samejson"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// The real repository's tree is held by counts and by one hash, of its manifest,
// which has the hash and time of every file.
func TestRealTree(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	s := treetest.Publish(t, repo, build.Options{})
	stored, err := disk.OpenDir(s.Dir)
	if err != nil {
		t.Fatal(err)
	}

	manifest, err := os.ReadFile(filepath.Join(s.Dir, tree.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}

	checkGolden(t, "testdata/real.txt", fmt.Sprintf("release %s\ncounts %+v\nfiles %d\nmanifest %s\n",
		stored.Manifest.ID, s.Grid.Counts(), stored.Manifest.Count(), sum(manifest)))
}

// realSite is the site of a real repository: its files by their paths.
type realSite struct {
	repo  *gitrepo.Repo
	in    build.Input
	made  []tree.File
	files map[string][]byte
	hash  string // of all files' paths, times and bodies
}

// The sites of the real repository, and of the one that has flavors, which tests only read.
var ofReal, ofFlavors = sharedSite{open: treetest.Real}, sharedSite{open: treetest.RealFlavors}

// sharedSite is made once.
type sharedSite struct {
	open func(testing.TB, string) (*gitrepo.Repo, bool)
	once sync.Once
	site *realSite
}

// get returns the site; false without its repository.
func (s *sharedSite) get(t *testing.T) (site *realSite, ok bool) {
	t.Helper()
	s.once.Do(func() { s.site = makeSite(t, s.open) })
	return s.site, s.site != nil
}

func makeSite(t *testing.T, open func(testing.TB, string) (*gitrepo.Repo, bool)) *realSite {
	t.Helper()
	repo, ok := open(t, "../..")
	if !ok {
		return nil
	}

	s := &realSite{repo: repo}
	s.in = treetest.Input(t, s.repo, "", build.Options{})
	s.files = map[string][]byte{}
	var lines []string

	s.made = treetest.Files(t, s.in)
	for _, f := range s.made {
		s.files[f.Path] = f.Body
		lines = append(lines, fmt.Sprintf("%s %s %s\n", f.Path, f.Time.UTC().Format(time.RFC3339), sum(f.Body)))
	}

	slices.Sort(lines)
	s.hash = sum([]byte(strings.Join(lines, "")))
	return s
}

// The real repository that has flavors and hosts of virtual machines: the whole
// of it is held by counts and a hash, every answer by the oracle, and of what
// changed that which the other one does not have.
func TestRealFlavors(t *testing.T) {
	t.Parallel()
	s, ok := ofFlavors.get(t)
	if !ok {
		return
	}

	const newest = 5 // commits that the other one lacks

	t.Run("tree", func(t *testing.T) {
		t.Parallel()
		checkGolden(t, "testdata/flavors.txt", fmt.Sprintf("commit %s\ncounts %+v\nfiles %d\nhash %s\n",
			s.in.History.Head().ID, s.in.Grid.Counts(), len(s.files), s.hash))
	})

	t.Run("answers", func(t *testing.T) {
		t.Parallel()
		s.checkAnswers(t)
	})

	t.Run("histories", func(t *testing.T) {
		t.Parallel()
		versions, _ := s.checkHistories(t, func(log []*history.Commit) bool {
			return slices.ContainsFunc(s.in.History.Commits[:newest],
				func(c *history.Commit) bool { return c.ID == log[0].ID })
		})
		if versions < 16 { // nine flavors and seven nodes
			t.Errorf("only %d versions were looked at", versions)
		}
	})

	t.Run("changes", func(t *testing.T) {
		t.Parallel()
		if compared := s.checkChanges(t, s.in.History.Commits[:newest]); compared != newest {
			t.Errorf("only %d of %d commits were compared", compared, newest)
		}
	})
}

// checkGolden compares a text with a file's, or writes the file.
func checkGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		write(t, golden, []byte(got))
	}

	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}

	if got != string(want) {
		t.Errorf("got\n%swant\n%s(a new compressor may be the reason: then raise Revision)", got, want)
	}
}

// Every item, collection and version of the real repository is as the contract
// says, by another and simpler way of writing them.
func TestRealAnswers(t *testing.T) {
	t.Parallel()
	if s, ok := ofReal.get(t); ok {
		s.checkAnswers(t)
	}
}

func (s *realSite) checkAnswers(t *testing.T) {
	t.Helper()
	grid, hist := s.in.Grid, s.in.History
	got := map[string][]byte{}

	for p, body := range s.files {
		// Schemas, facets and types have tests of their own.
		if others := []string{"openapi.json", "nodes/facets.json", "schemas.json",
			route.HardwareIndex}; strings.HasSuffix(p, ".json") &&
			!strings.HasPrefix(p, "errors/") && !strings.HasPrefix(p, route.AssetDir+"/") &&
			!strings.HasPrefix(p, "schemas/") && !slices.Contains(others, p) && !tellsChanges(p) &&
			!strings.HasPrefix(p, "node_types") {
			got["/"+strings.TrimSuffix(p, ".json")] = body
		}
	}

	want := (&oracle{grid: grid, hist: hist, head: hist.Head().ID.String(), want: map[string]string{}}).answers()
	for p, text := range want {
		if diff := samejson.Diff(got[p], []byte(text)); diff != "" {
			t.Errorf("%s differs %s", p, diff)
		}
	}

	for p := range got {
		if _, ok := want[p]; !ok {
			t.Errorf("%s is not in the contract", p)
		}
	}

	if len(want) < 5000 {
		t.Errorf("only %d answers were compared", len(want))
	}
}

// tellsChanges reports whether a file is one of changes_test.go's.
func tellsChanges(p string) bool {
	name := path.Base(p)
	return name == "changes.json" || name == "history.json" || name == "changes.feed.json"
}

// oracle writes answers by putting text together.
type oracle struct {
	grid *inventory.Grid
	hist *history.History
	head string
	want map[string]string
	all  []string // nodes of all sites

	allFlavors []string // of all sites
}

func (o *oracle) answers() map[string]string {
	g := o.grid
	when := o.hist.Head().Committer.When
	o.want["/index"] = fmt.Sprintf(`{"type":"grid","uid":%q,"version":%q,"timestamp":"%d","links":[%s]}`, g.UID,
		o.head, when.Unix(),
		links("sites", "/sites", "self", "/", "parent", "/", "versions", "/versions"))

	var history []string
	for _, c := range o.hist.Commits {
		id := c.ID.String()
		history = append(history, entry(c, "/versions/"+id, "/"))
		o.want["/versions/"+id] = fmt.Sprintf(`{%s}`, commit(c, c.Body(), c.Committer))
	}

	o.want["/versions"] = fmt.Sprintf(`{"versions":[%s],"version":%q,"links":[%s]}`, strings.Join(history, ","),
		o.head, links("self", "/versions", "parent", "/"))

	var sites []string
	for s := range g.In(inventory.Place{}, route.SiteKind) {
		sites = append(sites, o.site(s))
	}

	o.collection("/sites", "/", sites)
	o.versions("/sites", "/", path.Join(g.Dir, "sites"))
	o.collection("/nodes", "/", o.all)
	o.collection("/flavors", "/", o.allFlavors)

	return o.want
}

func (o *oracle) site(s inventory.Resource) string {
	at := "/sites/" + s.UID
	item := o.item(s.File, []string{"uid", "name", "description", "email_contact", "latitude", "longitude",
		"location", "security_contact",
		"site_class", "sys_admin_contact", "user_support_contact", "web"}, nil,
		links("self", at, "parent", "/", "clusters", at+"/clusters", "flavors", at+"/flavors", "versions",
			at+"/versions", "version", at+"/versions/"+o.head))

	o.want[at] = item
	o.versions(at, "/sites", s.LogPath())
	var clusters []string

	for c := range o.grid.In(s.Place, route.ClusterKind) {
		here := at + "/clusters/" + c.UID
		cluster := o.item(c.File, []string{"uid", "created_at", "queues"},
			map[string]string{"queues": `["admin","default"]`},
			links("self", here, "parent", at, "nodes", here+"/nodes", "versions", here+"/versions", "version",
				here+"/versions/"+o.head))

		clusters = append(clusters, cluster)
		o.want[here] = cluster
		o.versions(here, here, c.LogPath())
		var nodes []string

		for n := range o.grid.In(c.Place, route.NodeKind) {
			self := here + "/nodes/" + n.UID
			o.want[self] = o.item(n.File, []string{"uid", "node_name", "node_type"}, nil,
				links("self", self, "parent", here, "versions", self+"/versions", "version",
					self+"/versions/"+o.head))
			nodes = append(nodes, o.want[self])
			o.all = append(o.all, o.found(n.File, s.UID, c.UID))
			o.versions(self, self, n.File.Path)
		}

		o.collection(here+"/nodes", here, nodes)
	}

	o.collection(at+"/clusters", at, clusters)
	o.versions(at+"/clusters", at, path.Join(s.LogPath(), "clusters"))
	o.flavors(s, at)
	o.versions(at+"/flavors", at, path.Join(s.LogPath(), "flavors"))

	return item
}

func (o *oracle) flavors(s inventory.Resource, at string) {
	var flavors []string
	for f := range o.grid.In(s.Place, route.FlavorKind) {
		self := at + "/flavors/" + f.UID
		o.want[self] = o.item(f.File,
			[]string{"uid", "name", "vcpus", "ram_size", "humanized_ram_size", "disk_size", "humanized_disk_size",
				"gpu",
				"openstack_properties", "su_cost_per_hour"}, nil,
			links("self", self, "parent", at, "versions", self+"/versions", "version", self+"/versions/"+o.head))

		flavors = append(flavors, o.want[self])

		members := []string{fmt.Sprintf(`"uid":%s,"site_id":%q`, f.File.Get("uid"), s.UID)}
		for m := range f.File.Members() {
			if m.Name != "uid" {
				members = append(members, fmt.Sprintf("%q:%s", m.Name, m.Value))
			}
		}

		o.allFlavors = append(o.allFlavors, "{"+strings.Join(members, ",")+"}")
		o.versions(self, self, f.File.Path)
	}

	o.collection(at+"/flavors", at, flavors)
}

func (o *oracle) item(f inventory.File, first []string, absent map[string]string, links string) string {
	var members []string
	for _, name := range first {
		value := string(f.Get(name))
		if value == "" {
			value = "null"
			if v, ok := absent[name]; ok {
				value = v
			}
		}
		members = append(members, fmt.Sprintf("%q:%s", name, value))
	}

	members = append(members, fmt.Sprintf(`"version":%q,"links":[%s]`, o.head, links))
	for m := range f.Members() {
		if !slices.Contains(first, m.Name) {
			members = append(members, fmt.Sprintf("%q:%s", m.Name, m.Value))
		}
	}

	return "{" + strings.Join(members, ",") + "}"
}

// found is a node in a search, without its availability.
func (o *oracle) found(f inventory.File, site, cluster string) string {
	members := []string{fmt.Sprintf(`"uid":%s,"node_type":%s,"site_id":%q,"cluster_id":%q`, f.Get("uid"),
		f.Get("node_type"), site, cluster)}
	for m := range f.Members() {
		if m.Name != "uid" && m.Name != "node_type" {
			members = append(members, fmt.Sprintf("%q:%s", m.Name, m.Value))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (o *oracle) collection(at, parent string, items []string) {
	o.want[at] = fmt.Sprintf(`{"total":%d,"offset":0,"items":[%s],"version":%q,"links":[%s]}`,
		len(items), strings.Join(items, ","), o.head, links("self", at, "parent", parent))
}

func (o *oracle) versions(of, listParent, gitPath string) {
	var entries []string
	details := map[string]*history.Commit{}
	for i, c := range o.hist.Log(gitPath) {
		id := c.ID.String()
		entries = append(entries, entry(c, of+"/versions/"+id, of))
		details[id] = c
		if i == 0 {
			details[o.head] = c
		}
	}

	for id, c := range maps.All(details) {
		at := of + "/versions/" + id
		o.want[at] = fmt.Sprintf(`{%s,"links":[%s]}`, commit(c, c.Body(), c.Committer),
			links("self", at, "parent", of))
	}

	o.collection(of+"/versions", listParent, entries)
}

func entry(c *history.Commit, self, parent string) string {
	return fmt.Sprintf(`{%s,"links":[%s]}`, commit(c, c.Subject(), c.Author), links("self", self, "parent", parent))
}

func commit(c *history.Commit, message string, who history.Signature) string {
	return fmt.Sprintf(`"uid":%q,"message":%s,"date":%q,"author":%s,"type":"version"`, c.ID.String(), quote(message),
		who.When.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), quote(c.Author.Name))
}

func quote(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(text)
}

func links(relHref ...string) string {
	var all []string
	for pair := range slices.Chunk(relHref, 2) {
		all = append(all, fmt.Sprintf(`{"rel":%q,"href":%q}`, pair[0], pair[1]))
	}
	return strings.Join(all, ",")
}
