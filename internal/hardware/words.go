package hardware

import (
	"iter"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Words finds nodes by the words of their texts. Nodes have most of their texts in
// common: each line of them is kept once, with the nodes that have it.
type Words struct {
	text   string   // all lines, each with its newline, in a form without letter case
	ends   []uint32 // of each line in text
	starts []uint32 // where words start in text, by their first two bytes
	ranges []uint32 // the part of starts with each two bytes begins here, and ends where the next begins

	nodes []uint32 // that have a line, line by line
	from  []uint32 // where those of each line begin, and where the last ones end
	count int      // of all nodes
}

// NewWords prepares the texts of nodes, in the order of their indexes: letter case and
// Unicode form do not matter.
func NewWords(nodes iter.Seq[[]string]) *Words {
	w := &Words{from: []uint32{0}, ranges: make([]uint32, 1<<16+1)}
	lines := map[string]uint32{}   // by themselves
	known := map[string][]uint32{} // lines by the text that they are of
	var text strings.Builder
	var has [][2]uint32 // a line, and a node that has it
	for texts := range nodes {
		for _, t := range texts {
			of, ok := known[t]
			if !ok {
				for line := range strings.SplitSeq(foldWords(t), "\n") {
					id, ok := lines[line]
					if !ok {
						id = uint32(len(w.ends))
						lines[line] = id
						text.WriteString(line + "\n")
						w.ends, w.from = append(w.ends, uint32(text.Len())), append(w.from, 0)
					}
					of = append(of, id)
				}
				known[t] = of
			}
			for _, line := range of {
				has = append(has, [2]uint32{line, uint32(w.count)})
				w.from[line+1]++
			}
		}
		w.count++
	}

	w.text = text.String()
	w.ends = slices.Clip(w.ends)
	w.indexNodes(has)
	w.indexStarts()
	return w
}

// indexNodes sorts nodes by the lines that they have. from has how many each line has, one
// place further on.
func (w *Words) indexNodes(has [][2]uint32) {
	w.from = slices.Clip(w.from)
	for i := 1; i < len(w.from); i++ {
		w.from[i] += w.from[i-1]
	}

	w.nodes = make([]uint32, len(has))
	next := slices.Clone(w.from)
	for _, h := range has {
		w.nodes[next[h[0]]] = h[1]
		next[h[0]]++
	}
}

// indexStarts sorts the places where words start by their first two bytes.
func (w *Words) indexStarts() {
	each := func(f func(at int)) {
		inWord := false
		for i, r := range w.text {
			is := isWordRune(r)
			if is && !inWord {
				f(i)
			}
			inWord = is
		}
	}

	each(func(at int) { w.ranges[w.twoBytes(at)+1]++ })
	for i := 1; i < len(w.ranges); i++ {
		w.ranges[i] += w.ranges[i-1]
	}

	w.starts = make([]uint32, w.ranges[len(w.ranges)-1])
	next := slices.Clone(w.ranges)
	each(func(at int) {
		key := w.twoBytes(at)
		w.starts[next[key]] = uint32(at)
		next[key]++
	})
}

// twoBytes are the first two bytes of a word; a newline follows the last one.
func (w *Words) twoBytes(at int) int { return int(w.text[at])<<8 | int(w.text[at+1]) }

func foldWords(text string) string { return strings.ToLower(norm.NFKC.String(text)) }

// SplitWords splits a search into words.
func SplitWords(search string) []string { return strings.Fields(foldWords(search)) }

// isRate reports whether a word is a rate of a network as people write it: 100g. Others,
// such as 80g, are amounts of memory.
func isRate(word string) bool {
	return slices.Contains([]string{"1g", "10g", "20g", "25g", "40g", "50g", "56g", "100g", "200g", "400g", "800g"}, word)
}

// NodeSet is a set of nodes, by their indexes.
type NodeSet []uint64

// Has reports whether a node is in the set.
func (s NodeSet) Has(node int) bool { return s[node>>6]>>(node&63)&1 != 0 }

// Find returns the nodes that have all of some words of [SplitWords].
func (w *Words) Find(words []string) NodeSet {
	all := w.find(words[0])
	for _, word := range words[1:] {
		for i, some := range w.find(word) {
			all[i] &= some
		}
	}
	return all
}

// find returns the nodes one of whose texts has a word, or one that starts with it: a100
// is in "[A100 PCIe]", but not in GA100GL. A word that starts with neither letter nor digit
// may be anywhere. A rate of a network is a line of its own: 100g is not in the name of an
// adapter that could do it, nor in that of a GPU.
func (w *Words) find(word string) NodeSet {
	found := make(NodeSet, (w.count+63)/64)
	for line := range w.lines(word) {
		for _, node := range w.nodes[w.from[line]:w.from[line+1]] {
			found[node>>6] |= 1 << (node & 63)
		}
	}
	return found
}

// lines yields the lines that have a word, some of them twice.
func (w *Words) lines(word string) iter.Seq[int] {
	return func(yield func(line int) bool) {
		lineAt := func(at int) int {
			return sort.Search(len(w.ends), func(i int) bool { return int(w.ends[i]) > at })
		}

		if first, _ := utf8.DecodeRuneInString(word); !isWordRune(first) {
			for at := 0; at < len(w.text); {
				next := strings.Index(w.text[at:], word)
				if next < 0 {
					return
				}
				line := lineAt(at + next)
				if !yield(line) {
					return
				}
				at = int(w.ends[line])
			}
			return
		}

		// A word of one byte has a range for each byte that may follow.
		key, size := int(word[0])<<8, 1<<8
		if len(word) > 1 {
			key, size = key|int(word[1]), 1
		}

		rate := isRate(word)
		for _, at := range w.starts[w.ranges[key]:w.ranges[key+size]] {
			from := int(at)
			if !strings.HasPrefix(w.text[from:], word) {
				continue
			}
			if to := from + len(word); rate && (w.text[to] != '\n' || from > 0 && w.text[from-1] != '\n') {
				continue
			}
			if !yield(lineAt(from)) {
				return
			}
		}
	}
}

// hasWord reports whether a text has a word, or one that starts with it.
func hasWord(text, word string) bool {
	for from := 0; ; from++ {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		from += i
		if before, _ := utf8.DecodeLastRuneInString(text[:from]); !isWordRune(before) {
			return true
		}
	}
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }
