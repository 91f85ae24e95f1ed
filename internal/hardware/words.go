package hardware

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words are texts of a node in the form in which words are searched.
type Words string

// NewWords prepares texts: their letter case and Unicode form do not matter.
func NewWords(texts []string) Words { return Words(foldWords(strings.Join(texts, "\n"))) }

func foldWords(text string) string { return strings.ToLower(norm.NFKC.String(text)) }

// SplitWords splits a search into words.
func SplitWords(search string) []string { return strings.Fields(foldWords(search)) }

// isRate reports whether a word is a rate of a network as people write it: 100g. Others,
// such as 80g, are amounts of memory.
func isRate(word string) bool {
	return slices.Contains([]string{"1g", "10g", "20g", "25g", "40g", "50g", "56g", "100g", "200g", "400g", "800g"}, word)
}

// hasLine reports whether one of the texts is equal to a word.
func (t Words) hasLine(word string) bool {
	for line := range strings.SplitSeq(string(t), "\n") {
		if line == word {
			return true
		}
	}
	return false
}

// Has reports whether a text has a word, or one that starts with it: a100 is in "[A100
// PCIe]", but not in GA100GL. A word that starts with neither letter nor digit may be
// anywhere. A rate of a network is a text of its own: 100g is not in the name of an adapter
// that could do it, nor in that of a GPU.
func (t Words) Has(word string) bool {
	if isRate(word) {
		return t.hasLine(word)
	}
	if first, _ := utf8.DecodeRuneInString(word); !isWordRune(first) {
		return strings.Contains(string(t), word)
	}

	for from := 0; ; from++ {
		i := strings.Index(string(t[from:]), word)
		if i < 0 {
			return false
		}
		from += i
		if before, _ := utf8.DecodeLastRuneInString(string(t[:from])); from == 0 || !isWordRune(before) {
			return true
		}
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }
