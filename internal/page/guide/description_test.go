package guide_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/chameleoncloud/refapi/internal/page/guide"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	d, err := guide.Describe("# Title\n\nFour *large*\nGPUs & [NVLink](https://example.org/?a&b).\n\n## More\n\nSee <https://e.org>.\n", "t")
	if err != nil {
		t.Fatal(err)
	}

	if want := "Four large GPUs & NVLink."; d.Lead != want {
		t.Errorf("the lead is %q, want %q", d.Lead, want)
	}
	want := "<h3>Title</h3>\n<p>Four <em>large</em>\nGPUs &amp; <a rel=\"nofollow\" href=\"https://example.org/?a&amp;b\">NVLink</a>.</p>\n" +
		"<h3>More</h3>\n<p>See <a rel=\"nofollow\" href=\"https://e.org\">https://e.org</a>.</p>\n"
	if string(d.HTML) != want {
		t.Errorf("it is rendered as\n%s\nwant\n%s", d.HTML, want)
	}
}

// hostile are descriptions that would harm if they were trusted.
var hostile = []string{
	"<script>alert(1)</script>\n\nA <img src=x onerror=alert(1)> b <b onclick=x>c</b>",
	"[a](javascript:alert(1)) [b](JaVaScRiPt:x) [c](data:text/html,x) [d](vbscript:x) [e](/hardware) [f](//e.org) [g](#free) [h](file:///x)",
	"<javascript:alert(1)> <data:text/html,x> ![a](https://e.org/x.png) [![a [b](https://x.org)](https://y.org)](https://z.org)",
	"# free {#free onclick=alert(1)}\n\n``` \"><script>\nx\n```\n\n    </code></pre><script>\n\n[a]: javascript:x\n[a] &#60;script&#62; \x00",
	`[a](https://e.org/"onmouseover="alert(1) "t") [b](<https://e.org/"><script>>)` + "\n\n| <script> |\n|:-:|\n| <i> |\n",
	"<!-- --><svg/onload=x> <?php ?> <![CDATA[ x ]]> <!DOCTYPE x>\n\n<style>*{}</style>\n\n<iframe src=//e.org>",
	strings.Repeat(">", 4<<10), strings.Repeat("[", 16<<10), strings.Repeat("- ", 8<<10), strings.Repeat("*a ", 5<<10),
	strings.Repeat("![", 8<<10), strings.Repeat("[a](", 4<<10), strings.Repeat("|a", 8<<10) + "\n" + strings.Repeat("|-", 8<<10),
}

// Whatever a description says, it is text with links to other sites.
func TestHostileDescriptions(t *testing.T) {
	t.Parallel()
	for _, source := range hostile {
		checkHarmless(t, source)
	}
}

func FuzzDescribe(f *testing.F) {
	for _, source := range hostile {
		f.Add(source[:min(len(source), 300)])
	}
	f.Fuzz(func(t *testing.T, source string) { checkHarmless(t, source) })
}

// checkHarmless reads what a description becomes as a browser does.
func checkHarmless(t *testing.T, source string) {
	t.Helper()
	d, err := guide.Describe(source, `"><script>`)
	if err != nil {
		t.Fatal(err)
	}

	elements := strings.Fields("p h3 a em strong code pre ul ol li blockquote hr br div table thead tbody tr th td")
	attributes := strings.Fields("rel href tabindex role aria-label class scope start data-language")
	for z := html.NewTokenizer(strings.NewReader(string(d.HTML))); z.Next() != html.ErrorToken; {
		token := z.Token()
		if token.Type == html.TextToken {
			continue
		}
		if token.Type == html.CommentToken || token.Type == html.DoctypeToken || !slices.Contains(elements, token.Data) {
			t.Errorf("%.60q becomes %s", source, token)
		}
		for _, a := range token.Attr {
			isLink := strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "http://") || strings.HasPrefix(a.Val, "mailto:")
			if !slices.Contains(attributes, a.Key) || a.Key == "href" && !isLink {
				t.Errorf("%.60q becomes %s", source, token)
			}
		}
	}
}
