package hardware

import (
	"math"
	"testing"
)

func TestSpans(t *testing.T) {
	t.Parallel()
	const all = math.MaxInt64
	table := Properties()
	for _, test := range []struct {
		property, text string
		want           Span
	}{
		{"ram", "128GiB..", Span{128 << 30, all}},
		{"ram", "..128 gib", Span{1, 128 << 30}},
		{"ram", "0..64G", Span{0, 64 << 30}},
		{"ram", "1.5TiB..2TiB", Span{1536 << 30, 2 << 40}},
		{"ram", "100GB..", Span{100e9, all}},
		{"ram", " 64GiB .. 128GiB ", Span{64 << 30, 128 << 30}},
		{"ram", "137438953472", Span{137438953472, 137438953472}},
		{"gpu_memory", "unstated", Span{}},
		{"storage", "1TB..", Span{1e12, all}},
		{"storage", "1TiB..", Span{1 << 40, all}},
		{"storage", "480GB", Span{479_500_000_000, 480_500_000_000}},
		{"clock", "2.6GHz", Span{2_595_000_000, 2_605_000_000}},
		{"network", "100G..", Span{100e9, all}},
		{"network", "25Gbps..100Gbit/s", Span{25e9, 100e9}},
		{"gpus", "..2", Span{0, 2}},
		{"threads", "..2", Span{1, 2}},
		{"threads", "64..64", Span{64, 64}},
		{"ram", "9223372036854775807", Span{all, all}},
	} {
		p := &table[table.Index(test.property)]
		if got, ok := p.ParseSpan(test.text); !ok || got != test.want {
			t.Errorf("%s=%s: %v, %v", test.property, test.text, got, ok)
		}
	}

	memory := &table[table.Index("gpu_memory")]
	for _, test := range []struct {
		text string
		n    int64
		want bool
	}{
		{"80GB", 80e9, true}, {"80GB", 80 << 30, true}, {"80gb", 85e9, true}, {"80GB", 94 << 30, false},
		{"80GiB", 80 << 30, true}, {"80GiB", 80e9, false}, {"80G", 80e9, false},
	} {
		if s, ok := memory.ParseSpan(test.text); !ok || s.Contains(test.n) != test.want {
			t.Errorf("%s is %v, of which %d is one: %v", test.text, s, test.n, !test.want)
		}
	}

	for property, texts := range map[string][]string{
		"ram":  {"", "..", "x", "GiB", "-1", "1..x", "2..1", "1GHz", "1e9", "1.2.3GB", "9999999999EiB", "1..2..3", "+1GB"},
		"gpus": {"2GB", "1.5", "two", "unstated"},
	} {
		p := &table[table.Index(property)]
		for _, text := range texts {
			if got, ok := p.ParseSpan(text); ok {
				t.Errorf("%s=%s is read as %v", property, text, got)
			}
		}
	}
}

// What a page shows finds what it is shown of.
func FuzzSpans(f *testing.F) {
	f.Add(int64(137438953472), "64GiB..1T")
	f.Add(int64(math.MaxInt64), "..")
	f.Fuzz(func(t *testing.T, n int64, text string) {
		table := Properties()
		for i := range table {
			p := &table[i]
			if p.Range == "" {
				continue
			}
			if s, ok := p.ParseSpan(text); ok && (s.Least < 0 || s.Least > s.Most) {
				t.Errorf("%s=%s: %v", p.Range, text, s)
			}
			if shown := p.Kind.Unit(n); n > 0 {
				if s, ok := p.ParseSpan(shown); !ok || !s.Contains(n) {
					t.Errorf("%s=%s: %v, %v without %d", p.Range, shown, s, ok, n)
				}
			}
		}
	})
}
