package api_test

import (
	"encoding/xml"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/route"
)

const head = "0123456789012345678901234567890123456789"

// The members of a file keep their text and order, whatever the API puts before
// or after them.
func TestFilesKeepTheirText(t *testing.T) {
	t.Parallel()
	file, err := rawjson.Parse([]byte(`{
		"z\u0061": 2.50, "uid": "\u006e", "version": 7, "n": 12345678901234567890, "links": [],
		"e": 1e3, "node_type": null, "s": "\u00e9 <&> é", "o": {"b": [], "a": {}}
	}`), rawjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}

	links := api.Links{Version: head, Base: "/ref"}
	const (
		rest  = `"z\u0061":2.50,"n":12345678901234567890,"e":1e3,"s":"\u00e9 <&> é","o":{"b":[],"a":{}}}`
		whole = `"z\u0061":2.50,"uid":"\u006e","n":12345678901234567890,"e":1e3,"node_type":null,` +
			`"s":"\u00e9 <&> é","o":{"b":[],"a":{}}`
		nodeLinks = `"version":"` + head + `","links":[` +
			`{"rel":"self","href":"/ref/sites/s/clusters/c/nodes/n"},{"rel":"parent","href":"/ref/sites/s/clusters/c"},` +
			`{"rel":"versions","href":"/ref/sites/s/clusters/c/nodes/n/versions"},` +
			`{"rel":"version","href":"/ref/sites/s/clusters/c/nodes/n/versions/` + head + `"}]`
		gridLinks = `"version":"` + head + `","timestamp":"12","links":[{"rel":"sites","href":"/ref/sites"},` +
			`{"rel":"self","href":"/ref/"},{"rel":"parent","href":"/ref/"},{"rel":"versions","href":"/ref/versions"}]`
	)
	for want, body := range map[string]any{
		`{"uid":"\u006e","node_name":null,"node_type":null,` + nodeLinks + `,` +
			rest: links.Node(file, "s", "c", "n"),
		`{"uid":"\u006e","node_type":null,"site_id":"s","cluster_id":"c",` + rest: api.NewNodeEntry("s", "c", file),
		`{` + whole + `,` + gridLinks +
			`}`: links.Grid(file, time.Unix(12, 0)),
		`{"total":1,"offset":0,"items":[{"version":{"uid":"` + head + `","message":"","date":"","author":"","type":"",` +
			`"links":[]},"state":"present","patch":[{"op":"add","path":"/a","value":1.0}],"old":{"/b":1e2,"/a":null}}],` +
			`"version":"` + head + `","links":[{"rel":"self","href":"/ref/sites/s/history"},` +
			`{"rel":"parent","href":"/ref/sites/s"}],"file":` + string(file.Text) +
			`}`: api.NewHistory(links.SelfAndParent(route.SiteHistory, "s"), []api.FileVersion{{
			Version: api.VersionEntry{UID: head},
			State:   api.FilePresent,
			Difference: api.Difference{
				Patch: api.JSONPatch{{Op: api.PatchAdd, Path: "/a", Value: rawjson.Value("1.0")}},
				Old: api.OldValues{
					{Pointer: "/b", Value: rawjson.Value("1e2")},
					{Pointer: "/a", Value: rawjson.Value("null")},
				},
			},
		}}, file.Text),
		`{"total":0,"offset":0,"items":[],"version":null,"links":[{"rel":"self","href":"/ref/sites/s/history"},` +
			`{"rel":"parent","href":"/ref/sites/s"}],"file":null}`: api.NewHistory(links.SelfAndParent(route.SiteHistory, "s"), nil, nil),
	} {
		if got := string(api.Encode(body)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A patch without operations is there, and a difference that is not known is not.
func TestOptionalMembers(t *testing.T) {
	t.Parallel()
	for want, body := range map[string]any{
		`{}`:                     api.Difference{},
		`{"patch":[],"old":{}}`:  api.Difference{Patch: api.JSONPatch{}, Old: api.OldValues{}},
		`{"total":0,"items":[]}`: api.SlotList{},
		`{"start":"","end":"","site_id":null,"nodes":["` + "\ufffd" + `<"],` +
			`"extendable_until":null,"candidates":0,"reserve_by":"","node_type":null}`: api.Slot{Nodes: []string{"\xff<"}},
	} {
		if got := string(api.Encode(body)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Markup in a text stays a text.
func TestAtom(t *testing.T) {
	t.Parallel()
	f := api.Feed{Title: "<&>", Entries: []api.FeedEntry{{Title: " ", Summary: "\x00\"", URL: `/a?"&b`}}}
	var got struct {
		Title   string `xml:"title"`
		Entries []struct {
			Title  string `xml:"title"`
			Author string `xml:"author>name"`
			Link   struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(f.EncodeAtom(), &got); err != nil {
		t.Fatal(err)
	}

	e := got.Entries[0]
	if got.Title != "<&>" || e.Title != "\ufffd\"" || e.Author != "unknown" || e.Link.Href != `/a?"&b` {
		t.Errorf("the feed is %+v", got)
	}
}
