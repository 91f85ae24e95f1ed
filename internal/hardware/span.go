package hardware

import (
	"math"
	"strings"
)

// Span is a range of numbers, both ends included.
type Span struct{ Least, Most int64 }

// Contains reports whether a number is in the range.
func (s Span) Contains(n int64) bool { return s.Least <= n && n <= s.Most }

// ParseSpan reads a range: `64..128`, `64..` or `..128`, or one number. Numbers may have
// units (`128GiB..`). One with a unit stands for all that are displayed like it: nobody
// knows how many bytes a disk of 480 GB has. A range without a start leaves out 0 where
// that means that the number is not known.
func (p *Property) ParseSpan(text string) (s Span, ok bool) {
	if text == IsUnstated && !p.Zero {
		return Span{}, true
	}

	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		n, bare, ok := p.Kind.parse(text)
		if !ok || bare {
			return Span{n, n}, ok
		}
		return p.Kind.like(n, text), true
	}

	s = Span{1, math.MaxInt64}
	if p.Zero {
		s.Least = 0
	}

	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	if from != "" {
		if s.Least, _, ok = p.Kind.parse(from); !ok {
			return s, false
		}
	}
	if to != "" {
		if s.Most, _, ok = p.Kind.parse(to); !ok {
			return s, false
		}
	}

	return s, (from != "" || to != "") && s.Least <= s.Most
}

// like returns the numbers that a number with a unit stands for. That of memory in powers
// of 1000 may stand for one in powers of 1024: an A100 with 80GB has 80 GiB.
func (k PropertyKind) like(n int64, text string) Span {
	s := k.displayed(n)
	if k != KindBinaryBytes {
		return s
	}

	lower := strings.ToLower(strings.TrimSpace(text))
	if start, ok := strings.CutSuffix(lower, "b"); ok && !strings.HasSuffix(start, "i") {
		if n, _, ok := k.parse(start + "ib"); ok {
			s.Most = max(s.Most, k.displayed(n).Most)
		}
	}
	return s
}

// displayed returns the numbers around n that are displayed like it.
func (k PropertyKind) displayed(n int64) Span {
	text := k.Unit(n)
	// edge returns the last number in a direction that is displayed so, by halving the
	// step: beyond it, none is.
	edge := func(direction int64) int64 {
		at := n
		for step := n/100 + 1; step > 0; step /= 2 {
			for next := at + direction*step; next > 0 && next > at == (direction > 0) && k.Unit(next) == text; next += direction * step {
				at = next
			}
		}
		return at
	}
	return Span{edge(-1), edge(+1)}
}
