package theme

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
)

func TestColors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		colors   Colors
		key, why string
	}{
		{},
		{colors: Colors{Accent: []string{"#00594c", "#5fd6bd"}}},
		{colors: Colors{Accent: []string{"#00594c"}}, key: "accent", why: "two colors"},
		{colors: Colors{AccentBg: []string{"red", "#000"}}, key: "accent_bg", why: `"red" is not a color`},
		{colors: Colors{Accent: []string{"#00594c", "#00594c"}}, key: "accent",
			why: "accent #00594c on surface #161b21 has a contrast of 2.08 in the dark scheme, less than 4.5"},
		{colors: Colors{OnAccent: []string{"#888", "#06203f"}}, key: "on_accent", why: "on-accent #888 on accent #0b57a4"},
		{colors: Colors{AccentBg: []string{"#0b57a4", "#182a41"}}, key: "accent_bg", why: "accent #0b57a4 on accent-bg"},
		{colors: Colors{Accent: []string{"#fff;}", "#000"}}, key: "accent", why: "is not a color"},
	} {
		if key, why := tt.colors.Check(); key != tt.key || !strings.Contains(why, tt.why) || (why == "") != (key == "") {
			t.Errorf("%+v: %q: %s, want %q: %s", tt.colors, key, why, tt.key, tt.why)
		}
	}

	const want = ":root { --accent: #123456; }\n@media (prefers-color-scheme: dark) { :root { --accent: #abc; } }\n"
	if got := (Colors{Accent: []string{"#123456", "#abc"}}).CSS(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for pair, want := range map[[2]string]float64{{"#fff", "#000"}: 21, {"#777777", "#fff"}: 4.478, {"#abc", "#aabbcc"}: 1} {
		if got := contrast(pair[0], pair[1]); got < want-0.001 || got > want+0.001 {
			t.Errorf("contrast of %v is %.3f, want %.3f", pair, got, want)
		}
	}
}

func TestLogo(t *testing.T) {
	t.Parallel()
	svg := func(content string) string {
		return `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
			`viewBox="0 0 9 9">` + content + `</svg>`
	}
	var dots bytes.Buffer
	if err := png.Encode(&dots, image.NewGray(image.Rect(0, 0, 24, 24))); err != nil {
		t.Fatal(err)
	}
	var wide bytes.Buffer
	if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, maxPixels+1, 1))); err != nil {
		t.Fatal(err)
	}

	for _, tt := range []struct{ name, body, want string }{
		{"logo.svg", svg(`<style>.a{fill:url(#g)}</style><defs><linearGradient id="g"/></defs><path class="a" d="M0 0h9"/>`), ""},
		{"logo.svg", svg(`<use xlink:href="#g"/><g fill="url(#g)"/>`), ""},
		{"logo.png", dots.String(), ""},
		{"logo.gif", "GIF89a", "an SVG or PNG file"},
		{"logo.png", wide.String(), "2049 × 1 pixels"},
		{"logo.png", dots.String()[:60], "not a PNG"},
		{"logo.svg", strings.Repeat(" ", maxLogo+1), "at most 32768"},
		{"logo.svg", "", "not an SVG"},
		{"logo.svg", "<svg", "not an SVG"},
		{"logo.svg", "<svg/>", `its root is "svg" of ""`},
		{"logo.svg", `<html xmlns="http://www.w3.org/1999/xhtml"/>`, `its root is "html"`},
		{"logo.svg", svg(`<script>alert(1)</script>`), "the element script"},
		{"logo.svg", svg(`<foreignObject/>`), "the element foreignObject"},
		{"logo.svg", svg(`<a href="https://example.org"/>`), "the element a"},
		{"logo.svg", svg(`<image href="https://example.org/x.png"/>`), "the element image"},
		{"logo.svg", svg(`<set attributeName="href"/>`), "the element set"},
		{"logo.svg", svg(`<g xmlns="http://www.w3.org/1999/xhtml"/>`), "the element g"},
		{"logo.svg", svg(`<g onclick="alert(1)"/>`), "onclick"},
		{"logo.svg", svg(`<g OnLoad="alert(1)"/>`), "OnLoad"},
		{"logo.svg", svg(`<use href="other.svg#g"/>`), `href="other.svg#g"`},
		{"logo.svg", svg(`<use xlink:href="javascript:alert(1)"/>`), "javascript"},
		{"logo.svg", svg(`<g style="fill: url(https://example.org)"/>`), "style="},
		{"logo.svg", svg(`<g style="fill: u\72l(x)"/>`), "style="},
		{"logo.svg", svg(`<style>@import "x.css"</style>`), "names another file"},
		{"logo.svg", svg(`<style>a{}<![CDATA[@import "x.css"]]></style>`), "names another file"},
		{"logo.svg", svg(`<style>a{}<g/>@import "x.css"</style>`), "names another file"},
		{"logo.svg", `<!DOCTYPE svg [<!ENTITY x "y">]>` + svg(""), "a document type"},
		{"logo.svg", `<?xml-stylesheet href="x.css"?>` + svg(""), "xml-stylesheet"},
		{"logo.svg", svg(`&x;`), "not an SVG"},
	} {
		logo, err := NewLogo(tt.name, []byte(tt.body))
		if tt.want == "" && (err != nil || len(logo.Digest) != 16) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s %s: %v, want %q", tt.name, tt.body, err, tt.want)
		}
	}
}

// FuzzSVG: what is accepted has no word that could run or load something.
func FuzzSVG(f *testing.F) {
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><g onclick="x"/><style>a</style></svg>`))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := NewLogo("logo.svg", body); err != nil {
			return
		}
		lower := bytes.ToLower(body)
		for _, word := range []string{"<script", "<!doctype", "<!entity", "<foreignobject", "<a ", "<image"} {
			if bytes.Contains(lower, []byte(word)) && !bytes.Contains(body, []byte("<!--")) && !bytes.Contains(body, []byte("CDATA")) {
				t.Errorf("accepted %s", body)
			}
		}
	})
}
