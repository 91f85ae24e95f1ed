package blazar_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// attribute is the value of a target's attribute, "" where there is none.
func attribute(to availability.Target, name string) string {
	i := slices.Index(to.Attributes, any(name))
	if i < 0 {
		return ""
	}
	return fmt.Sprint(to.Attributes[i+1])
}

// clouds.yaml chooses the endpoint from the catalog, or has its URL; the choice is
// reported.
func TestTarget(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(elsewhere.Close)
	cloud.Keystone.SetCatalog(
		blazartest.Endpoint{Type: "reservation", Interface: "public", Region: "R1", URL: elsewhere.URL + "/v1"},
		blazartest.Endpoint{Type: "reservation", Interface: "public", Region: "R2", URL: cloud.URL},
		blazartest.Endpoint{Type: "reservation", Interface: "internal", Region: "R2", URL: cloud.URL},
		blazartest.Endpoint{Type: "other", Interface: "public", Region: "R3",
			URL: cloud.URL + "/" + blazartest.SecretProject + "/v1"},
	)

	entry := strings.NewReplacer("region_name: "+blazartest.Region+"\n", "", "interface: public\n",
		"").Replace(cloud.Entry())
	// with is a target found in the catalog, whose regions are more.
	with := func(region, face, url string, more ...string) availability.Target {
		to := availability.Target{
			Text: "cloud chi, Keystone " + cloud.Keystone.URL + ", region " + region + ", interface " + face +
				", URL " + url,
			Attributes: []any{"cloud", "chi", "keystone", cloud.Keystone.URL, "region", region, "interface", face,
				"url", url},
		}

		if len(more) > 0 {
			to.Warning = "several regions in the catalog, none named in clouds.yaml: using the first"
			to.WarningFor = []any{"cloud", "chi", "regions", strings.Join(more, ","), "region", region}
		}

		return to
	}

	override := availability.Target{
		Text: "cloud chi, Keystone " + cloud.Keystone.URL + ", URL " + cloud.URL + " (endpoint override)",
		Attributes: []any{"cloud", "chi", "keystone", cloud.Keystone.URL, "url", cloud.URL, "endpoint_override",
			true},
	}

	for name, tt := range map[string]struct {
		lines string
		want  availability.Target
		fails bool
	}{
		"no region": {lines: "", want: with("R1", "public", elsewhere.URL+"/v1", "R1", "R2"), fails: true},
		"a region":  {lines: "region_name: R2\n", want: with("R2", "public", cloud.URL)},
		"its own region": {lines: "region_name: R1\nreservation-region-name: R2\n",
			want: with("R2", "public", cloud.URL)},
		"one region has it": {lines: "interface: internal\n", want: with("R2", "internal", cloud.URL)},
		"interfaces in order": {lines: "interface: [admin, internalURL, public]\n",
			want: with("R2", "internal", cloud.URL)},
		"the next interface": {lines: "region_name: R1\ninterface: [internal, public]\n",
			want: with("R1", "public", elsewhere.URL+"/v1"), fails: true},
		"its own interface": {lines: "interface: public\nreservation_interface: internal\n",
			want: with("R2", "internal", cloud.URL)},
		"an override": {lines: "region_name: R1\nreservation_endpoint_override: " + cloud.URL + "\n",
			want: override},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reported []availability.Target
			c := clientOf(t, entry+tt.lines,
				func(o *availability.Environment) {
					o.Connected = func(to availability.Target) { reported = append(reported, to) }
				})

			for range 2 {
				if _, err := c.Hosts(t.Context()); (err != nil) != tt.fails {
					t.Errorf("fails: %v, want %v", err, tt.fails)
				}
			}

			if len(reported) == 0 {
				t.Fatal("nothing is reported")
			}

			if diff := cmp.Diff(tt.want, reported[0]); diff != "" {
				t.Error(diff)
			}
			if !tt.fails && len(reported) != 1 {
				t.Errorf("one session is reported %d times", len(reported))
			}
		})
	}

	t.Run("another service type", func(t *testing.T) {
		t.Parallel()
		var reported availability.Target
		c := clientOf(t, entry+"reservation_service_type: other\n",
			func(o *availability.Environment) { o.Connected = func(to availability.Target) { reported = to } })
		_, _ = c.Hosts(t.Context()) // there is no Blazar; what counts is the report

		if attribute(reported, "region") != "R3" || strings.Contains(reported.Text, blazartest.SecretProject) ||
			!strings.HasSuffix(reported.Text, "/…/v1") {
			t.Errorf("reported %+v", reported)
		}
	})

	t.Run("none of the interfaces", func(t *testing.T) {
		t.Parallel()
		_, err := clientOf(t, entry+"region_name: R1\ninterface: [admin, internal]\n").Hosts(t.Context())
		check(t, err, fault{
			reason: availability.ReasonCatalog, want: "no admin or internal endpoint for it in region R1",
			advice: "reservation_endpoint_override",
		})
	})
}

// A catalog without Blazar is no obstacle where clouds.yaml has its URL.
func TestOverrideWithoutCatalog(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	cloud.Set(blazartest.Data{Flavors: []blazartest.Flavor{{ID: "7", Name: "m1.small", Entries: []any{}}}})
	cloud.Keystone.SetCatalog()
	c := clientOf(t, cloud.Entry()+"reservation_endpoint_override: "+cloud.URL+"/\ncompute-endpoint-override: "+
		cloud.Compute+"\n")
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := c.Flavor(t.Context(), "m1.small", availability.Interval{}); err != nil {
		t.Error(err)
	}
}

// Without the network it is said what clouds.yaml alone says.
func TestCheckTarget(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"": "region unset (first in the catalog), interface public, URL from Keystone's catalog",
		"region_name: CHI\ninterface: [internal, public]\n": "region CHI, interface internal,public, " +
			"URL from Keystone's catalog",
		"reservation_endpoint_override: http://u:very-secret@b:1/v1/" + blazartest.Credential +
			"\n": "URL http://b:1/v1/… (endpoint override)",
	} {
		file := blazartest.WriteClouds(t, map[string]string{"chi": goodEntry + lines})
		to, notes, err := blazar.New("chi", availability.Environment{Getenv: blazartest.Env(file)}).Check()
		if err != nil || len(notes) != 0 {
			t.Fatal(err, notes)
		}
		want = "cloud chi, Keystone https://keystone.example:5000/v3, " + want
		if to.Text != want {
			t.Errorf("%q: %+v, want %s", lines, to, want)
		}
	}
}

// api_timeout ends an exchange before the configuration does.
func TestAPITimeout(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	cloud.Keystone.Fail(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	_, err := clientOf(t, cloud.Entry()+"api_timeout: 0.05\n",
		func(o *availability.Environment) { o.Timeout = time.Hour }).Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonTimeout, want: "no response in time"})
}
