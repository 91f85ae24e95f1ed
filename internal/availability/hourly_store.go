package availability

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/durable"
)

// A file of hourly counts starts like one of last-known data. A line of JSON about the site
// follows, then one for each type.
const (
	hoursMagic  = "refapi-hourly"
	hoursSuffix = ".hours"
)

// hoursLine is the second line.
type hoursLine struct {
	Site  string    `json:"site"`
	First time.Time `json:"first"`
	Hours int       `json:"hours"`
	Types int       `json:"types"` // how many lines follow
}

// typeLine is the line of a type.
type typeLine struct {
	Type string `json:"type"`
	// Counts has for each hour the nodes that were free, and all; -1 if nobody counted.
	Counts []int32 `json:"counts"`
}

func (s *Store) hoursPath(site string) string {
	return strings.TrimSuffix(s.path(site), storeSuffix) + hoursSuffix
}

// saveHours replaces a site's file of hourly counts.
func (s *Store) saveHours(site string, of *siteHours) error {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	lines := []any{hoursLine{site, of.first.Std(), of.hours, len(of.types)}}
	for _, name := range slices.Sorted(maps.Keys(of.types)) {
		line := typeLine{Type: name}
		for _, c := range of.types[name] {
			line.Counts = append(line.Counts, c.Free, c.All)
		}
		lines = append(lines, line)
	}

	var err error
	for _, line := range lines {
		err = errors.Join(err, enc.Encode(line))
	}
	if err == nil {
		err = s.fsys.MkdirAll(s.dir, 0o700)
	}
	if err == nil {
		err = durable.WriteFile(s.fsys, s.hoursPath(site), 0o600, func(f durable.File) error {
			sum := sha256.Sum256(body.Bytes())
			_, err := io.WriteString(f, fmt.Sprintf("%s %s %x\n", hoursMagic, storeVersion, sum)+body.String())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("store hourly counts of site %q: %w", site, err)
	}
	return nil
}

// loadHours reads a site's file of hourly counts; nil without an error where there is
// none. An invalid file is renamed for inspection, as by [Store.Load].
func (s *Store) loadHours(site string) (*siteHours, error) {
	file := s.hoursPath(site)
	hours, err := s.readHours(file, site)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, s.setAside(file, fmt.Errorf("read hourly counts of site %q: %w", site, err))
	}
	return hours, nil
}

func (s *Store) readHours(file, site string) (*siteHours, error) {
	src, err := s.readFile(file)
	if err != nil {
		return nil, err
	}
	body, err := splitHeader(src, hoursMagic)
	if err != nil {
		return nil, err
	}

	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	var head hoursLine
	if err := dec.Decode(&head); err != nil {
		return nil, corruptf("line 2: %w", err)
	}

	of := &siteHours{first: At(head.First), hours: head.Hours, types: map[string][]HourCount{}}
	if head.Site != site || of.first%hourLength != 0 || head.Hours < 0 || head.Hours > keptHours {
		return nil, corruptf("line 2: not %d hours of site %q", head.Hours, head.Site)
	}

	for range head.Types {
		var line typeLine
		if err := dec.Decode(&line); err != nil || len(line.Counts) != 2*head.Hours || of.types[line.Type] != nil {
			return nil, corruptf("line %d: not %d counts of a type: %w", len(of.types)+3, head.Hours, err)
		}

		counts := make([]HourCount, head.Hours)
		for i := range counts {
			counts[i] = HourCount{line.Counts[2*i], line.Counts[2*i+1]}
			if c := counts[i]; c != notCounted && (c.Free < 0 || c.All < c.Free) {
				return nil, corruptf("line %d: %d of %d", len(of.types)+3, c.Free, c.All)
			}
		}
		of.types[line.Type] = counts
	}
	return of, nil
}
