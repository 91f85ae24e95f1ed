package build_test

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// planned is a file as it was before it was rendered, and as it is then.
type planned struct{ plan, made tree.File }

// planOf yields and renders the files of a site.
func planOf(t *testing.T, in build.Input) map[string]planned {
	t.Helper()
	all := map[string]planned{}
	for f, err := range build.Files(in) {
		if err != nil {
			t.Fatal(err)
		}
		made, err := f.Rendered()
		if err != nil {
			t.Fatal(err)
		}
		all[f.Path] = planned{f, made}
	}

	return all
}

// What is declared of a file is what it has when it is rendered.
func checkDeclared(t *testing.T, in build.Input) map[string]planned {
	t.Helper()
	all := planOf(t, in)
	count := map[tree.Class]int{}
	for p, f := range all {
		count[f.plan.Class]++
		if f.made.Path != p || f.made.Class != f.plan.Class || !f.made.Time.Equal(f.plan.Time) ||
			f.made.Fingerprint != f.plan.Fingerprint || f.made.Body == nil || f.made.Render != nil {
			t.Errorf("%s is rendered as another file", p)
		}
		if f.plan.Class != tree.OfHead && f.plan.Fingerprint == "" {
			t.Errorf("%s depends on a commit or a path, and has no fingerprint", p)
		}

		if f.plan.Fingerprint == "" {
			continue
		}
		declared, recorded := map[string]bool{}, map[string]bool{}
		addAll(declared, f.plan.Links)
		addAll(recorded, f.made.Links)

		if strings.HasPrefix(p, "hardware/changes/") { // may leave out what it would link to
			maps.DeleteFunc(declared, func(link string, _ bool) bool { return !recorded[link] })
		}
		if !maps.Equal(declared, recorded) {
			t.Errorf("%s declares the links\n%q, and has\n%q", p, slices.Sorted(maps.Keys(declared)),
				slices.Sorted(maps.Keys(recorded)))
		}
	}

	for _, class := range []tree.Class{tree.OfHead, tree.OfPath, tree.Immutable} {
		if count[class] < 10 {
			t.Errorf("only %d files have class %s", count[class], class)
		}
	}

	return all
}

func TestDeclaredIsRendered(t *testing.T) {
	t.Parallel()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	checkDeclared(t, treetest.Input(t, repo, "", build.Options{Base: "/ref", URL: "https://api.example/ref"}))
}

func TestRealDeclaredIsRendered(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.RealFlavors(t, "../..")
	if !ok {
		return
	}

	newest := checkDeclared(t, treetest.Input(t, repo, "", build.Options{}))
	older := planOf(t, treetest.Input(t, repo, "HEAD~5", build.Options{}))
	same := 0
	for p, f := range older {
		g, ok := newest[p]
		if !ok || f.plan.Fingerprint == "" || f.plan.Fingerprint != g.plan.Fingerprint {
			continue
		}
		if same++; !bytes.Equal(f.made.Body, g.made.Body) || !f.made.Time.Equal(g.made.Time) {
			t.Errorf("%s has the fingerprint of other bytes or another time", p)
		}
	}

	if same < 5000 {
		t.Errorf("only %d files have the same fingerprint in both releases", same)
	}
}

// Whatever two builds are of, files of one path and fingerprint have the same bytes,
// links and time.
func TestFingerprintsTellBytesApart(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	archive, names := drawHistory(random)
	repo := treetest.Repo(t, archive)

	defer func() {
		if t.Failed() {
			t.Logf("seed %d:\n%s", seed, archive)
		}
	}()

	type key struct{ path, fingerprint string }
	seen := map[key]tree.File{}
	same := map[tree.Class]int{}
	for range 8 {
		in := treetest.Input(t, repo, names[random.IntN(len(names))], build.Options{})
		if random.IntN(4) == 0 {
			in.URL = "https://api.example.org"
		}
		if random.IntN(8) == 0 {
			in.Edited = in.History.Head().Committer.When.Add(1)
		}

		for p, f := range planOf(t, in) {
			if f.plan.Fingerprint == "" {
				continue
			}

			k := key{p, f.plan.Fingerprint}
			old, ok := seen[k]
			if seen[k] = f.made; !ok {
				continue
			}

			same[f.made.Class]++
			if !bytes.Equal(old.Body, f.made.Body) || old.Class != f.made.Class || !slices.Equal(old.Links, f.made.Links) {
				t.Errorf("%s has the fingerprint of other bytes, links or class", p)
			}
		}
	}

	if same[tree.Immutable] < 100 || same[tree.OfPath] < 5 {
		t.Errorf("only %d immutable files and %d of a path were compared", same[tree.Immutable], same[tree.OfPath])
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	in := input(t, changing, "merged", build.Options{})
	got := planOf(t, in)
	start, head := commitNamed(t, in, "Start"), in.History.Head().ID.String()
	for _, tt := range []struct {
		path  string
		class tree.Class
	}{
		{"index.json", tree.OfHead},
		{"versions.json", tree.OfHead},
		{"versions/" + start + ".json", tree.Immutable},
		{"versions/" + head + ".json", tree.Immutable},
		{"versions/" + start + "/changes.json", tree.Immutable},
		{"sites/s.json", tree.OfHead},
		{"sites/s/versions.json", tree.OfHead},
		{"sites/s/versions/" + start + ".json", tree.Immutable},
		{"sites/s/history.json", tree.OfPath},
		{"sites/s/flavors/m1/history.json", tree.OfPath},
		{"sites/s/flavors/m1/versions/" + start + ".json", tree.Immutable},
		{"sites/s/flavors/m1/versions/" + head + ".json", tree.OfHead}, // HEAD did not touch it
		{"openapi.json", tree.OfHead},
		{"hardware/index.html", tree.OfHead},
		{"hardware/sites/s/index.html", tree.OfHead},
		{"hardware/sites/s/history/index.html", tree.OfPath},
		{"hardware/sites/s/clusters/c/nodes/n/index.html", tree.OfPath},
		{"hardware/sites/s/clusters/c/nodes/n/history/index.html", tree.OfPath},
		{"hardware/node/n/index.html", tree.OfPath},
		{"hardware/changes/index.html", tree.OfHead},
		{"hardware/changes/2025/index.html", tree.OfHead},
		{"hardware/changes/" + start + "/index.html", tree.Immutable},
		{"robots.txt", tree.OfHead},
	} {
		if f, ok := got[tt.path]; !ok || f.plan.Class != tt.class {
			t.Errorf("%s has class %s, want %s", tt.path, f.plan.Class, tt.class)
		}
	}

	for p, f := range got {
		isHashed := strings.HasPrefix(p, "assets/")
		if isHashed != (f.plan.Class == tree.Immutable && f.plan.Time.Equal(got["robots.txt"].plan.Time)) {
			t.Errorf("%s has class %s, and its name a hash: %v", p, f.plan.Class, isHashed)
		}
	}
}
