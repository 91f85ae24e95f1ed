package change_test

import (
	"testing"

	"github.com/chameleoncloud/refapi/internal/change"
)

func TestIsolate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                     "",
		"gpu_a100 (2)":         "gpu_a100 (2)",
		"größe 漢字 🦎":           "größe 漢字 🦎",
		"not\xffUTF-8":         "not\xffUTF-8",
		"שלום":                 "\u2068שלום\u2069",
		"مرحبا":                "\u2068مرحبا\u2069",
		"٣":                    "\u2068٣\u2069",
		"\u202egnp.exe":        "\u2068\u202egnp.exe\u2069",
		"\u202egnp.exe\u202c":  "\u2068\u202egnp.exe\u202c\u2069",
		"\u2067a\u2069":        "\u2068\u2067a\u2069\u2069",
		"\u2067\u2066a":        "\u2068\u2067\u2066a\u2069\u2069\u2069", // not left open
		"\u2069\u202ea":        "\u2068\u202ea\u2069",                   // ours is not ended
		"a\u2067b\u2069\u2069": "\u2068a\u2067b\u2069\u2069",
	} {
		if got := change.Isolate(text); got != want {
			t.Errorf("Isolate(%+q) is %+q, want %+q", text, got, want)
		}
	}
}
