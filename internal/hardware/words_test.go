package hardware_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

// findWords returns the indexes of the nodes that a search finds.
func findWords(nodes [][]string, search string) (found []int) {
	words := hardware.SplitWords(search)
	set := hardware.NewWords(slices.Values(nodes)).Find(words)
	for i := range nodes {
		if set.Has(i) {
			found = append(found, i)
		}
	}
	return found
}

func TestWords(t *testing.T) {
	t.Parallel()
	texts := []string{"GA100GL [A30 PCIe]", "gpu_h100", "Xeon(R) Gold 6126", "Réseau", "SGX-capable", "Zürich",
		"BCM57504 10Gb/25Gb", "40G", "H100 80GB PCIe", "CHI@UC", "ΌΔΟΣ", "two\nlines 50G", "x"}
	for search, want := range map[string]bool{
		"a30": true, "A3": true, "a100": false, "ga100": true, "h100": true, "100": false, "gold 6126": true, "26": false,
		"re\u0301seau": true, "sgx": true, "capable": true, "apable": false, "[a30": true, "30": false, "[a3 ]": true,
		"zu\u0308r": true, "ürich": false, "ｘeon": true, "x": true, "e": false, "xx": false, "\x00": false, "é": false,
		"40G": true, "25G": false, "25Gb": true, "80g": true, "chi@uc": true, "uc": true, "ΌΔΟΣ": true,
		"lines": true, "50G": false, "two": true, "h": true, "o": false,
	} {
		if got := len(findWords([][]string{{"a"}, texts, nil}, search)) > 0; got != want {
			t.Errorf("%q: %t", search, got)
		}
	}
}

// Whatever texts nodes share, each search finds what looking at every text finds.
func TestWordsOfRandomNodes(t *testing.T) {
	t.Parallel()
	letters := rapid.SampledFrom(slices.Collect(strings.SplitSeq("aAbé1 0G-[\n\u0301日", "")))
	text := rapid.Map(rapid.SliceOfN(letters, 0, 6), func(l []string) string { return strings.Join(l, "") })
	rapid.Check(t, func(t *rapid.T) {
		nodes := rapid.SliceOfN(rapid.SliceOfN(text, 0, 3), 0, 130).Draw(t, "nodes")
		search := rapid.StringMatching(`[aé1]?[aAb日10G\[-]{1,2}( [ab1])?`).Draw(t, "search")
		var want []int
		for i, texts := range nodes {
			if !slices.ContainsFunc(hardware.SplitWords(search), func(w string) bool { return !isIn(texts, w) }) {
				want = append(want, i)
			}
		}
		if got := findWords(nodes, search); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", search, got, want)
		}
	})
}

// isIn is the plain definition of what a word of a search finds.
func isIn(texts []string, word string) bool {
	rates := []string{"1g", "10g", "20g", "25g", "40g", "50g", "56g", "100g", "200g", "400g", "800g"}
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }
	for line := range strings.SplitSeq(strings.ToLower(norm.NFKC.String(strings.Join(texts, "\n"))), "\n") {
		if line == word {
			return true
		}
		if slices.Contains(rates, word) {
			continue
		}
		for i := range line {
			before, _ := utf8.DecodeLastRuneInString(line[:i])
			first, _ := utf8.DecodeRuneInString(word)
			if strings.HasPrefix(line[i:], word) && (!inWord(first) || !inWord(before)) {
				return true
			}
		}
	}
	return false
}

func FuzzWords(f *testing.F) {
	f.Add("GA100GL [A30 PCIe]", "a100")
	f.Fuzz(func(t *testing.T, text, search string) {
		for _, word := range hardware.SplitWords(search) {
			if found := len(findWords([][]string{{text}}, word)) > 0; found != isIn([]string{text}, word) {
				t.Errorf("%q has %q: %t", text, word, found)
			}
		}
		for _, word := range hardware.SplitWords(text) {
			if findWords([][]string{{text}}, word) == nil {
				t.Errorf("%q does not have its word %q", text, word)
			}
		}
	})
}
