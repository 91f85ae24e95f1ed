package page_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/rawjson"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

// hostile are texts that are hostile to HTML, to addresses and to tables.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onclick='alert(1)`, "\u202egnp.exe\u202c", `{{.Secret}}`, `javascript:alert(1)`,
	`../../etc/passwd`, `a/b`, `%2e%2e%2f`, `</title></style>`, `?#&=`, strings.Repeat("long ",
		2000), strings.Repeat("x", 10000), `x.json`, `-->`,
	`=1+1`, `@sum(a1)`, "größe 漢字 🦎", `a b`, `100%`,
}

// hostileData is a repository whose nodes have these texts everywhere, one has a
// thousand network adapters, one has nothing, and one has a name with a space.
// Then a commit by somebody hostile takes a node away, brings another, and gives
// the others texts of their neighbours.
func hostileData() string {
	var archive strings.Builder
	fmt.Fprintf(&archive, "-- commit all --\n\nAll\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\",\"web\":\"javascript:alert(1)\",\"name\":%s}\n-- d/sites/s/clusters/c/c.json --\n{\"uid\":\"c\"}\n", quoted(hostile[0]))

	for i, text := range hostile {
		q := quoted(text)
		fmt.Fprintf(&archive, "-- d/sites/s/clusters/c/nodes/n%d.json --\n", i)
		fmt.Fprintf(&archive, `{"uid":"n%d","node_type":%s,"node_name":%s,"admin_note":%s,"architecture":{"platform_type":%s},"gpu":{"gpu":true,"gpu_model":%s},%s:%s,"network_adapters":[{%s:%s}]}`+"\n",
			i, q, q, q, q, q, q, q, q, q)
	}

	var adapters []string
	for i := range 1000 {
		adapters = append(adapters, fmt.Sprintf(`{"device":"e%d","k%d":1}`, i, i))
	}

	fmt.Fprintf(&archive, "-- d/sites/s/clusters/c/nodes/many.json --\n{\"uid\":\"many\",\"network_adapters\":[%s],\"deep\":{\"a\":{\"b\":{\"c\":[[1]]}}},\"none\":null,\"e\":{},\"l\":[],\"m\":[1,\"a\",true]}\n", strings.Join(adapters, ","))
	archive.WriteString("-- d/sites/s/clusters/c/nodes/n b.json --\n{\"uid\":\"n b\"}\n-- d/sites/s/clusters/c/nodes/größe.json --\n{\"uid\":\"größe\"}\n")
	archive.WriteString("-- d/sites/s/clusters/c/nodes/old.json --\n" + turned("old"))
	archive.WriteString("-- d/sites/s/flavors/<b> &amp;.json --\n{\"uid\":\"<b> &amp;\"}\n")

	fmt.Fprintf(&archive, "-- commit two --\nauthor: \"' onclick='alert(1) &lt;b&gt; \u202eadA\" <ada@example.org>\n\n\u202e<script>alert(1)</script> %s\n\n%s\n", strings.Repeat("long", 2500), hostile[1])
	for i := range hostile {
		kept, other := quoted(hostile[i]), quoted(hostile[(i+1)%len(hostile)])
		fmt.Fprintf(&archive, "-- d/sites/s/clusters/c/nodes/n%d.json --\n", i)
		fmt.Fprintf(&archive, `{"uid":"n%d","node_type":%s,"node_name":%s,"admin_note":%s,%s:%s,"gpu":{"gpu":true,"gpu_model":%s}}`+"\n", i, kept, kept, other, kept, other, other)
	}

	archive.WriteString("-- delete d/sites/s/clusters/c/nodes/old.json --\n-- d/sites/s/clusters/c/nodes/new.json --\n" + turned("new"))
	fmt.Fprintf(&archive, "-- d/sites/s/flavors/<b> &amp;.json --\n{\"uid\":\"<b> &amp;\",%s:%s}\n",
		quoted(hostile[3]), quoted(hostile[0]))
	return archive.String()
}

// Data that is hostile to HTML is text, and every page is whole.
func TestHardwareOfHostileData(t *testing.T) {
	t.Parallel()
	got := pages(t, treetest.Repo(t, hostileData()), build.Options{})
	scripts := map[string]bool{}

	for p, d := range got {
		for _, s := range d.all("", "script") {
			scripts[attribute(s, "src")] = true
		}

		for _, a := range d.all("", "a") {
			if href := attribute(a, "href"); !strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "#") {
				t.Errorf("%s leads to %q", p, href)
			}
		}

		if len(d.all("", "img")) > 0 {
			t.Errorf("%s has an image", p)
		}
	}

	if len(scripts) != 11 {
		t.Errorf("pages load %d scripts, want one entry of all pages, and one of each kind that has its own", len(scripts))
	}

	for i, text := range hostile {
		d := got[fmt.Sprintf("/hardware/sites/s/clusters/c/nodes/n%d", i)]
		if h := content(d.all("", "h1")[0]); h != strings.TrimSpace(text) {
			t.Errorf("%q is shown as %q", text, h)
		}
	}

	types := 0
	for p := range got {
		if strings.HasPrefix(p, "/hardware/types/") {
			types++
			if len(p) > 100 || strings.ContainsAny(p[len("/hardware/types/"):], "/.%?#<") {
				t.Errorf("a type's page is at %q", p)
			}
		}
	}

	if types != len(hostile) {
		t.Errorf("%d types have pages, want %d", types, len(hostile))
	}
}

