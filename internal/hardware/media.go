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

// ReadMedia sums a node's storage devices by kind, whatever its case.
func ReadMedia(file Value) (media Media) {
	for _, d := range file.Get("storage_devices").Elements {
		kind := d.Get("media_type").String()
		i := slices.IndexFunc(media, func(m Medium) bool { return strings.EqualFold(m.Kind, kind) })
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

// Kinds returns the names of the kinds.
func (m Media) Kinds() (kinds []string) {
	for _, medium := range m {
		if medium.Kind != "" {
			kinds = append(kinds, medium.Kind)
		}
	}
	return kinds
}

// Bytes returns how much there is of a kind, in any case, and whether there is
// any.
func (m Media) Bytes(kind string) (bytes int64, found bool) {
	i := slices.IndexFunc(m, func(m Medium) bool { return strings.EqualFold(m.Kind, kind) })
	if i < 0 {
		return 0, false
	}
	return m[i].Bytes, true
}
