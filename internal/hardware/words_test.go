package hardware_test

import (
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

func TestWords(t *testing.T) {
	t.Parallel()
	words := hardware.NewWords([]string{"GA100GL [A30 PCIe]", "gpu_h100", "Xeon(R) Gold 6126", "Réseau", "SGX-capable", "Zürich",
		"BCM57504 10Gb/25Gb", "40G", "H100 80GB PCIe", "CHI@UC", "ΌΔΟΣ"})
	for search, want := range map[string]bool{
		"a30": true, "A3": true, "a100": false, "ga100": true, "h100": true, "100": false, "gold 6126": true, "26": false,
		"re\u0301seau": true, "sgx": true, "capable": true, "apable": false, "[a30": true, "30": false,
		"zu\u0308r": true, "ürich": false, "": true, "ｘeon": true,
		"40G": true, "25G": false, "25Gb": true, "80g": true, "chi@uc": true, "uc": true, "ΌΔΟΣ": true,
	} {
		got := true
		for _, word := range hardware.SplitWords(search) {
			got = got && words.Has(word)
		}
		if got != want {
			t.Errorf("%q: %t", search, got)
		}
	}
}

func FuzzWords(f *testing.F) {
	f.Add("GA100GL [A30 PCIe]", "a100")
	f.Fuzz(func(t *testing.T, text, search string) {
		words := hardware.NewWords([]string{text})
		for _, word := range hardware.SplitWords(search) {
			if words.Has(word) && !strings.Contains(string(words), word) {
				t.Errorf("%q has no %q", text, word)
			}
		}
		for _, word := range hardware.SplitWords(text) {
			if !words.Has(word) {
				t.Errorf("%q does not have its word %q", text, word)
			}
		}
	})
}
