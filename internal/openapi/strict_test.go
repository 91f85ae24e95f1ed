package openapi_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

const jsonType = "application/json"

// The document must not take the body of one kind of answer for another, nor
// a body that lacks something.
func TestDocumentTellsBodiesApart(t *testing.T) {
	t.Parallel()
	v := validator(t, openapi.Options{})
	bodies := examples(sampleFiles(t, build.Options{}))
	for id, e := range bodies {
		for other := range bodies {
			// A node has all that a flavor in such a list must have, and histories of all kinds
			// have one form: the members of files are optional.
			areHistories := strings.HasSuffix(id.Get().Schema, "History") && strings.HasSuffix(other.Get().Schema, "History")
			if id.Get().Schema == other.Get().Schema || id == route.AllNodes && other == route.AllFlavors ||
				areHistories && id != route.Versions && other != route.Versions {
				continue
			}
			if v.Body(other.Path(bodies[other].Args...), http.StatusOK, other.Get().MediaType(), e.Body) == nil {
				t.Errorf("the body of %s passes for one of %s", id.Get().Pattern, other.Get().Pattern)
			}
		}
	}
}

func TestDocumentWantsMembers(t *testing.T) {
	t.Parallel()
	doc := openapi.Document(openapi.Options{})
	var schemas struct {
		Components struct {
			Schemas map[string]struct{ Required []string }
		}
	}
	if err := json.Unmarshal(doc, &schemas); err != nil {
		t.Fatal(err)
	}

	v := validator(t, openapi.Options{})
	for id, e := range examples(sampleFiles(t, build.Options{})) {
		body, err := rawjson.Parse(e.Body, rawjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}

		required := schemas.Components.Schemas[id.Get().Schema].Required
		if len(required) == 0 {
			t.Errorf("%s requires no member", id.Get().Schema)
		}

		for _, name := range required {
			if v.Body(id.Path(e.Args...), http.StatusOK, id.Get().MediaType(), without(body, name)) == nil {
				t.Errorf("a body of %s without %s is accepted", id.Get().Pattern, name)
			}
		}
	}
}

func without(o rawjson.Object, name string) []byte {
	var b rawjson.Builder
	b.BeginObject()

	for m := range o.Members() {
		if m.Name != name {
			b.RawKey(m.Key)
			b.Raw(m.Value)
		}
	}

	b.EndObject()
	return b.Bytes()
}

func TestDocumentRefusesValues(t *testing.T) {
	t.Parallel()
	v := validator(t, openapi.Options{})
	bodies := examples(sampleFiles(t, build.Options{}))

	for _, tt := range []struct {
		id       route.ID
		old, new string
	}{
		{route.Root, `"timestamp":"`, `"timestamp":"x`},
		{route.Sites, `"total":`, `"total":-`},
		{route.Sites, `"offset":0`, `"offset":"0"`},
		{route.Sites, `"offset":0`, `"offset":0,"more":1`},
		{route.Site, `"rel":"self"`, `"rel":"me"`},
		{route.Site, `"href":"/sites/`, `"href":"sites/`},
		{route.Site, `"href":"/sites/`, `"href":"//sites/`},
		{route.Site, `"href":"/sites/`, `"href":"/sites//`},
		{route.Site, `/clusters"`, `/clusters?x"`},
		{route.Site, `,"links":[`, `,"links":[{"rel":"self","href":"/"},`},
		{route.Site, `"version":"`, `"version":"A`},
		{route.Cluster, `"queues":[`, `"queues":null,"x":[`},
		{route.Node, `"uid":"`, `"uid":"/`},
		{route.Versions, `"message":"`, `"message":"\n`},
		{route.VersionDetail, `"type":"version"`, `"type":"commit"`},
		{route.VersionDetail, ` GMT"`, ` UTC"`},
		{route.SiteVersion, `"date":"`, `"date":"2026-06-26 `},
		{route.ServedVersion, `"generated_at":"2026-11-21T09:00:00.123456Z"`,
			`"generated_at":"2026-11-21T09:00:00.123Z"`},
		{route.Search, `"availability":"reserved"`, `"availability":"free"`},
		{route.Capacity, `"least":[7,8]`, `"least":[7.5,8]`},
		{route.Capacity, `"free":[null,8,9]`, `"free":null`},
		{route.NodesAvailability, `"free_from":null`, `"free_from":"soon"`},
		{route.NodesAvailability, `"leased_by":"flavor"`, `"leased_by":"host"`},
		{route.NodesAvailability, `"kept_for_projects":true`, `"kept_for_projects":["p"]`},
		{route.ClusterAvailability, `"free_from":null,`, ``},
		{route.Slots, `"kept_for_projects":["c"]`, `"kept_for_projects":[]`},
		{route.Slots, `"candidates":3,"reserve_by":"type"`, `"candidates":0,"reserve_by":"type"`},
		{route.Slots, `"most":{"count":2`, `"most":{"count":"2"`},
		{route.Availability, `,"by_flavor":5`, ``},
		{route.SiteAvailability, `+00:00`, `Z`},
		{route.SiteAvailability, `:13`, `:"13"`},
		{route.NodeAvailability, `"maintenance":false`, `"maintenance":null`},
		{route.NodeAvailability, `.500000Z`, `.5Z`},
		{route.NodeAvailability, `"start":"2099-07-01T`, `"start":"2099-13-01T`},
		{route.FlavorAvailability, `T15:19:00`, `T15:19:00Z`},
		{route.FlavorAvailability, `"total":28`, `"sum":28`},
	} {
		e := bodies[tt.id]
		if !bytes.Contains(e.Body, []byte(tt.old)) {
			t.Errorf("the body of %s does not contain %s", tt.id.Get().Pattern, tt.old)
			continue
		}

		body := bytes.Replace(e.Body, []byte(tt.old), []byte(tt.new), 1)
		if !json.Valid(body) {
			t.Errorf("a body of %s with %s is no JSON", tt.id.Get().Pattern, tt.new)
		}
		if v.Body(tt.id.Path(e.Args...), http.StatusOK, jsonType, body) == nil {
			t.Errorf("a body of %s with %s for %s is accepted", tt.id.Get().Pattern, tt.new, tt.old)
		}
	}
}