// turned is a node whose names turn the direction of text.
func turned(uid string) string {
	return fmt.Sprintf("{\"uid\":%q,\"node_name\":%s,\"node_type\":%[2]s}\n", uid, quoted(hostile[3]))
}

func quoted(s string) string {
	return string(rawjson.AppendString(nil, s))
}

// block are the elements that keep the direction of their text to themselves.
var block = []string{"p", "h1", "h2", "h3", "li", "td", "th", "dt", "dd", "pre", "summary", "aside", "nav",
	"option", "header", "footer", "main", "title", "body"}

// isolated is what characters, and not elements, keep from the text around it.
var isolated = regexp.MustCompile(`\x{2068}[^\x{2069}]*\x{2069}`)

// spills returns texts that turn the direction and have others behind them in
// the same block.
func (d document) spills() (texts []string) {
	var walk func(n *html.Node, pending *string)
	walk = func(n *html.Node, pending *string) {
		switch {
		case n.Type == html.TextNode:
			text := strings.TrimSpace(isolated.ReplaceAllString(n.Data, ""))
			_, behind, _ := strings.Cut(text, "gnp.exe\u202c")
			switch {
			case text == "":
			case *pending != "" || behind != "":
				texts = append(texts, *pending+text)
			case strings.Contains(text, "\u202e"):
				*pending = text
			}

			return
		case n.Data == "del" || n.Data == "ins": // a value, alone in its cell
			return
		case n.Type == html.ElementNode && (n.Data == "bdi" || slices.Contains(block, n.Data)):
			pending = new(string)
		}
		for c := range n.ChildNodes() {
			walk(c, pending)
		}
	}

	walk(d.root, new(string))
	return texts
}

// A name that turns the direction of text does so up to its end.
func TestDirectionsStayWithinNames(t *testing.T) {
	t.Parallel()
	found := 0
	for p, d := range pages(t, treetest.Repo(t, hostileData()), build.Options{}) {
		for _, text := range d.spills() {
			t.Errorf("%s: what follows is turned: %.200q", p, text)
		}
		if strings.Contains(content(d.root), "\u202e") {
			found++
		}
	}

	if found < 8 {
		t.Errorf("only %d pages have a name that turns the direction", found)
	}
}

// What a site's file says of itself leads on where it is the address of a web site, or one plain
// e-mail address.
func TestFactsOfASite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct{ member, text, href string }{
		"https://s.example/":                 {"web", "s.example", "https://s.example/"},
		"https://s.example/a/":               {"web", "s.example/a", "https://s.example/a/"},
		"http://s.example":                   {"web", "http://s.example", "http://s.example"},
		"https:///":                          {"web", "https:///", "https:///"},
		"javascript:alert(1)":                {"web", "javascript:alert(1)", ""},
		"help+s@s.example":                   {"email_contact", "help+s@s.example", "mailto:help+s@s.example"},
		"a@s.example?bcc=b@s.example":        {"email_contact", "a@s.example?bcc=b@s.example", ""},
		"a@s.example, b@s.example":           {"email_contact", "a@s.example, b@s.example", ""},
		"Ann <a@s.example>":                  {"email_contact", "Ann <a@s.example>", ""},
		"a%0abcc:b@s.example":                {"email_contact", "a%0abcc:b@s.example", ""},
		"\"><img src=x onerror=a@b.example>": {"email_contact", "\"><img src=x onerror=a@b.example>", ""},
		"a@localhost":                        {"email_contact", "a@localhost", ""},
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			d := pages(t, treetest.Repo(t, fmt.Sprintf("-- commit all --\n\nAll\n-- d/d.json --\n{\"uid\":\"d\"}\n-- d/sites/s/s.json --\n{\"uid\":\"s\",%q:%s}\n",
				want.member, quoted(in))), build.Options{})["/hardware/sites/s"]
			title := map[string]string{"web": "Web", "email_contact": "Contact"}[want.member]
			for _, dt := range d.all("main", "dt") {
				if content(dt) != title {
					continue
				}
				href := ""
				for _, a := range (document{dt.NextSibling}).all("", "a") {
					href = attribute(a, "href")
				}
				if text := content(dt.NextSibling); text != want.text || href != want.href {
					t.Errorf("the page has %q to %q, want %q to %q", text, href, want.text, want.href)
				}
				return
			}
			t.Error("the page has no such fact")
		})
	}
}
