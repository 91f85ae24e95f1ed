package hardware

import (
	"slices"
	"strings"
)

// Medium is a node's storage of one kind.
type Medium struct {
	Kind  string // media_type
	Bytes int64
}

// Media has a node's storage by kind, in the file's order.
type Media []Medium

// readMedia sums a node's storage devices by kind, whatever its case.
func readMedia(file Value) (media Media) {
	for _, d := range file.At("/storage_devices/*") {
		kind := d.Get("media_type").String()
		i := media.index(kind)
		if i < 0 {
			i = len(media)
			media = append(media, Medium{Kind: kind})
		}

		// A size that would overflow the sum is left out.
		if size := d.Get("size").Int(); size <= 1<<62-media[i].Bytes {
			media[i].Bytes += size
		}
	}
	return media
}

func (m Media) index(kind string) int {
	return slices.IndexFunc(m, func(m Medium) bool { return strings.EqualFold(m.Kind, kind) })
}

// Bytes returns the size of a kind of storage, in any letter case, and whether the
// node has that kind.
func (m Media) Bytes(kind string) (bytes int64, found bool) {
	i := m.index(kind)
	if i < 0 {
		return 0, false
	}
	return m[i].Bytes, true
}
