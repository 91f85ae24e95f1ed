package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// The nodes of the sample.
const (
	na01 = "0a1f3c52-6d1b-4f0e-9a77-2b8d5e1c4a01"
	na02 = "1b2e4d63-7e2c-4a1f-8b66-3c9e6f2d5b02"
	na03 = "2c3d5e74-8f3d-4b2e-9c55-4daf703e6c03"
	na04 = "3d4c6f85-904e-4c3d-8d44-5eb0814f7d04"
	nb01 = "4e5b7096-a15f-4d4c-9e33-6fc192508e05"
	nb02 = "5f6a81a7-b260-4e5b-8f22-70d2a3619f06"
	na05 = "607992b8-c371-4f6a-9011-81e3b472a007"
)

// northern is what the Blazar of the site north says: na01 is reserved, na02
// and nb02 are in maintenance, na03 is kept for a project, na04 will be
// reserved, and nb01 is not known.
func northern() blazartest.Data {
	broken := blazartest.Host("2", na02)
	broken["reservable"] = false
	kept := blazartest.Host("3", na03)
	kept["authorized_projects"] = blazartest.SecretProject
	disabled := blazartest.Host(6, nb02)
	disabled["disabled"] = true
	return blazartest.Data{
		Hosts: []any{blazartest.Host("1", na01), broken, kept, blazartest.Host("4", na04), disabled,
			blazartest.Host("7", na05)},
		Allocations: []any{
			blazartest.Allocation("1",
				blazartest.Reservation("2020-01-01T00:00:00.000000", "2099-01-01T00:00:00.000000"),
				blazartest.Reservation("2019-01-01 00:00:00.250000", "2019-01-02 00:00")),
			blazartest.Allocation("4",
				blazartest.Reservation("2099-01-01T00:00:00.000000", "2099-01-02T00:00:00.000000")),
			blazartest.Allocation("7"),
		},
	}
}

// southern is what the Blazar and the Nova of the site south say.
func southern() blazartest.Data {
	return blazartest.Data{Flavors: []blazartest.Flavor{{ID: "f1", Name: "m1.large", Entries: []any{blazartest.Row{
		"flavor_id": "f1",
		"availability": []any{blazartest.Row{"start": "2099-01-01 00:00", "end": "2099-01-02 00:00",
			"available": 26, "total": 28}},
	}}}}}
}

// trees are published once, because it takes seconds, and removed when all tests
// have ended.
type trees struct {
	testing.TB // of the test that comes first
	once       sync.Once
	sample     treetest.Site
	cleanups   []func()
}

var shared trees

// Cleanup puts off what the publisher wants done.
func (s *trees) Cleanup(f func()) { s.cleanups = append(s.cleanups, f) }

func (s *trees) remove() {
	for _, f := range s.cleanups {
		f()
	}
}

// sampleTree is that of the sample. It must not be changed.
func sampleTree(t testing.TB) treetest.Site {
	t.Helper()
	shared.once.Do(func() {
		shared.TB = t
		shared.sample = treetest.Sample(&shared, build.Options{})
	})
	return shared.sample
}

// testbed is all that availapi needs: the sample, with a cloud for north and
// one for south. Nobody answers for the lab.
type testbed struct {
	tree         treetest.Site
	north, south *blazartest.Cloud
	clouds       string // clouds.yaml
	dir          string
}

func newTestbed(t testing.TB) *testbed {
	t.Helper()
	b := &testbed{tree: sampleTree(t), north: blazartest.NewCloud(t), south: blazartest.NewCloud(t), dir: t.TempDir()}
	b.north.Set(northern())
	b.south.Set(southern())
	b.clouds = blazartest.WriteClouds(t, map[string]string{
		"chi_north": b.north.Entry(),
		"chi_south": b.south.Entry(),
		"chi_lab": strings.Replace(b.north.Entry(), b.north.Keystone.URL,
			"http://"+nginxtest.FreeAddress(t)+"/v3", 1),
	})

	return b
}

// settings are those of the testbed's whole configuration.
const settings = `
[availability]
poll_interval_seconds = 600
[availability.sites]
north = { cloud = "chi_north", lead_minutes = 30 }
lab = { cloud = "chi_lab" }
[flavor_availability.sites]
south = { cloud = "chi_south" }
`

// getenv is an environment with clouds.yaml, and with what is given as name and
// value in turn.
func (b *testbed) getenv(more ...string) func(string) string {
	env := map[string]string{"OS_CLIENT_CONFIG_FILE": b.clouds}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return func(name string) string { return env[name] }
}

// config writes a configuration, and returns flags that name it and the tree.
func (b *testbed) config(t testing.TB, text string) []string {
	t.Helper()
	return []string{"--config", write(t, b.dir, "config.toml", text), "--tree", b.tree.Root}
}

// start runs availapi on the testbed.
func (b *testbed) start(t testing.TB, text string, more ...string) *program {
	t.Helper()
	return start(t, b.getenv(), append(b.config(t, text), more...)...)
}

// environ is the environment of a program of its own.
func (b *testbed) environ(more map[string]string) (all []string) {
	env := map[string]string{"OS_CLIENT_CONFIG_FILE": b.clouds}
	maps.Copy(env, more)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		all = append(all, fmt.Sprintf("%s=%s", name, env[name]))
	}
	return all
}
