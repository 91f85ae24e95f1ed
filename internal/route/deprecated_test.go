package route

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

func TestDeprecatedUses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id    ID
		query string
		want  string
	}{
		{Search, "", ""},
		{Search, "min_threads=2&q=min_cores", ""},
		{Search, "min_cores=2", "min_cores"},
		{Search, "min_cores", "min_cores"},
		{Search, "a=1&min%5Fcores=", "min_cores"},
		{Search, "sort=uid,-cores&min_cores=2", "min_cores sort=cores"},
		{Search, "sort=uid%2Ccores", "sort=cores"},
		{Search, "sort=physical_cores", ""},
		{Search, "min_cores%zz=1&%&=&min+cores=2", ""},
		{Slots, "min_cores=2&sort=cores", "min_cores"},
		{NodesAvailability, "min_cores=2", "min_cores"},
		{ServedVersion, "min_cores=2", ""},
		{Sites, "min_cores=2", ""},
		{none, "min_cores=2", ""},
	} {
		var got []string
		for _, d := range DeprecatedUses(tt.id, tt.query) {
			got = append(got, d.Name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%d?%s uses %q, want %q", tt.id, tt.query, got, tt.want)
		}
	}
}

func TestDeprecatedPage(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/": "", "/redoc": "/redoc", "/redoc/": "/redoc", "/reference": "", "/hardware/columns.json": "",
		"/hardware/node/x": "/hardware/node/UID", "/hardware/node/x/y": "", "/hardware/node/": "",
		"/hardware/node/sites/s/clusters/c/nodes/n/": "/hardware/node/sites/…",
	} {
		got := ""
		if d := DeprecatedPage(path); d != nil {
			got = d.Name
		}
		if got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

// A sunset that is decided is in the headers.
func TestDeprecationHeaders(t *testing.T) {
	t.Parallel()
	d := Deprecation{Since: day(2023, time.June, 30), Sunset: day(2026, time.December, 31)}
	want := []Header{
		{"Deprecation", "@1688083200"},
		{"Link", `</ref/guide/api#deprecated-names>; rel="deprecation"; type="text/html"`},
		{"Sunset", "Thu, 31 Dec 2026 00:00:00 GMT"},
	}
	if got := d.Headers("/ref"); !slices.Equal(got, want) {
		t.Errorf("the headers are %q, want %q", got, want)
	}
}

// Every property that is there under another name too is in the table, with each
// parameter of it.
func TestAliasesAreDeprecated(t *testing.T) {
	t.Parallel()
	for _, p := range hardware.Properties() {
		for id, query := range map[ID]string{Search: "sort=" + p.Sort, Slots: p.Min + "=1", NodesAvailability: p.Search + "=1"} {
			used := DeprecatedUses(id, query)
			if _, value, _ := strings.Cut(query, "="); value == "" || strings.HasPrefix(query, "=") {
				continue
			}
			if isAlias := p.AliasOf != ""; (len(used) > 0) != isAlias {
				t.Errorf("%s?%s: alias %v, deprecated %v", id, query, isAlias, used)
			}
		}
	}
}

func TestDeprecationsAreDocumented(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}

	_, section, _ := strings.Cut(string(src), "\n### Deprecated names\n")
	var rows strings.Builder
	for d := range Deprecations() {
		goes := "not decided"
		if !d.Sunset.IsZero() {
			goes = d.Sunset.Format(time.DateOnly)
		}
		name := cmp.Or(string(d.Page), d.Name)
		fmt.Fprintf(&rows, "| `%s` | %s | %s | %s |\n", name, d.Since.Format(time.DateOnly), goes, d.Instead)
	}

	if !strings.Contains(section, "|---|---|---|---|\n"+rows.String()) {
		t.Errorf("docs/api.md, Deprecated names: the rows should be\n%s", rows.String())
	}
}
