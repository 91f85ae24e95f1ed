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

// Media are the kinds of a node's storage, in the file's order.
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

		if size := d.Get("size").Int(); size <= 1<<62-media[i].Bytes {
			media[i].Bytes += size
		}
	}
	return media
}

func (m Media) index(kind string) int {
	return slices.IndexFunc(m, func(m Medium) bool { return strings.EqualFold(m.Kind, kind) })
}

// Bytes returns how much there is of a kind, in any case, and whether there is
// any.
func (m Media) Bytes(kind string) (bytes int64, found bool) {
	i := m.index(kind)
	if i < 0 {
		return 0, false
	}
	return m[i].Bytes, true
}
