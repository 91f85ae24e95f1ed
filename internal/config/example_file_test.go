package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chameleoncloud/refapi/internal/config"
)

// etc/config.toml changes nothing.
func TestFileInRepositoryIsDefault(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../etc/config.toml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Parse(string(src))
	if err != nil {
		t.Fatal(err)
	}

	want := config.Default()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
		t.Errorf("etc/config.toml differs from the defaults (-default +file):\n%s", diff)
	}
}

// etc/config.toml with nothing commented out has every key, and the defaults of
// those that have one.
func TestFileInRepositoryIsComplete(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("../../etc/config.toml")
	if err != nil {
		t.Fatal(err)
	}

	text := regexp.MustCompile(`(?m)^# (\[|[a-z_]+ = )`).ReplaceAllString(string(src), "$1")
	got, err := config.Parse(strings.Replace(text, "expires = 2030-01-31", "", 1))
	if err != nil {
		t.Fatal(err)
	}

	if s, ok := got.Availability.Sites["uc"]; !ok ||
		!reflect.DeepEqual(s, config.AvailabilitySite{Backend: "blazar", Own: map[string]any{"cloud": "chi_uc"}}) {
		t.Errorf("the example of a site is %+v", s)
	}

	if n := got.Availability.Notices["uc-network"]; n.Site != "uc" || n.Text == "" {
		t.Errorf("the example of a notice is %+v", n)
	}
	if s := got.Reserve.Snippets["oar"]; s.Title != "OAR" {
		t.Errorf("the example of a snippet is %+v", s)
	}

	got.Availability.Sites, got.FlavorAvailability.Sites, got.Availability.Notices = nil, nil, nil
	got.Reserve.Snippets = nil
	want := config.Default()

	for _, empty := range []*[]string{&got.Security.Contacts, &got.Security.PreferredLanguages,
		&got.Nginx.TrustedProxies, &got.Nginx.Availapi, &got.Server.Listen, &got.Availapi.Listen,
		&got.Publish.OnSuccess, &got.Links.Only, &got.Privacy.Hidden, &got.Nginx.Webhook,
		&got.Links.FrameAncestors, &got.Links.Accent, &got.Links.AccentBg, &got.Links.OnAccent, &got.Links.Nav} {
		if len(*empty) == 0 {
			*empty = nil
		}
	}

	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(config.Config{})); diff != "" {
		t.Errorf("what etc/config.toml has in comments differs from the defaults (-default +file):\n%s", diff)
	}

	for _, key := range keys(reflect.TypeFor[config.Config]()) {
		if !regexp.MustCompile(`(?m)^# ` + key + ` = `).Match(src) {
			t.Errorf("etc/config.toml: the key %s is missing", key)
		}
	}
}

// keys are the names of all keys that hold values.
func keys(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		switch name := f.Tag.Get("toml"); {
		case name == "-", !f.IsExported():
		case f.Type.Kind() == reflect.Map:
			names = append(names, keys(f.Type.Elem())...)
		case f.Type.Kind() == reflect.Struct && f.Type.PkgPath() != "time":
			names = append(names, keys(f.Type)...)
		default:
			names = append(names, name)
		}
	}
	return names
}
