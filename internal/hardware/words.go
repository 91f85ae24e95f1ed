package hardware

import (
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

// Has reports whether a text has a word, or one that starts with it: a100 is in "[A100
// PCIe]", but not in GA100GL. A word that starts with neither letter nor digit may be
// anywhere.
func (t Words) Has(word string) bool {
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
