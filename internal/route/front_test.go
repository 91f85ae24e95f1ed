package route

import "testing"

// Browsers get the page; whatever may want JSON gets that.
func TestPrefersHTML(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8":                         true, // Firefox
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8,a/signed-exchange;q=0.7": true, // Chromium
		"text/html": true, "TEXT/HTML ; q=1": true, "image/png, text/html;q=1.0": true,

		"": false, "*/*": false, "application/json": false, "text/html, */*": false,
		"text/html;q=0.9": false, "text/html;q=0": false, "text/html;level=1": false, "text/htmlx": false,
		"application/json, text/html": false, "text/html, application/problem+json;q=0.1": false,
		"text/html, application/*": false, "text/html, */*;q=1": false, "text/*": false,
		"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2": false, // Java's HttpURLConnection
	} {
		if got := PrefersHTML([]string{accept}); got != want {
			t.Errorf("%s: %v, want %v", accept, got, want)
		}
	}
	if PrefersHTML(nil) || PrefersHTML([]string{"text/html", "application/json"}) {
		t.Error("several fields are not read as one")
	}
}
